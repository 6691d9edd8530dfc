import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { LOW_SPACE } from '../../../../src/model/disk.ts';
import { type BuiltImage, blobPath, layoutPath } from '../../../../src/model/image.ts';
import { type Encoded, encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { takingOf } from '../../../../src/steps/build/take-built.ts';
import { AMD64, aPlannedImage } from '../../../helpers/a-release.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const [raw, store] = [{ root: '/stage/raw' }, { root: '/stage' }];
const app = aPlannedImage('app', { platforms: [AMD64] });

/** An image of one plain layer, as BuildKit sends it. */
function bench(freeBytes = LOW_SPACE) {
  const files = memoryFiles({}, { freeBytes });
  const reads: string[] = [];
  const staged: BuiltImage[] = [];
  const counting = {
    ...files,
    read: (path: string) => {
      reads.push(path);
      return files.read(path);
    },
  };
  const taking = takingOf(
    {
      raw,
      store,
      parts: new Map(),
      annotations: () => [],
      sourceDateEpoch: 0,
      attesting: new Set(),
      staged: (image) => staged.push(image),
    },
    { files: counting },
  );
  const put = ({ bytes, descriptor }: Encoded) => {
    files.tree.set(blobPath(raw, descriptor.digest), bytes);
    return descriptor;
  };
  const send = (text: string) => {
    files.tree.set(blobPath(raw, digestOf(text)), new TextEncoder().encode(text));
    const layer = { mediaType: MEDIA.ociLayer, digest: digestOf(text), size: text.length };
    const config = { os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [digestOf(text)] } };
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA.ociManifest,
      config: put(encodeJson(config, MEDIA.ociConfig)),
      layers: [layer],
    };
    return put(encodeJson(manifest, MEDIA.ociManifest));
  };
  const name = async (top: ReturnType<typeof send>) => {
    // As the layout is: its blobs are those that all images share.
    await files.link('../blobs', `${layoutPath(raw, 'app')}/blobs`);
    await files.write(
      `${layoutPath(raw, 'app')}/index.json`,
      JSON.stringify({ schemaVersion: 2, manifests: [top] }),
    );
  };
  const batch = (top: ReturnType<typeof send>) => ({
    images: new Map([['app', app]]),
    digests: new Map([['app', top.digest]]),
  });
  return { taking, send, name, batch, reads, staged, files };
}

describe('taking what bake wrote', () => {
  it('does not look again at an image that bake reports as what it was', async () => {
    const { taking, send, name, batch, reads, staged } = bench();
    const top = send('layer');
    await name(top);
    const [early] = await taking.take({ ...batch(top), during: 'live' });
    const before = reads.length;
    const [late] = await taking.take(batch(top));
    expect(late).toBe(early);
    expect(staged).toEqual([early]);
    expect(before).toBeGreaterThan(0);
    expect(reads).toHaveLength(before);
  });

  it('frees the plain layers before it goes on where the disk is tight', async () => {
    const { taking, send, name, batch, staged, files } = bench(LOW_SPACE - 1);
    const top = send('layer');
    await name(top);
    const plain = blobPath(raw, digestOf('layer'));
    const [early] = await taking.take({ ...batch(top), during: 'live' });
    expect(files.tree.has(plain)).toBe(true);
    expect(await taking.take(batch(top))).toEqual([early]);
    expect(files.tree.has(plain)).toBe(false);
    expect(staged).toEqual([early]);
  });

  it('takes what was sent and is not named yet', async () => {
    const { taking, send, batch, staged, name } = bench();
    const top = send('layer');
    await name(send('another'));
    await taking.take({ ...batch(top), during: 'live' });
    expect(staged).toHaveLength(1);
  });

  it('takes anew what bake reports as something else in the end, and tells of it', async () => {
    const { taking, send, name, batch, staged } = bench();
    const first = send('layer');
    await name(first);
    await taking.take({ ...batch(first), during: 'live' });
    const last = send('other layer');
    await name(last);
    const [image] = await taking.take(batch(last));
    expect(staged).toHaveLength(2);
    expect(staged[1]).toBe(image);
    expect(image!.top.digest).not.toBe(staged[0]!.top.digest);
  });

  it('refuses in the end what the layout does not name, though it was sent', async () => {
    const { taking, send, name, batch } = bench();
    const top = send('layer');
    await name(send('another'));
    await expect(taking.take(batch(top))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });
});
