import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A checkout in a temporary folder with one commit of a fixed date, and tags on it. */
export type GitRepository = {
  readonly folder: string;
  readonly sha: string;
  /** Commits what has changed since, one minute later, and returns the new commit. */
  commit(files: Readonly<Record<string, string>>): string;
  tag(name: string): void;
};

export const COMMIT_EPOCH = 1_760_000_000;

function git(folder: string, args: readonly string[], epoch: number): string {
  const date = `${epoch} +0000`;
  return execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH ?? '',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
      GIT_AUTHOR_NAME: 'Test',
      GIT_AUTHOR_EMAIL: 'test@example.invalid',
      GIT_COMMITTER_NAME: 'Test',
      GIT_COMMITTER_EMAIL: 'test@example.invalid',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
    },
  }).trim();
}

export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** `copyFrom` is a folder whose files come first; `files` are written over them. */
export function aRepository(options: {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly copyFrom?: string;
  readonly tags?: readonly string[];
}): GitRepository {
  const folder = mkdtempSync(join(tmpdir(), 'mr-checkout-'));
  if (options.copyFrom !== undefined) cpSync(options.copyFrom, folder, { recursive: true });
  writeFiles(folder, options.files ?? {});
  let epoch = COMMIT_EPOCH;
  git(folder, ['init', '--quiet', '--initial-branch', 'main'], epoch);
  git(folder, ['add', '--all', '--force'], epoch);
  git(folder, ['commit', '--quiet', '--allow-empty', '--message', 'feat: first'], epoch);
  for (const tag of options.tags ?? []) git(folder, ['tag', tag], epoch);
  return {
    folder,
    sha: git(folder, ['rev-parse', 'HEAD'], epoch),
    commit(files) {
      epoch += 60;
      writeFiles(folder, files);
      git(folder, ['add', '--all', '--force'], epoch);
      git(folder, ['commit', '--quiet', '--allow-empty', '--message', 'feat: next'], epoch);
      return git(folder, ['rev-parse', 'HEAD'], epoch);
    },
    tag(name) {
      git(folder, ['tag', name], epoch);
    },
  };
}
