import { ReleaseError } from '../../model/errors.ts';
import type { CommandResult } from '../../ports/exec.ts';

/**
 * Checked file access with `--allow fs.…`, attributes as objects (0.20); JSON progress and `tar=false` exports are older.
 * https://github.com/docker/buildx/releases/tag/v0.20.0
 */
export const MINIMUM_BUILDX = { major: 0, minor: 20 } as const;

/** Without the plugin, docker takes `buildx` for an unknown word and answers with its own usage. */
const NO_PLUGIN =
  /is not a docker command|unknown command: docker buildx|Usage:\s+docker \[OPTIONS\] COMMAND/;
const NO_DAEMON =
  /Cannot connect to the Docker daemon|failed to connect to the docker API|permission denied while trying to connect/i;

/** `github.com/docker/buildx v0.29.1 …`, as distributions spell it, too; throws TOOL_MISSING when it is too old or not there. */
export function checkBuildx(result: CommandResult): string {
  const match = /(\d+)\.(\d+)\.(\d+)\S*/.exec(result.stdout);
  if (result.exitCode !== 0 || match === null) throw missingPlugin(result);
  const [version, major, minor] = [match[0], Number(match[1]), Number(match[2])];
  const enough =
    major > MINIMUM_BUILDX.major || (major === MINIMUM_BUILDX.major && minor >= MINIMUM_BUILDX.minor);
  if (enough) return version;
  const wanted = `${MINIMUM_BUILDX.major}.${MINIMUM_BUILDX.minor}`;
  throw new ReleaseError('TOOL_MISSING', `docker buildx ${wanted} or newer is needed, found ${version}`, {
    hint: `Update the docker-buildx plugin to ${wanted} or newer (docker/setup-buildx-action does).`,
  });
}

/** What a failed `docker …` call means when it is about docker itself; undefined when it is about something else. */
export function dockerError(text: string): ReleaseError | undefined {
  if (NO_PLUGIN.test(text)) return missingPlugin({ exitCode: 1, stdout: '', stderr: text });
  if (!NO_DAEMON.test(text)) return undefined;
  const line = text.split('\n').find((each) => NO_DAEMON.test(each)) ?? '';
  return new ReleaseError(
    'TOOL_MISSING',
    `the docker daemon cannot be reached: ${line.replace(/^(?:ERROR|Error): */, '').trim()}`,
    {
      hint: 'Start the docker daemon and allow this user to use its socket, or name a remote `builder`.',
    },
  );
}

function missingPlugin(result: CommandResult): ReleaseError {
  return new ReleaseError('TOOL_MISSING', 'docker has no buildx plugin', {
    hint: `Install docker-buildx ${MINIMUM_BUILDX.major}.${MINIMUM_BUILDX.minor} or newer; hosted runners have it.`,
    cause: new Error(result.stderr.trim()),
  });
}
