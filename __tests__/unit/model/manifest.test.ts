import { describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../../src/model/descriptor.ts';
import { digestOf } from '../../../src/model/digest.ts';
import {
  blobsOf,
  decodeManifest,
  describeBytes,
  encodeJson,
  imageMembers,
  MEDIA,
  mediaTypeOf,
  requireDigest,
} from '../../../src/model/manifest.ts';

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const digest = digestOf('x');
const layer = { mediaType: MEDIA.ociLayerGzip, digest, size: 3 };
const manifest = {
  schemaVersion: 2,
  mediaType: MEDIA.ociManifest,
  config: { ...layer, mediaType: MEDIA.ociConfig },
  layers: [layer],
};

describe('manifests from hostile bytes', () => {
  it('reads a manifest with what it needs, and drops the rest', () => {
    expect(decodeManifest(encode({ ...manifest, annotations: { a: 'b' }, evil: true }))).toEqual({
      kind: 'manifest',
      config: manifest.config,
      layers: [layer],
      annotations: { a: 'b' },
    });
  });

  it('reads an index; an empty variant is none', () => {
    const member = { ...layer, mediaType: MEDIA.ociManifest };
    const platform = { os: 'linux', architecture: 'arm', variant: 'v7', 'os.version': '1' };
    const read = decodeManifest(
      encode({
        schemaVersion: 2,
        manifests: [
          { ...member, platform },
          { ...member, platform: { os: 'linux', architecture: 'amd64', variant: '' } },
        ],
      }),
    );
    expect(read).toEqual({
      kind: 'index',
      annotations: {},
      manifests: [
        { ...member, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
        { ...member, platform: { os: 'linux', architecture: 'amd64' } },
      ],
    });
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
    ['nothing in it', {}],
    ['schema 1', { ...manifest, schemaVersion: 1 }],
    ['no layers', { ...manifest, layers: undefined }],
    ['layers that are none', { ...manifest, layers: {} }],
    [
      'a digest of another algorithm',
      { ...manifest, layers: [{ ...layer, digest: `sha512:${'a'.repeat(128)}` }] },
    ],
    ['a digest that is a path', { ...manifest, layers: [{ ...layer, digest: 'sha256:../../etc/passwd' }] }],
    ['a negative size', { ...manifest, layers: [{ ...layer, size: -1 }] }],
    ['half a byte', { ...manifest, layers: [{ ...layer, size: 0.5 }] }],
    ['a size that is text', { ...manifest, layers: [{ ...layer, size: '3' }] }],
    ['an annotation that is no text', { ...manifest, annotations: { a: 1 } }],
    ['members that are none', { schemaVersion: 2, manifests: [null] }],
    ['members that are an object', { schemaVersion: 2, manifests: {} }],
  ])('refuses %s', (_, value) => {
    expect(() => decodeManifest(encode(value))).toThrow();
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['half a document', encode(manifest).subarray(0, 40)],
    ['two documents', new TextEncoder().encode('{}{}')],
    ['a page of HTML', new TextEncoder().encode('<html>')],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeManifest(bytes)).toThrow();
  });

  it('does not let annotations reach the prototype', () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify(manifest).replace(/\}$/, ',"annotations":{"__proto__":"x","constructor":"y"}}'),
    );
    const { annotations } = decodeManifest(bytes);
    expect(Object.getPrototypeOf(annotations)).toBe(Object.prototype);
    expect(Object.entries(annotations)).toContainEqual(['constructor', 'y']);
  });
});

describe('encoding', () => {
  it('describes exactly the bytes that it made', () => {
    const { bytes, descriptor } = encodeJson(manifest, MEDIA.ociManifest);
    expect(descriptor).toEqual({
      mediaType: MEDIA.ociManifest,
      digest: digestOf(bytes),
      size: bytes.byteLength,
    });
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(manifest);
  });

  it('counts bytes, not characters', () => {
    expect(describeBytes(new TextEncoder().encode('€'), 'text/plain').descriptor.size).toBe(3);
  });

  it('refuses bytes with another digest, naming both', () => {
    const bytes = new TextEncoder().encode('y');
    expect(() => requireDigest(bytes, digestOf('y'), 'here')).not.toThrow();
    expect(() => requireDigest(bytes, digest, 'ghcr.io/a/b')).toThrow(
      expect.objectContaining({
        code: 'DIGEST_MISMATCH',
        message: `ghcr.io/a/b: expected ${digest}, got ${digestOf('y')}`,
      }),
    );
  });

  it.each([
    [{ mediaType: MEDIA.dockerManifest, layers: [] }, MEDIA.dockerManifest],
    [{ manifests: [] }, MEDIA.ociIndex],
    [{ layers: [] }, MEDIA.ociManifest],
    [{ mediaType: 7, manifests: [] }, MEDIA.ociIndex],
  ])('takes the media type that %j names or implies', (value, mediaType) => {
    expect(mediaTypeOf(encode(value))).toBe(mediaType);
  });
});

describe('the images of an index', () => {
  it('are not its attestations or artifacts', () => {
    const member = (change: Partial<Descriptor>): Descriptor => ({
      mediaType: MEDIA.ociManifest,
      digest,
      size: 1,
      ...change,
    });
    const amd64 = member({ platform: { os: 'linux', architecture: 'amd64' } });
    const bare = member({});
    const members = [
      amd64,
      member({ platform: { os: 'unknown', architecture: 'unknown' } }),
      member({ annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }),
      member({ artifactType: 'application/vnd.example' }),
      bare,
    ];
    expect(imageMembers(members)).toEqual([amd64, bare]);
  });
});

describe('blobsOf', () => {
  it('leaves layers that may not be distributed where they are', () => {
    const own = { mediaType: MEDIA.ociLayerGzip, digest: digestOf('own'), size: 1 };
    const foreign = [
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    ].map((mediaType) => ({ ...own, mediaType, digest: digestOf(mediaType) }));
    const config = { mediaType: MEDIA.ociConfig, digest: digestOf('config'), size: 2 };
    const manifest = { kind: 'manifest', annotations: {}, config, layers: [own, ...foreign] } as const;
    expect(blobsOf(manifest)).toEqual([config, own]);
    expect(blobsOf({ kind: 'index', annotations: {}, manifests: [own] })).toEqual([]);
  });
});
