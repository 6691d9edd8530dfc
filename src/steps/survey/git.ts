import { ReleaseError } from '../../model/errors.ts';
import type { Ports } from '../../ports/index.ts';

export type GitFacts = { readonly head?: string; readonly commitEpoch?: number; readonly dirty: boolean };

/**
 * What git says of the checkout: HEAD, its committer date, whether tracked files differ. No answer when the workspace is
 * no git checkout. `safe.directory` is set for this call only: in container jobs the checkout belongs to another user.
 */
export async function readGit(workspace: string, ports: Pick<Ports, 'exec'>): Promise<GitFacts> {
  const git = (...args: readonly string[]) =>
    ports.exec.run({
      file: 'git',
      args: ['-c', `safe.directory=${workspace}`, '-C', workspace, ...args],
      environment: 'minimal',
    });
  const [log, status] = await Promise.all([
    git('log', '-1', '--no-show-signature', '--format=%H %ct', 'HEAD'),
    git('status', '--porcelain', '--untracked-files=no'),
  ]);
  if (log.exitCode !== 0) return { dirty: false };
  const [head, seconds] = log.stdout.trim().split(' ');
  if (head === undefined || !/^[0-9a-f]{40}$/.test(head) || !/^\d+$/.test(seconds ?? '')) {
    throw new ReleaseError('TOOL_FAILED', `git log answered in an unknown form: ${log.stdout.slice(0, 80)}`);
  }
  return { head, commitEpoch: Number(seconds), dirty: status.exitCode === 0 && status.stdout.trim() !== '' };
}
