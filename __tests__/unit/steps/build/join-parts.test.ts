import { expect, it } from '@jest/globals';
import { blobPath } from '../../../../src/model/image.ts';
import { decodeManifest, encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { joinParts } from '../../../../src/steps/build/join-parts.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const store = { root: '/stage' };

it('makes one index of manifests, and of indexes with inline attestations', async () => {
  const files = memoryFiles();
  const config = encodeJson({ os: 'linux' }, MEDIA.ociConfig).descriptor;
  const put = (value: object, mediaType: string) => {
    const { bytes, descriptor } = encodeJson({ schemaVersion: 2, ...value }, mediaType);
    files.tree.set(blobPath(store, descriptor.digest), bytes);
    return descriptor;
  };
  const plain = put({ config, layers: [] }, MEDIA.ociManifest);
  const image = { ...put({ config, layers: [], annotations: { a: 'b' } }, MEDIA.ociManifest) };
  const members = [
    { ...image, platform: { os: 'linux', architecture: 'arm64' } },
    {
      ...plain,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    },
  ];
  const attested = put({ manifests: members }, MEDIA.ociIndex);
  const top = await joinParts(
    store,
    [
      { platform: 'linux/arm/v7', top: plain },
      { platform: 'linux/arm64', top: attested },
    ],
    ['index:z=1', 'index,manifest:a=2', 'manifest-descriptor[linux/arm/v7]:d=3', 'manifest:m=4'],
    { files },
  );
  const bytes = await files.read(blobPath(store, top.digest));
  expect(decodeManifest(bytes)).toEqual({
    kind: 'index',
    annotations: { a: '2', z: '1' },
    manifests: [
      {
        ...plain,
        platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
        annotations: { d: '3' },
      },
      ...members,
    ],
  });
  expect(top).toMatchObject({ mediaType: MEDIA.ociIndex, size: bytes.byteLength });
  expect(new TextDecoder().decode(bytes)).toMatch(/"annotations":\{"a":"2","z":"1"\}\}$/);
});
