import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../__tests__/helpers/run-action.ts';
import { tarGzip } from '../../__tests__/helpers/tar.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../src/model/manifest.ts';

const DATABASE = join(ROOT, '__tests__/fixtures/trivy-db/cache/db');

/**
 * Publishes the tests' tiny vulnerability database at a registry without authentication, packed as the real one is, and
 * returns its reference. https://github.com/aquasecurity/trivy-db
 */
export async function publishDatabase(host: string): Promise<string> {
  const path = 'acme/trivy-db';
  const layer = describeBytes(
    tarGzip({
      'trivy.db': readFileSync(join(DATABASE, 'trivy.db')),
      'metadata.json': JSON.stringify(madeToday()),
    }),
    'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip',
  );
  const config = encodeJson({}, 'application/vnd.aquasec.trivy.config.v1+json');
  const manifest = encodeJson(
    {
      schemaVersion: 2,
      mediaType: MEDIA.ociManifest,
      config: config.descriptor,
      layers: [{ ...layer.descriptor, annotations: { 'org.opencontainers.image.title': 'db.tar.gz' } }],
    },
    MEDIA.ociManifest,
  );
  const base = `http://${host}/v2/${path}`;
  for (const blob of [layer, config])
    await send(
      'POST',
      `${base}/blobs/uploads/?digest=${blob.descriptor.digest}`,
      blob,
      'application/octet-stream',
    );
  await send('PUT', `${base}/manifests/2`, manifest, MEDIA.ociManifest);
  return `${host}/${path}:2`;
}

/** The fixture has the date of its making; a database that is days old is refused. */
function madeToday(): Readonly<Record<string, unknown>> {
  const metadata: Readonly<Record<string, unknown>> = JSON.parse(
    readFileSync(join(DATABASE, 'metadata.json'), 'utf8'),
  );
  return { ...metadata, UpdatedAt: new Date().toISOString() };
}

async function send(method: string, url: string, { bytes }: Encoded, mediaType: string): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': mediaType },
    body: Buffer.from(bytes),
  });
  if (response.status !== 201)
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
}
