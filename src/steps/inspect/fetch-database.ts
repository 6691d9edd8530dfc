import { join } from 'node:path';
import type { Descriptor } from '../../model/descriptor.ts';
import { hexOf } from '../../model/digest.ts';
import { ReleaseError, toReleaseError } from '../../model/errors.ts';
import { parseReference, type Reference } from '../../model/reference.ts';
import type { Database } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { ageOf, databaseLayer, type Metadata, parseMetadata } from './database.ts';

type FetchPorts = Pick<Ports, 'cache' | 'clock' | 'exec' | 'files' | 'log' | 'registry'>;

export type Fetched = {
  /** Trivy's cache folder. */
  readonly folder: string;
  readonly database: Database;
  readonly metadata: Metadata;
};

/**
 * The database from the first repository that has a usable one; each was already retried by the registry client. What was
 * fetched is known by the digest of its layer: kept on this machine and in the runner's cache under it.
 */
export async function fetchDatabase(
  repositories: readonly string[],
  keep: string,
  ports: FetchPorts,
): Promise<Fetched> {
  const failures: string[] = [];
  for (const repository of repositories) {
    try {
      return await fetchFrom(repository, keep, ports);
    } catch (error) {
      const { code, message } = toReleaseError(error);
      if (code === 'CANCELLED') throw error;
      failures.push(`${repository}: ${message}`);
      ports.log.info(`The vulnerability database could not be had from ${repository}: ${message}.`);
    }
  }
  throw new ReleaseError(
    'SCAN_DB_UNAVAILABLE',
    `the vulnerability database could not be had from any repository: ${failures.join('; ')}`,
  );
}

async function fetchFrom(repository: string, keep: string, ports: FetchPorts): Promise<Fetched> {
  const reference = parseReference(repository);
  if (reference === undefined) throw new Error('not an OCI repository with a tag');
  const manifest = await ports.registry.getManifest(reference);
  if (manifest === undefined) throw new Error('there is no such tag');
  const layer = databaseLayer(manifest.bytes);
  const folder = join(keep, `trivy-db-${hexOf(layer.digest)}`);
  const known = await usable(folder, ports);
  const metadata = known ?? (await unpack(reference, layer, folder, ports));
  const age = ageOf(metadata, ports.clock.now());
  if (age.state === 'too-old') throw new Error(`its database is ${age.days} days old`);
  const updatedAt = metadata.updatedAt.toISOString();
  return { folder, metadata, database: { updatedAt, digest: layer.digest, source: repository } };
}

/** What an earlier run on this machine has left, complete: it was moved to this place as a whole. */
async function usable(folder: string, { files }: FetchPorts): Promise<Metadata | undefined> {
  const text = await files.readTextIfExists(join(folder, 'db', 'metadata.json'));
  if (text === undefined || !(await files.exists(join(folder, 'db', 'trivy.db')))) return undefined;
  return parseMetadata(text);
}

async function unpack(
  reference: Reference,
  layer: Descriptor,
  folder: string,
  ports: FetchPorts,
): Promise<Metadata> {
  const { files, exec } = ports;
  const archive = `${folder}.tar.gz`;
  const part = `${folder}.part`;
  await files.remove(part);
  await files.makeFolder(join(part, 'db'));
  await getLayer(reference, layer, archive, ports);
  const result = await exec.run({
    file: 'tar',
    args: ['-xzf', archive, '-C', join(part, 'db'), '-o', 'trivy.db', 'metadata.json'],
    environment: 'minimal',
  });
  await files.remove(archive);
  if (result.exitCode !== 0) throw new Error(`its archive cannot be unpacked: ${result.stderr.trim()}`);
  const metadata = parseMetadata(await files.readText(join(part, 'db', 'metadata.json')));
  await files.remove(folder);
  await files.move(part, folder);
  return metadata;
}

/** From the runner's cache when its bytes have the digest, else from the registry. */
async function getLayer(
  { repository }: Reference,
  layer: Descriptor,
  archive: string,
  { cache, files, log, registry }: FetchPorts,
): Promise<void> {
  const key = `trivy-db-${hexOf(layer.digest)}`;
  if (await cache.restore([archive], key)) {
    const intact = (await files.exists(archive)) && (await files.hash(archive)) === layer.digest;
    if (intact) return;
    log.warning(`The runner's cache holds other bytes under ${key} than its name says; they are not used.`);
    await files.remove(archive);
  }
  await registry.pullBlob(repository, layer, archive);
  await cache.save([archive], key);
}
