import { ReleaseError } from '../../model/errors.ts';
import type { CommandResult } from '../../ports/exec.ts';
import { dockerError } from './docker-error.ts';
import type { Failure } from './progress.ts';

/** How a known trouble shows in what a step or bake said, and what to do about it. */
const CAUSES: readonly { readonly sign: RegExp; readonly hint: string }[] = [
  {
    sign: /exec format error|no match for platform|does not match the specified platform/i,
    hint: 'A program of another platform was run and no emulator is there: set up QEMU before this step (docker/setup-qemu-action), or name a `builder` with a node of that platform.',
  },
  {
    sign: /exit code: 139|signal: segmentation fault|SIGSEGV|qemu: uncaught target signal/i,
    hint: 'Exit code 139 is a crash; under QEMU mostly one of the emulator: update docker/setup-qemu-action, build that platform on a node of its own, or cross-compile.',
  },
  {
    sign: /exit code: 137|out of memory|cannot allocate memory/i,
    hint: 'Exit code 137 is mostly the kernel ending a step for want of memory: use a larger runner, or build fewer targets at once.',
  },
  {
    sign: /granting access to build to the paths|additional privileges requested|--allow /i,
    hint: 'The bake file reaches outside of the checkout. Keep contexts and files inside it, and give secrets by the inputs `secrets` and `secret-files`.',
  },
  {
    sign: /failed to resolve source metadata|pull access denied|toomanyrequests|429 Too Many Requests/i,
    hint: 'A base image could not be read: check its name, log in to its registry before this step, or use a mirror.',
  },
  {
    sign: /(?:OCI|docker) exporter is not supported|cache export (?:feature )?is (?:not|currently not) supported/i,
    hint: 'The builder cannot do this: leave `builder` out so that a docker-container builder is created, or turn on the containerd image store.',
  },
];

/** DISK_LOW, TOOL_MISSING or BUILD_FAILED, with the target named and its last lines as the cause. */
export function buildError(failure: Failure, result: CommandResult): ReleaseError {
  const text = [failure.error, ...failure.output, ...failure.said].join('\n');
  const about = dockerError(text);
  if (about !== undefined) return about;
  const where = failure.target === undefined ? 'the build failed' : `the build of ${failure.target} failed`;
  const at = failure.step === undefined ? '' : ` at ${failure.step}`;
  const error = oneLine(failure.error);
  const cause = new Error([...failure.output, ...failure.said].join('\n') || `exit code ${result.exitCode}`);
  if (/no space left on device|ENOSPC/i.test(text))
    return new ReleaseError('DISK_LOW', `${where}${at}: no space left on device`, { cause });
  const hint = CAUSES.find(({ sign }) => sign.test(text))?.hint;
  return new ReleaseError('BUILD_FAILED', `${where}${at}: ${error}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

const LIMIT = 500;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= LIMIT ? line : `${line.slice(0, LIMIT)}…`;
}
