import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { incompressible } from '../../bench/support/made-up-files.ts';
import { createFiles } from '../../src/adapters/files/local.ts';
import { toReleaseError } from '../../src/model/errors.ts';
import { type BuildBench, buildBench } from '../helpers/build-bench.ts';

let bench: BuildBench;
let disk: string;

/** A disk of so many MiB of its own. Needs root. */
function mount(mebibytes: number): void {
  disk = join(bench.root, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', disk]);
}

beforeEach(async () => {
  bench = await buildBench();
});
afterEach(async () => {
  execFileSync('umount', ['--lazy', disk]);
  await bench.dispose();
});

const MIB = 2 ** 20;
const image = (file: string) => ({
  context: '.',
  'dockerfile-inline': `FROM scratch\nCOPY ${file} /\n`,
});

describe('a disk that gets full', () => {
  it('is what the error says, when the export fills it', async () => {
    mount(8);
    await bench.write({ large: incompressible('large', 12 * MIB) });
    const store = { root: join(disk, 'stage') };
    await expect(bench.build({ target: { app: image('large') } }, { store })).rejects.toMatchObject({
      code: 'DISK_LOW',
      message: expect.stringMatching(/^the build of app failed.*no space left on device/),
      hint: expect.stringMatching(/Free space/),
    });
  });

  it('is what the error says, when we fill it', async () => {
    mount(1);
    const files = createFiles({ save: () => undefined });
    const error = await files.write(join(disk, 'a'), Buffer.alloc(2 * MIB)).catch(toReleaseError);
    expect(error).toMatchObject({
      code: 'DISK_LOW',
      message: expect.stringMatching(/^no space is left on the disk: ENOSPC/),
    });
  });

  it('is enough for the layers plain and one of them gzipped', async () => {
    // Three layers of 6 MiB: 18 MiB plain, 18 MiB gzipped. No image shares one: BuildKit sends what is shared once for each of
    // them when it exports them at the same time, and whether it does is chance.
    mount(26);
    await bench.write(
      Object.fromEntries(['one', 'two', 'three'].map((name) => [name, incompressible(name, 6 * MIB)])),
    );
    const store = { root: join(disk, 'stage') };
    const target = { one: image('one'), two: image('two'), three: image('three') };
    const built = await bench.build({ target }, { store });
    expect(built.map(({ planned }) => planned.name)).toEqual(['one', 'two', 'three']);
    expect(readdirSync(store.root)).not.toContain('raw');
  });
});
