import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { createRegistry } from '../../src/adapters/registry/index.ts';
import { digestOf, hexOf } from '../../src/model/digest.ts';
import { type DatabaseRequest, prepareDatabase } from '../../src/steps/inspect/run.ts';
import { type DiskCache, diskCache } from '../helpers/disk-cache.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { makeScanBench, type ScanBench } from '../helpers/scan-bench.ts';
import { scratchFiles } from '../helpers/scratch-files.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { databaseArchive, makeTrivyCache } from '../helpers/trivy-database.ts';
import { pythonPackage } from '../helpers/vulnerable-layout.ts';

const LAYER = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';
const CONFIG = 'application/vnd.aquasec.trivy.config.v1+json';

const { files, clean } = scratchFiles();
let root = '';
let registry: RunningRegistry;
let bench: ScanBench;
let archive: Uint8Array;
let keep = '';

/** As the vendor's workflow does it; oras is a client that nobody here wrote. */
async function push(reference: string, bytes: Uint8Array, type = LAYER): Promise<void> {
  const folder = await mkdtemp(join(root, 'push-'));
  await writeFile(join(folder, 'db.tar.gz'), bytes);
  await writeFile(join(folder, 'config.json'), '{}');
  const args = ['push', '--plain-http', '--config', `config.json:${CONFIG}`, reference, `db.tar.gz:${type}`];
  // Not synchronously: the registry lives in this process.
  await promisify(execFile)(toolPath('oras'), args, { cwd: folder });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mr-database-'));
  registry = await startRegistry();
  bench = await makeScanBench();
  archive = await databaseArchive();
  await push(`${registry.host}/aquasecurity/trivy-db:2`, archive);
});

afterAll(async () => {
  await registry.stop();
  await bench.end();
  await clean();
  await rm(root, { recursive: true });
});

beforeEach(async () => {
  registry.faults.clear();
  keep = await mkdtemp(join(root, 'keep-'));
});

async function prepare(over: Partial<DatabaseRequest> = {}, cache?: DiskCache) {
  const log = fakeLog();
  const exec = createExec();
  const clock = { now: () => new Date(), elapsed: () => 0, sleep: async () => undefined };
  const request: DatabaseRequest = {
    scanners: ['vuln', 'secret'],
    databaseRepositories: [`${registry.host}/aquasecurity/trivy-db:2`],
    offline: false,
    keep,
    ...over,
  };
  const client = createRegistry({ clock, exec, files, log, credentials: [], insecure: [], env: {} });
  const ports = {
    cache: cache ?? diskCache(await mkdtemp(join(root, 'service-'))),
    clock,
    exec,
    files,
    log,
    registry: client,
  };
  const before = registry.requests.length;
  const prepared = await prepareDatabase(request, ports);
  const requests = registry.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
  return { prepared, log, blobs: requests.filter((line) => line.includes('/blobs/')) };
}

describe('the database of a registry', () => {
  it('is fetched, and Trivy finds by it', async () => {
    const { prepared } = await prepare();
    expect(prepared.database).toEqual({
      digest: digestOf(archive),
      source: `${registry.host}/aquasecurity/trivy-db:2`,
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    const image = { 'linux/amd64': { layers: [pythonPackage('PyYAML', '5.3')] } };
    const { inspections, scanner } = await bench.inspect({ app: image }, { cache: prepared });
    expect(inspections[0]!.platforms[0]!.findings.map(({ id }) => id)).toEqual(['CVE-2020-14343']);
    expect(scanner.database).toEqual(prepared.database);
  });

  it('is fetched from the registry of distribution as well', async () => {
    const distribution = await startDistribution();
    try {
      const repository = `${distribution.host}/mirror/trivy-db:2`;
      await push(repository, archive);
      const { prepared } = await prepare({ databaseRepositories: [repository] });
      expect(prepared.database).toMatchObject({ digest: digestOf(archive), source: repository });
    } finally {
      await distribution.stop();
    }
  });

  it('is not fetched a second time on the same machine', async () => {
    const cache = diskCache(await mkdtemp(join(root, 'service-')));
    const first = await prepare({}, cache);
    const second = await prepare({}, cache);
    expect(first.blobs).toHaveLength(1);
    expect(second.blobs).toEqual([]);
    expect(second.prepared).toEqual(first.prepared);
    expect(cache.calls).toEqual([`restore trivy-db-${short()} miss`, `save trivy-db-${short()}`]);
  });

  it('comes from the runner’s cache on the next machine', async () => {
    const cache = diskCache(await mkdtemp(join(root, 'service-')));
    await prepare({}, cache);
    await rm(keep, { recursive: true });
    const { blobs, prepared } = await prepare({}, cache);
    expect(blobs).toEqual([]);
    expect(cache.calls.at(-1)).toBe(`restore trivy-db-${short()} hit`);
    expect(await readdir(join(prepared.folder, 'db'))).toEqual(['metadata.json', 'trivy.db']);
  });

  it('is fetched anew when the runner’s cache holds other bytes under its digest', async () => {
    const cache = diskCache(await mkdtemp(join(root, 'service-')));
    await prepare({}, cache);
    await rm(keep, { recursive: true });
    await cache.poison(`trivy-db-${hexOf(digestOf(archive))}`, 'no database');
    const { blobs, log, prepared } = await prepare({}, cache);
    expect(blobs).toHaveLength(1);
    expect(log.lines.join('\n')).toContain('holds other bytes');
    expect(prepared.database?.digest).toBe(digestOf(archive));
  });

  it('comes from a mirror when the first repository is down, has none, or has something else', async () => {
    await push(`${registry.host}/other/trivy-db:2`, archive, 'application/octet-stream');
    const good = `${registry.host}/aquasecurity/trivy-db:2`;
    const bad = [
      '127.0.0.1:9/down/trivy-db:2',
      `${registry.host}/none/trivy-db:2`,
      `${registry.host}/other/trivy-db:2`,
    ];
    const { prepared, log } = await prepare({ databaseRepositories: [...bad, good] });
    expect(prepared.database?.source).toBe(good);
    for (const repository of bad)
      expect(log.lines.join('\n')).toContain(`could not be had from ${repository}`);
  });

  it('is retried when the registry stumbles', async () => {
    registry.faults.add({ when: { path: /manifests/ }, effect: { do: 'answer', status: 503 } });
    registry.faults.add({ when: { path: /blobs/ }, effect: { do: 'truncate', bytes: 100 } });
    expect((await prepare()).prepared.database?.digest).toBe(digestOf(archive));
    expect(registry.faults.pending).toEqual([]);
  });

  it('that cannot be had is an infrastructure error that names every repository', async () => {
    const repositories = [`${registry.host}/none/trivy-db:2`, '127.0.0.1:9/down/trivy-db:2'];
    await expect(prepare({ databaseRepositories: repositories })).rejects.toMatchObject({
      code: 'SCAN_DB_UNAVAILABLE',
      kind: 'tool',
      message: expect.stringMatching(
        /none\/trivy-db:2: there is no such tag; 127\.0\.0\.1:9\/down\/trivy-db:2: /,
      ),
    });
  });

  it('with bytes that do not have its digest is refused', async () => {
    registry.faults.add({ when: { path: /blobs/ }, times: 99, effect: { do: 'corrupt' } });
    await expect(prepare()).rejects.toMatchObject({
      code: 'SCAN_DB_UNAVAILABLE',
      message: expect.stringContaining(digestOf(archive)),
    });
    expect((await readdir(keep)).filter((name) => !name.endsWith('.part'))).toEqual([]);
  });

  it('that is no archive of a database is refused', async () => {
    await push(`${registry.host}/broken/trivy-db:2`, Buffer.from('not gzip'));
    await expect(
      prepare({ databaseRepositories: [`${registry.host}/broken/trivy-db:2`] }),
    ).rejects.toMatchObject({ message: expect.stringContaining('cannot be unpacked') });
  });

  it('that is older than 14 days is not used; a mirror with a newer one is', async () => {
    const stale = `${registry.host}/stale/trivy-db:2`;
    await push(stale, await databaseArchive(15));
    await expect(prepare({ databaseRepositories: [stale] })).rejects.toMatchObject({
      code: 'SCAN_DB_UNAVAILABLE',
      message: expect.stringContaining('its database is 15 days old'),
    });
    const good = `${registry.host}/aquasecurity/trivy-db:2`;
    const { prepared } = await prepare({ databaseRepositories: [stale, good] });
    expect(prepared.database?.source).toBe(good);
  });

  it.each([
    [4, 'should have been renewed'],
    [10, '10 days old'],
  ])('of %i days is used with a warning', async (days, text) => {
    const repository = `${registry.host}/days-${days}/trivy-db:2`;
    await push(repository, await databaseArchive(days));
    const { log } = await prepare({ databaseRepositories: [repository] });
    expect(log.lines.filter((line) => line.startsWith('warning: ')).join()).toContain(text);
  });

  it('is not asked for when only secrets are looked for', async () => {
    const { prepared, blobs } = await prepare({ scanners: ['secret'], databaseRepositories: [] });
    expect(prepared.database).toBeUndefined();
    expect(blobs).toEqual([]);
  });
});

describe('a given trivy-cache-dir', () => {
  it('is copied, read-only as it may be, and Trivy finds by it', async () => {
    const given = await makeTrivyCache(join(root, 'given'));
    for (const path of ['db/trivy.db', 'db/metadata.json', 'db', '']) await chmod(join(given, path), 0o555);
    const { prepared } = await prepare({ trivyCacheDir: given, offline: true, databaseRepositories: [] });
    expect(prepared.folder).not.toBe(given);
    expect((await stat(join(prepared.folder, 'db/trivy.db'))).mode & 0o777).toBe(0o755);
    expect(prepared.database).toEqual({ source: 'trivy-cache-dir', updatedAt: expect.any(String) });
    const image = { 'linux/amd64': { layers: [pythonPackage('PyYAML', '5.3')] } };
    const { inspections } = await bench.inspect({ app: image }, { cache: prepared });
    expect(inspections[0]!.platforms[0]!.findings).toHaveLength(1);
    expect((await readdir(given)).sort()).toEqual(['db']);
    for (const path of ['', 'db']) await chmod(join(given, path), 0o755);
  });

  it('only warns of its age', async () => {
    const given = await makeTrivyCache(join(root, 'old'), 40);
    const { log } = await prepare({ trivyCacheDir: given });
    expect(log.lines).toContainEqual(expect.stringMatching(/^warning: .*`trivy-cache-dir` is 40 days old/));
  });

  it('lends its index of Java packages', async () => {
    const given = await makeTrivyCache(join(root, 'java'));
    await mkdir(join(given, 'java-db'));
    await writeFile(join(given, 'java-db/metadata.json'), '{}');
    const { prepared } = await prepare({ trivyCacheDir: given });
    expect(prepared.keepJavaDatabase).toBe(true);
    expect(await readdir(join(prepared.folder, 'java-db'))).toEqual(['metadata.json']);
  });

  it('without a database is no reason not to fetch one, but offline', async () => {
    const empty = join(root, 'empty');
    expect((await prepare({ trivyCacheDir: empty })).prepared.database?.digest).toBe(digestOf(archive));
    await expect(prepare({ trivyCacheDir: empty, offline: true })).rejects.toMatchObject({
      code: 'SCAN_DB_UNAVAILABLE',
      message: expect.stringContaining(empty),
    });
    await expect(prepare({ offline: true })).rejects.toMatchObject({ code: 'SCAN_DB_UNAVAILABLE' });
  });

  it('of another schema is refused', async () => {
    const given = await makeTrivyCache(join(root, 'schema'));
    await writeFile(join(given, 'db/metadata.json'), '{"Version": 1}');
    await expect(prepare({ trivyCacheDir: given })).rejects.toMatchObject({
      code: 'SCAN_DB_UNAVAILABLE',
      message: expect.stringContaining('Version'),
    });
  });
});

function short(): string {
  return hexOf(digestOf(archive)).slice(0, 3);
}
