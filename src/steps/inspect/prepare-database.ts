import { join } from 'node:path';
import { ReleaseError } from '../../model/errors.ts';
import type { GateInputs, ToolInputs } from '../../model/inputs.ts';
import type { Database } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { javaRepositories } from './args.ts';
import { ageOf, type Metadata, parseMetadata } from './database.ts';
import { fetchDatabase } from './fetch-database.ts';

/** A cache folder for Trivy that belongs to this run. */
export type ScanCache = {
  readonly folder: string;
  /** Undefined when no scanner needs one. */
  readonly database?: Database;
  readonly javaRepositories: readonly string[];
  /** The user's own index of Java packages is used as it is. */
  readonly keepJavaDatabase: boolean;
};

export type DatabaseRequest = Pick<ToolInputs, 'databaseRepositories' | 'trivyCacheDir' | 'offline'> & {
  readonly scanners: GateInputs['scanners'];
  /** Where fetched databases are kept; the same path on every run, because the runner's cache knows files by it. */
  readonly keep: string;
};

type DatabasePorts = Pick<Ports, 'cache' | 'clock' | 'exec' | 'files' | 'log' | 'registry'>;

/**
 * The vulnerability database for all scans of a run: the user's `trivy-cache-dir` when it holds one, else fetched from
 * the first repository that answers. Throws SCAN_DB_UNAVAILABLE, which says nothing about the images.
 */
export async function prepareDatabase(request: DatabaseRequest, ports: DatabasePorts): Promise<ScanCache> {
  const { trivyCacheDir, databaseRepositories, offline, keep } = request;
  const java = { javaRepositories: javaRepositories(databaseRepositories), keepJavaDatabase: false };
  if (!request.scanners.includes('vuln'))
    return { folder: await ports.files.makeTempFolder('trivy'), ...java };
  if (trivyCacheDir !== undefined && (await holdsDatabase(trivyCacheDir, ports)))
    return { ...java, ...(await copyGiven(trivyCacheDir, ports)) };
  if (offline)
    throw new ReleaseError(
      'SCAN_DB_UNAVAILABLE',
      `\`offline\` forbids to fetch the vulnerability database, and no \`trivy-cache-dir\` holds one: ${trivyCacheDir ?? 'not set'}`,
      { hint: 'Give a `trivy-cache-dir` with db/trivy.db and db/metadata.json, or leave `offline` out.' },
    );
  const fetched = await fetchDatabase(databaseRepositories, keep, ports);
  warnOfAge(fetched.metadata, fetched.database.source, ports);
  ports.log.info(
    `The vulnerability database of ${fetched.database.updatedAt} comes from ${fetched.database.source}.`,
  );
  return { folder: fetched.folder, database: fetched.database, ...java };
}

async function holdsDatabase(folder: string, { files }: DatabasePorts): Promise<boolean> {
  const found = await Promise.all(
    ['trivy.db', 'metadata.json'].map((name) => files.exists(join(folder, 'db', name))),
  );
  return found.every(Boolean);
}

/**
 * Copied, because Trivy locks the database and writes beside it: the user's folder may be read-only, or serve several jobs
 * at once. The index of Java packages is far larger and only read: a link serves.
 */
async function copyGiven(
  given: string,
  ports: DatabasePorts,
): Promise<Pick<ScanCache, 'folder' | 'database' | 'keepJavaDatabase'>> {
  const { files, log } = ports;
  const folder = await files.makeTempFolder('trivy');
  const metadata = await readMetadata(given, ports);
  for (const name of ['trivy.db', 'metadata.json']) {
    const copy = join(folder, 'db', name);
    await files.copy(join(given, 'db', name), copy);
    // A copy has the mode of what it was made from, and Trivy opens its database for writing.
    await files.makeWritable(copy);
  }
  const keepJavaDatabase = await files.isFolder(join(given, 'java-db'));
  if (keepJavaDatabase) await files.link(join(given, 'java-db'), join(folder, 'java-db'));
  warnOfAge(metadata, '`trivy-cache-dir`', ports);
  log.info(`The vulnerability database of ${metadata.updatedAt.toISOString()} comes from trivy-cache-dir.`);
  const database = { updatedAt: metadata.updatedAt.toISOString(), source: 'trivy-cache-dir' };
  return { folder, database, keepJavaDatabase };
}

async function readMetadata(folder: string, { files }: DatabasePorts): Promise<Metadata> {
  try {
    return parseMetadata(await files.readText(join(folder, 'db', 'metadata.json')));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReleaseError(
      'SCAN_DB_UNAVAILABLE',
      `the database of trivy-cache-dir cannot be used: ${folder}: ${why}`,
      {
        cause,
        hint: 'Put a database of schema 2 there, as Trivy downloads it.',
      },
    );
  }
}

/** Says aloud what a verdict by this database is worth. */
function warnOfAge(metadata: Metadata, source: string, { clock, log }: DatabasePorts): void {
  const { state, days } = ageOf(metadata, clock.now());
  if (state === 'late')
    log.warning(`The vulnerability database of ${source} should have been renewed more than two days ago.`);
  if (state === 'old' || state === 'too-old')
    log.warning(
      `The vulnerability database of ${source} is ${days} days old: vulnerabilities that became known since are NOT found.`,
    );
}
