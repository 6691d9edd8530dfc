import { describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../../../src/model/descriptor.ts';
import { digestOf, hexOf } from '../../../../src/model/digest.ts';
import { blobPath } from '../../../../src/model/image.ts';
import {
  decodeManifest,
  describeBytes,
  type Encoded,
  encodeJson,
  MEDIA,
} from '../../../../src/model/manifest.ts';
import { folderSource } from '../../../../src/steps/build/blob-source.ts';
import { type ImportSpec, importImage } from '../../../../src/steps/build/import-image.ts';
import { AMD64, ARM64 } from '../../../helpers/a-release.ts';
import { type MemoryFiles, memoryFiles } from '../../../helpers/memory-files.ts';

const store = { root: '/stage' };

function put(files: MemoryFiles, { bytes, descriptor }: Encoded): Descriptor {
  files.tree.set(`/from/blobs/sha256/${hexOf(descriptor.digest)}`, bytes);
  return descriptor;
}

const layer = (files: MemoryFiles, text: string, mediaType: string) =>
  put(files, describeBytes(new TextEncoder().encode(text), mediaType));

/** An image with one plain layer; `diffId` is what its config says of it. */
function plain(files: MemoryFiles, text: string, diffId: string = digestOf(text)): Descriptor {
  const layers = [layer(files, text, MEDIA.ociLayer)];
  const config = put(files, encodeJson({ text, rootfs: { diff_ids: [diffId] } }, MEDIA.ociConfig));
  return put(
    files,
    encodeJson({ schemaVersion: 2, config, layers, annotations: { kept: text } }, MEDIA.ociManifest),
  );
}

function take(files: MemoryFiles, top: Descriptor, change: Partial<ImportSpec> = {}): Promise<Descriptor> {
  const spec = { source: folderSource('/from'), store, where: 'oci-layout:/from', partial: false, ...change };
  return importImage(spec, top, { files });
}

async function documentOf(files: MemoryFiles, top: Descriptor) {
  return decodeManifest(await files.read(blobPath(store, top.digest)));
}

describe('taking an image into the store', () => {
  it('makes the index anew where layers were gzipped: platforms and annotations stay, attestations go', async () => {
    const files = memoryFiles();
    const [amd, arm] = [plain(files, 'amd'), plain(files, 'arm')];
    const statement = layer(files, '{}', MEDIA.inToto);
    const config = put(files, encodeJson({ rootfs: { diff_ids: [] } }, MEDIA.ociConfig));
    const attestation = put(
      files,
      encodeJson({ schemaVersion: 2, config, layers: [statement] }, MEDIA.ociManifest),
    );
    const manifests = [
      { ...amd, platform: AMD64, annotations: { a: '1' } },
      { ...arm, platform: ARM64 },
      { ...attestation, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
    ];
    const top = put(
      files,
      encodeJson({ schemaVersion: 2, manifests, annotations: { i: 'x' } }, MEDIA.ociIndex),
    );
    const taken = await take(files, top);
    expect(taken.digest).not.toBe(top.digest);
    const index = await documentOf(files, taken);
    expect(index).toMatchObject({
      kind: 'index',
      annotations: { i: 'x' },
      manifests: [{ platform: AMD64, annotations: { a: '1' } }, { platform: ARM64 }],
    });
    expect(index.kind === 'index' && index.manifests).toHaveLength(2);
    const member = index.kind === 'index' ? await documentOf(files, index.manifests[0]!) : undefined;
    expect(member).toMatchObject({ kind: 'manifest', annotations: { kept: 'amd' } });
  });

  it('never shows a blob half written: an image with the same one may be scanned meanwhile', async () => {
    const files = memoryFiles();
    const written: string[] = [];
    const write: MemoryFiles['write'] = (path, data, mode) => {
      written.push(path);
      return files.write(path, data, mode);
    };
    const top = plain(files, 'same');
    for (let times = 0; times < 2; times += 1) await take({ ...files, write }, top);
    const blobs = [...files.tree.keys()].filter((path) => path.startsWith('/stage/blobs/'));
    expect(blobs).toHaveLength(3);
    expect(written.filter((path) => path.startsWith('/stage/blobs/'))).toEqual([]);
    expect([...files.tree.keys()].filter((path) => /^\/stage\/[^/]*$/.test(path))).toEqual([]);
  });

  it('gzips a layer once for all images that share it', async () => {
    const files = memoryFiles();
    let count = 0;
    const gzip: MemoryFiles['gzip'] = (from, to) => {
      count += 1;
      return files.gzip(from, to);
    };
    const counting: MemoryFiles = { ...files, gzip };
    const gzipped: NonNullable<ImportSpec['gzipped']> = new Map();
    const tops = [plain(files, 'same'), plain(files, 'same'), plain(files, 'other')];
    for (const top of tops) await take(counting, top, { gzipped });
    expect(count).toBe(2);
  });

  it('tries again what has failed for another image', async () => {
    const files = memoryFiles();
    const top = plain(files, 'late');
    const [path, gzipped] = [`/from/blobs/sha256/${hexOf(digestOf('late'))}`, new Map()];
    const bytes = files.tree.get(path)!;
    files.tree.delete(path);
    await expect(take(files, top, { gzipped })).rejects.toThrow(/a layer is missing/);
    files.tree.set(path, bytes);
    expect(await documentOf(files, await take(files, top, { gzipped }))).toMatchObject({ kind: 'manifest' });
  });

  it.each<[string, (files: MemoryFiles) => Descriptor, RegExp]>([
    [
      'the config speaks of another layer',
      (files) => plain(files, 'x', digestOf('y')),
      /the config calls it sha256/,
    ],
    [
      'the config speaks of no layer',
      (files) => plain(files, 'x', 'nonsense'),
      /the config calls it nonsense/,
    ],
    [
      'a layer was changed',
      (files) => {
        const top = plain(files, 'abc');
        files.tree.set(`/from/blobs/sha256/${hexOf(digestOf('abc'))}`, new TextEncoder().encode('abd'));
        return top;
      },
      /a layer is sha256:.* instead of/,
    ],
    [
      'a layer is missing',
      (files) => {
        const top = plain(files, 'abc');
        files.tree.delete(`/from/blobs/sha256/${hexOf(digestOf('abc'))}`);
        return top;
      },
      /a layer is missing/,
    ],
  ])('refuses when %s', async (_, make, message) => {
    const files = memoryFiles();
    const top = make(files);
    await expect(take(files, top)).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('leaves the platforms out that a daemon does not hold; the one that is left needs no index', async () => {
    const files = memoryFiles();
    const here = put(
      files,
      encodeJson(
        {
          schemaVersion: 2,
          config: put(files, encodeJson({}, MEDIA.ociConfig)),
          layers: [layer(files, 'gzipped', MEDIA.ociLayerGzip)],
        },
        MEDIA.ociManifest,
      ),
    );
    const elsewhere = encodeJson({ not: 'pulled' }, MEDIA.ociManifest).descriptor;
    const manifests = [
      { ...elsewhere, platform: ARM64 },
      { ...here, platform: AMD64 },
    ];
    const top = put(files, encodeJson({ schemaVersion: 2, manifests }, MEDIA.ociIndex));
    expect((await take(files, top, { partial: true })).digest).toBe(here.digest);
    await expect(take(files, top)).rejects.toMatchObject({ code: 'SOURCE_INVALID' });
  });
});
