import { execFile, spawnSync } from 'node:child_process';
import { toolPath } from '../../__tests__/helpers/tool-path.ts';
import { mapLimit } from '../../src/model/concurrency.ts';

const AT_ONCE = 3;

export type Verdict = { readonly command: string; readonly accepted: boolean; readonly said: string };

/** Whether this machine has a cosign that reads Sigstore bundles; `npm test` installs one, the demo does without. */
export function hasCosign(): boolean {
  try {
    const { stdout } = spawnSync(toolPath('cosign'), ['sign', '--help'], { encoding: 'utf8' });
    return stdout.includes('--signing-config');
  } catch {
    return false;
  }
}

/**
 * Runs each command as somebody would who pastes it into a shell, in the folder that holds the trusted root. Nothing of this
 * machine's cosign or of its logins takes part.
 */
export async function judge(commands: readonly string[], folder: string): Promise<readonly Verdict[]> {
  const env = { PATH: process.env.PATH, HOME: folder, DOCKER_CONFIG: folder };
  return mapLimit(
    commands,
    AT_ONCE,
    (command) =>
      new Promise<Verdict>((done) => {
        execFile('sh', ['-c', command], { cwd: folder, env, maxBuffer: 2 ** 26 }, (error, _, stderr) => {
          const said = stderr.trim().split('\n').at(-1) ?? '';
          done({ command, accepted: error === null, said });
        });
      }),
  );
}
