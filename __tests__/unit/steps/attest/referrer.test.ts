import { describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../../../src/model/descriptor.ts';
import { digestOf } from '../../../../src/model/digest.ts';
import { decodeManifest, MEDIA } from '../../../../src/model/manifest.ts';
import { referrerOf } from '../../../../src/steps/attest/referrer.ts';
import { aSigned, CREATED } from '../../../helpers/a-signed.ts';

const IMAGE: Descriptor = {
  mediaType: MEDIA.ociIndex,
  digest: digestOf('an image'),
  size: 400,
  platform: { os: 'linux', architecture: 'amd64' },
  annotations: { own: 'of the index member' },
};

describe('a bundle as a referrer', () => {
  it('is what cosign writes', () => {
    const signed = aSigned({ kind: 'cyclonedx', subject: IMAGE.digest });
    const { manifest, descriptor, blobs } = referrerOf(signed, IMAGE, CREATED);
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const annotations = {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': 'https://cyclonedx.org/bom',
      'org.opencontainers.image.created': '2026-11-21T10:00:00Z',
    };
    expect(JSON.parse(Buffer.from(manifest.bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: type,
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        size: 2,
      },
      layers: [{ mediaType: type, digest: digestOf(signed.bundle), size: signed.bundle.length }],
      subject: { mediaType: MEDIA.ociIndex, digest: IMAGE.digest, size: 400 },
      annotations,
    });
    expect(descriptor).toEqual({ ...manifest.descriptor, artifactType: type, annotations });
    const decoded = decodeManifest(manifest.bytes);
    const named = decoded.kind === 'manifest' ? [decoded.config, ...decoded.layers] : [];
    expect(blobs.map((blob) => blob.descriptor)).toEqual(named);
    for (const blob of blobs) expect(digestOf(blob.bytes)).toBe(blob.descriptor.digest);
  });

  it('has the same bytes each time', () => {
    const signed = aSigned();
    const again = { ...signed, bundle: Uint8Array.from(signed.bundle) };
    expect(referrerOf(again, IMAGE, CREATED)).toEqual(referrerOf(signed, IMAGE, CREATED));
  });

  it.each([
    ['the time of the log', '1763719200', '2025-11-21T10:00:00Z'],
    ['the given time where the log has none', '0', '2026-11-21T10:00:00Z'],
    ['the given time where the log says nonsense', '99999999999999', '2026-11-21T10:00:00Z'],
  ])('bears %s', (_, integratedTime, created) => {
    const { descriptor } = referrerOf(aSigned({ integratedTime }), IMAGE, CREATED);
    expect(descriptor.annotations?.['org.opencontainers.image.created']).toBe(created);
  });
});
