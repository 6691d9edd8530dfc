import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { ageOf, databaseLayer, parseMetadata } from '../../../../src/steps/inspect/database.ts';

const UPDATED = Date.parse('2026-11-01T00:00:00Z');
const HOUR = 3_600_000;
const metadata = { updatedAt: new Date(UPDATED), nextUpdate: new Date(UPDATED + 24 * HOUR) };

describe('the age of a database', () => {
  it.each([
    [1, 'fresh', 0],
    [72, 'fresh', 3],
    [72.1, 'late', 3],
    [7 * 24, 'late', 7],
    [7 * 24 + 1, 'old', 7],
    [14 * 24, 'old', 14],
    [14 * 24 + 1, 'too-old', 14],
    [-5, 'fresh', -1],
  ] as const)('after %d hours: %s', (hours, state, days) => {
    expect(ageOf(metadata, new Date(UPDATED + hours * HOUR))).toEqual({ state, days });
  });

  it('is not late before the next one is due, however long that is', () => {
    const slow = { ...metadata, nextUpdate: new Date('2099-01-01T00:00:00Z') };
    expect(ageOf(slow, new Date(UPDATED + 100 * HOUR)).state).toBe('fresh');
  });
});

describe('metadata.json', () => {
  it('is read', () => {
    const text =
      '{"Version":2,"NextUpdate":"2026-11-02T00:00:00Z","UpdatedAt":"2026-11-01T00:00:00.123456789Z","DownloadedAt":"x"}';
    expect(parseMetadata(text).updatedAt.toISOString()).toBe('2026-11-01T00:00:00.123Z');
  });

  it.each([
    ['{"Version":3,"NextUpdate":"2026-11-02T00:00:00Z","UpdatedAt":"2026-11-01T00:00:00Z"}', 'Version'],
    ['{"Version":2,"NextUpdate":"2026-11-02T00:00:00Z","UpdatedAt":"yesterday"}', 'UpdatedAt'],
    ['{"Version":2,"UpdatedAt":"2026-11-01T00:00:00Z"}', 'NextUpdate'],
    ['[]', 'metadata.json'],
  ])('%s is refused', (text, part) => {
    expect(() => parseMetadata(text)).toThrow(part);
  });
});

describe('the manifest of a database', () => {
  const layer = (mediaType: string) => ({ mediaType, digest: digestOf(mediaType), size: 10 });
  const manifest = (...layers: unknown[]) =>
    encodeJson({ schemaVersion: 2, config: layer('config'), layers }, MEDIA.ociManifest).bytes;

  it('is known by the media type of its layer', () => {
    const database = layer('application/vnd.aquasec.trivy.db.layer.v1.tar+gzip');
    expect(databaseLayer(manifest(layer('text/plain'), database))).toEqual(database);
  });

  it.each([
    ['of an image', manifest(layer(MEDIA.ociLayerGzip))],
    ['of the Java index', manifest(layer('application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip'))],
    ['of an index', encodeJson({ schemaVersion: 2, manifests: [] }, MEDIA.ociIndex).bytes],
  ])('%s is none', (_name, bytes) => {
    expect(() => databaseLayer(bytes)).toThrow('no vulnerability database');
  });
});
