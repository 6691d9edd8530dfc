import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { formatHandoff } from '../../../../src/steps/handoff/document.ts';
import { readHandoffs } from '../../../../src/steps/handoff/read.ts';
import { aHandoff, anArmHandoff } from '../../../helpers/a-handoff.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const AMD = formatHandoff(aHandoff());
const ARM = formatHandoff(anArmHandoff());

describe('handoffs are found', () => {
  const files = memoryFiles({
    '/w/one/handoff.json': AMD,
    '/w/all/amd/handoff.json': AMD,
    '/w/all/arm/x/y/handoff.json': ARM,
    '/w/deep/1/2/3/4/handoff.json': ARM,
    '/w/one/reports/handoff.json': ARM,
    '/w/empty/other.json': '{}',
  });

  it.each([
    ['by the file', ['/w/one/handoff.json'], ['/w/one']],
    ['by the folder, whose own folders are not looked at', ['/w/one'], ['/w/one']],
    ['up to three levels below', ['/w/all'], ['/w/all/amd', '/w/all/arm/x/y']],
    [
      'each once',
      ['/w/one', '/w/one/handoff.json', '/w/all/amd', '/w/all'],
      ['/w/one', '/w/all/amd', '/w/all/arm/x/y'],
    ],
  ])('%s', async (_, paths, folders) => {
    const found = await readHandoffs(paths, { files });
    expect(found.map(({ folder }) => folder)).toEqual(folders);
  });

  it('with their bytes and digest', async () => {
    const [found] = await readHandoffs(['/w/one'], { files });
    expect(found).toMatchObject({ handoff: aHandoff(), digest: digestOf(AMD) });
    expect(Buffer.from(found!.bytes).toString()).toBe(AMD);
  });

  it.each(['/w/nowhere', '/w/empty', '/w/deep', '/w/nowhere/handoff.json'])('and not at %s', async (path) => {
    await expect(readHandoffs(['/w/one', path], { files })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `input \`handoff\`: there is no handoff at ${path}`,
    });
  });
});

describe('a file that is none', () => {
  it.each([
    ['too large', new Uint8Array(16 * 1024 * 1024 + 1), 'it has 16777217 bytes, more than 16777216'],
    ['not UTF-8', new Uint8Array([0xff, 0xfe]), 'it is not UTF-8'],
    ['with a byte order mark', new TextEncoder().encode(`\uFEFF${AMD}`), 'it is not JSON'],
    ['cut off', new TextEncoder().encode(AMD.slice(0, -20)), 'it is not JSON'],
  ])('%s', async (_, bytes, why) => {
    const files = memoryFiles({ '/w/handoff.json': bytes });
    await expect(readHandoffs(['/w'], { files })).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
      message: `the handoff /w/handoff.json is not whole: ${why}`,
    });
  });

  it('is told of together with the others', async () => {
    const files = memoryFiles({
      '/w/a/handoff.json': '',
      '/w/b/handoff.json': AMD,
      '/w/c/handoff.json': '[]',
    });
    await expect(readHandoffs(['/w'], { files })).rejects.toMatchObject({
      problems: [
        { message: expect.stringContaining('/w/a/handoff.json') },
        { message: expect.stringContaining('/w/c/handoff.json') },
      ],
    });
  });

  it('is a folder of that name', async () => {
    const files = memoryFiles({ '/w/handoff.json/x': '' });
    await expect(readHandoffs(['/w'], { files })).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
      message: 'the handoff /w/handoff.json is not whole: it is no file',
    });
  });
});
