import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tarGzip } from './tar.ts';

/** The fixture database; its README says which packages give which findings. */
const FIXTURE = resolve(import.meta.dirname, '../fixtures/trivy-db/cache');

const HOUR_MS = 3_600_000;

/** metadata.json of a database that was made `days` ago. */
export function databaseMetadata(days: number, now = new Date()): string {
  const updated = now.getTime() - days * 24 * HOUR_MS;
  const at = (time: number): string => new Date(time).toISOString();
  return JSON.stringify({ Version: 2, NextUpdate: at(updated + 24 * HOUR_MS), UpdatedAt: at(updated) });
}

/** A folder for `trivy-cache-dir` with the fixture database, as if it was made `days` ago. Returns the folder. */
export async function makeTrivyCache(folder: string, days = 0): Promise<string> {
  await mkdir(join(folder, 'db'), { recursive: true });
  await cp(join(FIXTURE, 'db/trivy.db'), join(folder, 'db/trivy.db'));
  await writeFile(join(folder, 'db/metadata.json'), databaseMetadata(days));
  return folder;
}

/** The fixture database as the layer that a registry serves. */
export async function databaseArchive(days = 0): Promise<Uint8Array> {
  return tarGzip({
    'trivy.db': await readFile(join(FIXTURE, 'db/trivy.db')),
    'metadata.json': databaseMetadata(days),
  });
}
