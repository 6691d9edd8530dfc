import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { State } from '../../ports/state.ts';

/**
 * Fresh folders under one root of this run, `$RUNNER_TEMP/module-release-<random>`, readable by this user alone. The
 * root's path is saved before it is made, so that the post step finds it whatever happens.
 */
export function createTempFolders(state: Pick<State, 'save'>): (name: string) => Promise<string> {
  let root: Promise<string> | undefined;
  let count = 0;
  return async (name) => {
    root ??= makeRoot(state);
    count += 1;
    const folder = join(await root, count === 1 ? name : `${name}-${count}`);
    await mkdir(folder, { mode: 0o700 });
    return folder;
  };
}

async function makeRoot(state: Pick<State, 'save'>): Promise<string> {
  const base = process.env.RUNNER_TEMP ?? '';
  const root = join(base === '' ? tmpdir() : base, `module-release-${randomBytes(8).toString('hex')}`);
  state.save('temp', root);
  await mkdir(root, { mode: 0o700, recursive: true });
  return root;
}
