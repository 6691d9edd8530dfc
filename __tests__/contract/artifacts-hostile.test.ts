import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ArtifactsBench, artifactsBench, filesOf } from '../helpers/artifacts-bench.ts';
import { type ZipPart, zip } from '../helpers/zip.ts';

let bench: ArtifactsBench;

beforeEach(async () => {
  bench = await artifactsBench({ tellsDigests: false });
});
afterEach(() => bench.dispose());

/** What a job gets whose artifact has these bytes, whoever put them there. */
async function download(bytes: Uint8Array) {
  const job = bench.job();
  await job.upload('handoff', bench.folder('up', { text: 'text' }));
  for (const stored of bench.results.artifacts) bench.results.plant(stored, bytes);
  const [artifact] = await job.list('handoff');
  await job.download(artifact!, join(bench.root, 'deep/down'));
  return filesOf(join(bench.root, 'deep/down'));
}

const MANY = Array.from({ length: 20_001 }, (_, i) => ({ path: `${i}` }));

describe('the archive of an artifact', () => {
  it('is unpacked when it is an honest one of another writer', async () => {
    const parts = [{ path: 'a/' }, { path: 'a/b', data: 'ab', mode: 0o100644 }, { path: 'c', data: '' }];
    expect(await download(zip(parts))).toEqual({ 'a/b': 'ab', c: '' });
  });

  it.each<[string, readonly ZipPart[], RegExp]>([
    ['goes up', [{ path: '../evil', data: 'x' }], /leads out of its folder.*"\.\.\/evil"/],
    ['goes up on its way', [{ path: 'a/../../evil', data: 'x' }], /leads out of its folder/],
    ['begins at the root', [{ path: '/tmp/evil', data: 'x' }], /leads out of its folder/],
    ['goes up as another system does', [{ path: '..\\evil', data: 'x' }], /leads out of its folder/],
    ['names a drive', [{ path: 'C:evil', data: 'x' }], /leads out of its folder/],
    ['is the folder itself', [{ path: './', data: '' }], /leads out of its folder/],
    ['has no name', [{ path: '', data: 'x' }], /leads out of its folder/],
    ['has a name with an end in it', [{ path: 'a\0b', data: 'x' }], /leads out of its folder/],
    ['has a command in its name', [{ path: 'a\n::error::b', data: 'x' }], /leads out of its folder/],
    ['is a link', [{ path: 'a', data: '/etc', mode: 0o120777 }], /neither a file nor a folder: a/],
    [
      'is a link that the next one goes through',
      [
        { path: 'a', data: '..', mode: 0o120777 },
        { path: 'a/evil', data: 'x' },
      ],
      /neither a file nor a folder: a/,
    ],
    ['is a device', [{ path: 'a', mode: 0o060666 }], /neither a file nor a folder: a/],
    ['is compressed', [{ path: 'a', data: 'x'.repeat(1000), deflate: true }], /compressed or encrypted: a/],
    [
      'has the name of another',
      [
        { path: 'a', data: '1' },
        { path: 'a', data: '2' },
      ],
      /two entries with one name/,
    ],
    [
      'is a file and a folder',
      [
        { path: 'a', data: '1' },
        { path: 'a/', data: '' },
      ],
      /two entries with one name/,
    ],
    [
      'lies in a file',
      [
        { path: 'a', data: '1' },
        { path: 'a/b', data: '2' },
      ],
      /cannot be used: .*(?:EEXIST|ENOTDIR)/,
    ],
    [
      'has a name that no disk takes',
      [{ path: 'a'.repeat(300), data: '1' }],
      /cannot be used: .*ENAMETOOLONG/,
    ],
    ['has other bytes than were put in', [{ path: 'a', data: '1', crc: 1 }], /an entry is damaged: a/],
    [
      'is longer than the archive',
      [{ path: 'a', data: '1', size: 5000 }],
      /unpacks to 5000 bytes, more than/,
    ],
    [
      'is there again and again',
      [
        { path: 'a', data: 'x'.repeat(5000) },
        { path: 'b', data: 'x'.repeat(5000), sameAs: 0 },
        { path: 'c', data: 'x'.repeat(5000), sameAs: 0 },
      ],
      /unpacks to 15000 bytes, more than/,
    ],
    ['is one of too many', MANY, /20001 entries, more than 20000/],
  ])('is refused when an entry %s: nothing is written', async (_name, parts, message) => {
    await expect(download(zip(parts))).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('Re-run the job that uploaded it'),
    });
    expect(filesOf(bench.root)).toEqual({ 'up/text': 'text' });
    expect(readdirSync(join(bench.root, 'deep'))).toEqual([]);
  });

  const whole = zip([{ path: 'a', data: 'a'.repeat(100) }]);
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['no archive', Buffer.from('<html>not here</html>')],
    ['the begin of one', whole.subarray(0, whole.length - 30)],
    ['the end of one', whole.subarray(80)],
    ['one whose end says of itself that it is elsewhere', Buffer.concat([whole, Buffer.from('x')])],
  ])('is refused when it is %s', async (_name, bytes) => {
    await expect(download(bytes)).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' });
    expect(filesOf(bench.root)).toEqual({ 'up/text': 'text' });
  });

  it('is refused, and nothing else happens, whatever byte of it is another', async () => {
    const parts = zip([
      { path: 'one', data: 'the first' },
      { path: 'two/three', data: 'the second' },
    ]);
    const job = bench.job();
    await job.upload('handoff', bench.folder('up', { text: 'text' }));
    const [artifact] = await job.list('handoff');
    const [stored] = bench.results.artifacts;
    for (let at = 0; at < parts.length; at += 3) {
      const bytes = Buffer.from(parts);
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      bench.results.plant(stored!, bytes);
      const down = join(bench.root, 'deep', String(at));
      const outcome = await job.download(artifact!, down).then(
        () => 'taken',
        (error: { code?: string }) => error.code,
      );
      // Times, versions and the first copy of a name say nothing.
      expect(['taken', 'ARTIFACT_INVALID']).toContain(outcome);
      if (outcome === 'taken') expect(Object.values(filesOf(down))).toEqual(['the first', 'the second']);
    }
    expect(readdirSync(bench.root).sort()).toEqual(['deep', 'up']);
  });
});
