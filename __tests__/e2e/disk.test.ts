import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contentOf, contextOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { craneFiles } from './helpers/judges.ts';

let bench: E2eBench;
let temp: string;

/** A runner whose temporary folder is on a disk of so many MiB. Needs root. */
function mount(mebibytes: number): void {
  temp = join(bench.root, 'small');
  mkdirSync(temp);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', temp]);
}

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(async () => {
  execFileSync('umount', ['--lazy', temp]);
  await bench.dispose();
});

describe('a release on a small disk', () => {
  it('is refused before the build where there is too little, with both numbers and what helps', async () => {
    mount(200);
    const run = await bench.run(bench.checkout(contextOf({ 'etc/motd': 'hello\n' })), {}, { temp });
    expect(run.outputs['error-code']).toBe('DISK_LOW');
    expect(annotationsOf(run.log)[0]?.text).toMatch(
      /has 0\.2 GiB free, and this release wants about 1\.0 GiB for its staging store\nFree space on the runner/,
    );
    expect(run.log).not.toContain('COPY rootfs/');
    expect(contentOf(bench.registry)).toEqual({});
  });

  it('gives up the layers that are pushed, and goes on with what is left', async () => {
    mount(1500);
    const run = await bench.run(bench.checkout(contextOf({ 'etc/motd': 'hello\n' })), {}, { temp });
    expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
    expect(run.log).toMatch(
      /Only 1\.\d GiB were free: 1 pushed layer was removed from the staging store \(0\.\d kB\); 1\.\d GiB are free now\./,
    );
    const [image] = JSON.parse(run.outputs.images ?? '[]');
    expect((await craneFiles(image.ref, 'linux/amd64')).get('etc/motd')?.toString()).toBe('hello\n');
  });
});
