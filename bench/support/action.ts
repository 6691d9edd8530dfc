import { rmSync } from 'node:fs';
import type { GitRepository } from '../../__tests__/helpers/git-repository.ts';
import { type ActionRun, type RunOptions, runAction } from '../../__tests__/helpers/run-action.ts';

/** The tag that every measured release releases. */
export const TAG = 'v1.2.3';

type RunOf = Pick<RunOptions, 'env' | 'temp' | 'withoutPost'>;

export type MeasuredRun = ActionRun & { readonly milliseconds: number };

/**
 * Releases the tag of a checkout as a runner does, main and post step, and measures both together. What it leaves behind
 * is the caller's to remove: `temp`.
 */
export async function release(
  repository: GitRepository,
  inputs: Readonly<Record<string, string>>,
  options: RunOf = {},
): Promise<MeasuredRun> {
  const started = performance.now();
  const run = await runAction({
    workspace: repository.folder,
    sha: repository.sha,
    ref: `refs/tags/${TAG}`,
    inputs: { namespace: 'bench', offline: 'true', ...inputs },
    ...options,
  });
  const milliseconds = performance.now() - started;
  const trouble = troubleOf(run);
  if (trouble === undefined) return { ...run, milliseconds };
  rmSync(run.temp, { recursive: true, force: true });
  throw new Error(trouble);
}

function troubleOf({ exitCode, outputs, log, post }: ActionRun): string | undefined {
  if (exitCode !== 0 || outputs.status !== 'released')
    return `the action ended with ${exitCode}, ${outputs.status}\n${log.slice(-6000)}`;
  if (post !== undefined && post.exitCode !== 0)
    return `the post step ended with ${post.exitCode}\n${post.log}`;
  return undefined;
}

/** A self-hosted runner, whose tool cache is there for the next job: only there is a builder ever warm. */
export function machineThatStays(toolCache: string): Readonly<Record<string, string>> {
  return { RUNNER_ENVIRONMENT: 'self-hosted', RUNNER_TOOL_CACHE: toolCache };
}

/** As `release`, for its time alone; what it leaves behind lies in `temp`. */
export async function timeRelease(
  repository: GitRepository,
  inputs: Readonly<Record<string, string>>,
  options: RunOf & { readonly temp: string },
): Promise<number> {
  const { milliseconds } = await release(repository, inputs, options);
  return milliseconds;
}
