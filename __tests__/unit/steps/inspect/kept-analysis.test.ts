import { expect, it } from '@jest/globals';
import type { Files } from '../../../../src/ports/files.ts';
import { lendAnalysis } from '../../../../src/steps/inspect/kept-analysis.ts';
import type { ScanCache } from '../../../../src/steps/inspect/run.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const USED = '/run/fanal/fanal.db';
const KEPT_IN = { folder: '/given/module-release', day: '2026-11-22', javaIndex: '' };

type How = { readonly keptIn?: Partial<typeof KEPT_IN>; readonly version?: string };

/** The cache of a run, as the inspector has it; `scan` is what Trivy leaves there. */
async function run(files: Files, scan: string | undefined, { keptIn = {}, version = '0.67.2' }: How = {}) {
  const log = fakeLog();
  await files.remove('/run');
  const cache: ScanCache = {
    folder: '/run',
    javaRepositories: [],
    keepJavaDatabase: false,
    keptIn: { ...KEPT_IN, ...keptIn },
  };
  const trivy = { name: 'trivy', version, path: '/bin/trivy', from: 'PATH' } as const;
  const keep = await lendAnalysis({ cache, trivy }, { files, log });
  const lent = await files.readTextIfExists(USED);
  if (scan !== undefined) await files.write(USED, scan);
  await keep();
  return { lent, log };
}

const keptOf = (files: Files) => files.list(KEPT_IN.folder);

it('gives the next run of the day what the last one has left', async () => {
  const files = memoryFiles();
  expect((await run(files, 'one layer')).lent).toBeUndefined();
  expect((await run(files, 'two layers')).lent).toBe('one layer');
  expect((await run(files, undefined)).lent).toBe('two layers');
  expect(await keptOf(files)).toHaveLength(1);
});

it.each<[string, How]>([
  ['on another day', { keptIn: { day: '2026-11-23' } }],
  ['by another Trivy', { version: '0.69.3' }],
  ['with another index of Java packages', { keptIn: { javaIndex: '{"UpdatedAt":"2026-11-22"}' } }],
])('gives nothing %s', async (_, how) => {
  const files = memoryFiles();
  await run(files, 'layers');
  expect((await run(files, undefined, how)).lent).toBeUndefined();
});

it('drops what is of another day as soon as something new is kept', async () => {
  const files = memoryFiles({ '/given/module-release/of-somebody': '' });
  await run(files, 'old');
  await run(files, 'new', { keptIn: { day: '2026-11-23' } });
  const names = await keptOf(files);
  expect(names).toHaveLength(2);
  expect(names).toContain('of-somebody');
  expect(names.some((name) => name.includes('2026-11-23'))).toBe(true);
});

it('gives nothing that is not what its name says, and removes it', async () => {
  const files = memoryFiles();
  await run(files, 'layers');
  const [name = ''] = await keptOf(files);
  await files.write(`${KEPT_IN.folder}/${name}`, 'torn');
  expect((await run(files, undefined)).lent).toBeUndefined();
  expect(await keptOf(files)).toEqual([]);
});

it('keeps nothing large', async () => {
  const files = memoryFiles();
  await run({ ...files, size: async () => 65 * 1024 ** 2 }, 'layers');
  expect(await keptOf(files)).toEqual([]);
});

it('goes on where nothing can be kept', async () => {
  const files = memoryFiles();
  const refuse = async () => {
    throw new Error('EROFS: read-only file system');
  };
  const { log } = await run({ ...files, move: refuse }, 'layers');
  expect(log.lines.join('\n')).toContain('read-only');
});

it('keeps nothing where the user gave no folder', async () => {
  const files = memoryFiles({ [USED]: 'layers' });
  const cache: ScanCache = { folder: '/run', javaRepositories: [], keepJavaDatabase: false };
  const trivy = { name: 'trivy', version: '1', path: '/bin/trivy', from: 'PATH' } as const;
  const keep = await lendAnalysis({ cache, trivy }, { files, log: fakeLog() });
  await keep();
  expect([...files.tree.keys()]).toEqual([USED]);
});
