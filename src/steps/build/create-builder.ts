import { ReleaseError } from '../../model/errors.ts';
import type { Ports } from '../../ports/index.ts';
import type { Builder } from './builder.ts';
import { dockerError } from './docker-error.ts';

const ATTEMPTS = 3;
const PAUSE_MS = 5000;

/**
 * Makes the builder when it is still to be created. Its name is saved first, so that the post step removes it even when
 * this run is killed. The first start pulls an image: tried again, since mirrors and limits come and go.
 */
export async function ensureBuilder(
  builder: Builder,
  ports: Pick<Ports, 'clock' | 'exec' | 'log' | 'state'>,
): Promise<void> {
  const { create } = builder;
  if (create === undefined) return;
  ports.log.info(`Creating the builder ${builder.name}, because ${create.reason}.`);
  ports.state.save('builder', builder.name);
  await makeBuilder(builder, ports);
}

async function makeBuilder(
  builder: Builder,
  ports: Pick<Ports, 'clock' | 'exec' | 'log'>,
  attempt = 1,
): Promise<void> {
  const { exitCode, stderr } = await ports.exec.run({
    file: 'docker',
    args: createArgs(builder),
    environment: 'full',
  });
  if (exitCode === 0) return;
  const reason = lastError(stderr);
  await removeBuilder(builder.name, ports);
  if (attempt < ATTEMPTS && dockerError(stderr) === undefined) {
    ports.log.info(`The builder did not start (${reason}); trying again.`);
    await ports.clock.sleep(PAUSE_MS * attempt);
    return makeBuilder(builder, ports, attempt + 1);
  }
  throw (
    dockerError(stderr) ??
    new ReleaseError('BUILDER_UNFIT', `a docker-container builder could not be started: ${reason}`, {
      hint: 'Set `builder-image` to a BuildKit image that this runner can pull, or name an existing `builder`.',
      cause: new Error(stderr.trim()),
    })
  );
}

export function createArgs(builder: Builder): readonly string[] {
  const image = builder.create?.image;
  const options = image === undefined ? [] : ['--driver-opt', `image=${image}`];
  return [
    'buildx',
    'create',
    '--name',
    builder.name,
    '--driver',
    'docker-container',
    ...options,
    '--bootstrap',
  ];
}

/** For the post step, and after a start that failed. A builder that is not there is fine. */
export async function removeBuilder(name: string, ports: Pick<Ports, 'exec'>): Promise<void> {
  await ports.exec.run({ file: 'docker', args: ['buildx', 'rm', '--force', name], environment: 'full' });
}

function lastError(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => line.startsWith('ERROR: ')) ?? lines.at(-1) ?? 'no message').replace(
    'ERROR: ',
    '',
  );
}
