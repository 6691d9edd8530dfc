import { describe, expect, it } from '@jest/globals';
import type { Platform } from '../../../../src/model/descriptor.ts';
import { hexOf } from '../../../../src/model/digest.ts';
import type { SetPlatform } from '../../../../src/model/handoff.ts';
import { encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { assembleImage } from '../../../../src/steps/build/assemble.ts';
import { aHandedPlatform, aHandoff } from '../../../helpers/a-handoff.ts';
import { AMD64, ARM64, aPlannedImage } from '../../../helpers/a-release.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';
import { fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const STORE = { root: '/stage' };
const planned = aPlannedImage('app', { platforms: [] });

/** Platforms whose bytes lie beside a handoff that nobody has signed. */
function world() {
  const files = memoryFiles();
  const put = (value: unknown, mediaType: string) => {
    const { bytes, descriptor } = encodeJson(value, mediaType);
    files.tree.set(`/h/blobs/sha256/${hexOf(descriptor.digest)}`, bytes);
    return descriptor;
  };
  const image = ({ os, architecture }: Platform) =>
    put(
      {
        schemaVersion: 2,
        mediaType: MEDIA.ociManifest,
        config: put({ os, architecture }, MEDIA.ociConfig),
        layers: [],
      },
      MEDIA.ociManifest,
    );
  const handed = (platform: Platform, descriptor = image(platform)): SetPlatform => ({
    ...aHandedPlatform('app', platform),
    descriptor,
    handoff: { ...aHandoff(), bytes: 'beside' },
    folder: '/h',
    repositories: [],
    trust: 'digests',
  });
  const assemble = (...platforms: readonly SetPlatform[]) =>
    assembleImage(
      { planned, platforms, store: STORE, layers: true },
      { files, log: fakeLog(), registry: fakeRegistry() },
    );
  return { put, image, handed, assemble };
}

describe('an image of what shards have made', () => {
  it('is an index of their platforms, and looked into as nobody vouches for it', async () => {
    const { handed, assemble } = world();
    const { platforms, origin } = await assemble(handed(AMD64), handed(ARM64));
    expect(platforms.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
    expect(origin).toBe('brought');
  });

  it('has no member that nobody would look into', async () => {
    const { handed, image, assemble } = world();
    const hidden = handed({ os: 'unknown', architecture: 'unknown' }, image(ARM64));
    await expect(assemble(handed(AMD64), hidden)).rejects.toMatchObject({ code: 'HANDOFF_INVALID' });
  });

  it('has no platform that is an index, of another size or of another type than was said', async () => {
    const { put, image, handed, assemble } = world();
    const index = put({ schemaVersion: 2, manifests: [image(AMD64)] }, MEDIA.ociIndex);
    const arm = image(ARM64);
    for (const descriptor of [
      { ...index, mediaType: MEDIA.ociManifest },
      { ...arm, size: arm.size + 1 },
      { ...arm, mediaType: MEDIA.dockerManifest },
    ])
      await expect(assemble(handed(AMD64), handed(ARM64, descriptor))).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:HANDOFF_INVALID|SOURCE_INVALID|DIGEST_MISMATCH)$/),
      });
  });
});
