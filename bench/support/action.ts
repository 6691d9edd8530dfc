import { rmSync } from 'node:fs';
import type { GitRepository } from '../../__tests__/helpers/git-repository.ts';
import { type ActionRun, runAction } from '../../__tests__/helpers/run-action.ts';

/** The tag that every measured release releases. */
export const TAG = 'v1.2.3';

export type MeasuredRun = ActionRun & { readonly milliseconds: number };

/**
 * Releases the tag of a checkout as a runner does, main and post step, and measures both together. What it leaves behind
 * is the caller's to remove: `temp`.
 */
export async function release(
  repository: GitRepository,
  inputs: Readonly<Record<string, string>>,
  options: { readonly env?: Readonly<Record<string, string>>; readonly withoutPost?: boolean } = {},
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
  if (run.exitCode !== 0 || run.outputs.status !== 'released')
    throw new Error(`the action ended with ${run.exitCode}, ${run.outputs.status}\n${run.log.slice(-6000)}`);
  if (run.post !== undefined && run.post.exitCode !== 0)
    throw new Error(`the post step ended with ${run.post.exitCode}\n${run.post.log}`);
  return { ...run, milliseconds };
}

/** As `release`, for its time alone. */
export async function timeRelease(...args: Parameters<typeof release>): Promise<number> {
  const { milliseconds, temp } = await release(...args);
  rmSync(temp, { recursive: true, force: true });
  return milliseconds;
}
