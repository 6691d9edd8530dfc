import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONFIG, contextOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { turnedClock } from '../helpers/turned-clock.ts';
import { pythonPackage } from '../helpers/vulnerable-layout.ts';
import { type AttestBench, attestBench } from './helpers/attest-bench.ts';

/** Two images, one on the other, with a vulnerability that has no fix. */
const FILES = {
  [CONFIG]: [
    'images:',
    '  base: { context: base }',
    '  app: { context: app, contexts: { parent: "target:base" } }',
    '',
  ].join('\n'),
  ...contextOf(pythonPackage('module-release-unfixed', '1.0'), 'base'),
  'app/Dockerfile': 'FROM parent\nCOPY own /app\n',
  'app/own': 'the app\n',
};
const INPUTS = { attest: 'true', sbom: 'cyclonedx', 'ignore-unfixed': 'true' };

let bench: AttestBench;
let checkout: GitRepository;
let first: ActionRun;

beforeAll(async () => {
  bench = await attestBench();
  checkout = bench.e2e.checkout(FILES);
  first = await bench.release(checkout, INPUTS);
});
afterAll(() => bench.dispose());

async function rerun(
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
) {
  const before = bench.e2e.registry.requests.length;
  const run = await bench.release(checkout, { ...INPUTS, ...inputs }, { env });
  const requests = bench.e2e.registry.requests.slice(before);
  const layers = requests.filter(({ method, path }) => method === 'GET' && isLayer(path));
  return { run, layers, scans: run.log.match(/is scanned again/g)?.length ?? 0, record: recordOf(run) };
}

/** Layers of the images; a bundle is a blob too. */
function isLayer(path: string): boolean {
  return layersOfRelease.has(path.split('/').at(-1) ?? '');
}

const layersOfRelease = new Set<string>();

function recordOf(run: ActionRun) {
  return JSON.parse(readFileSync(run.outputs.record ?? '', 'utf8'));
}

describe('a second run of a release within a day', () => {
  beforeAll(() => {
    for (const { name, platforms } of recordOf(first).images)
      for (const { digest } of platforms) {
        const held = bench.e2e.registry.store.repositories.get(repositoryOf(name));
        const manifest = JSON.parse(Buffer.from(held?.manifests.get(digest)?.bytes ?? '').toString());
        for (const layer of manifest.layers) layersOfRelease.add(layer.digest);
      }
  });

  it('has something to spare', () => {
    expect(first.outputs).toMatchObject({ status: 'released' });
    expect(layersOfRelease.size).toBe(2);
  });

  it('pulls no layer and scans nothing, and says whose verdict it is', async () => {
    const { run, layers, record } = await rerun();
    const { status, 'sarif-path': sarif } = run.outputs;
    expect({ status, sarif, layers }).toEqual({ status: 'unchanged', sarif: '', layers: [] });
    const known = recordOf(first);
    expect(record.gate.verdict.unfixed).toHaveLength(2);
    for (const image of record.images) {
      expect(image).toMatchObject({
        origin: 'adopted',
        findings: known.images.find(({ name }: { name: string }) => name === image.name).findings,
        attestedScan: { signedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), scanner: known.gate.scanner },
      });
      expect(run.summary).toContain(`verdict of ${image.attestedScan.signedAt}, attested`);
    }
  });

  it('has the bundles and SBOMs of the first as files, and has signed nothing', async () => {
    const signed = bench.sigstore.counts();
    const { run, record } = await rerun();
    const files = (of: ActionRun, output: string) => {
      const paths = of.outputs[output]?.split('\n') ?? [];
      return new Map(paths.map((path) => [basename(path), readFileSync(path, 'utf8')]));
    };
    const bundles = files(first, 'bundle-path');
    expect(bundles.size).toBe(8);
    expect(sorted(files(run, 'bundle-path'))).toEqual(sorted(bundles));
    const documents = (of: ActionRun) =>
      sorted(files(of, 'sbom-path')).map(([name, text]) => [name, JSON.parse(text)]);
    expect(documents(run)).toEqual(documents(first));
    expect(bench.sigstore.counts()).toEqual(signed);
    expect(run.summary).toContain('All attestations were there already.');
    const known = (of: ActionRun) =>
      recordOf(of).attestations.map(({ digest, referrers }: Record<string, unknown>) => [digest, referrers]);
    expect(sortedPairs(known(run))).toEqual(sortedPairs(known(first)));
    expect(record.attestations.every((each: { known?: boolean }) => each.known)).toBe(true);
  });

  it('pulls and scans again for a policy that refuses what was found, and refuses it', async () => {
    const { run, layers } = await rerun({ 'ignore-unfixed': 'false' });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'GATE_FINDINGS' });
    expect(run.log).toContain('is scanned again: the policy of today refuses what was found then.');
    expect(layers.length).toBe(2);
  });

  it('pulls and scans again when it looks for something else', async () => {
    const { run, record } = await rerun({ scanners: 'vuln' });
    expect(run.outputs).toMatchObject({ status: 'unchanged' });
    expect(run.outputs['sbom-path']?.split('\n')).toHaveLength(2);
    expect(record.images.map(({ attestedScan }: { attestedScan: unknown }) => attestedScan)).toEqual([
      null,
      null,
    ]);
  });

  it('pulls what is built upon, and does not scan it', async () => {
    bench.e2e.registry.store.repositories.get(repositoryOf('app'))?.tags.clear();
    const { run, record, layers } = await rerun();
    expect(run.outputs).toMatchObject({ status: 'released' });
    const [base, app] = record.images;
    expect([base, app]).toMatchObject([
      { name: 'base', origin: 'adopted', attestedScan: { signedAt: expect.any(String) } },
      { name: 'app', origin: 'built', attestedScan: null },
    ]);
    expect(layers).toHaveLength(1);
    expect(run.outputs['sbom-path']?.split('\n')).toHaveLength(2);
  });
});

describe('a registry that has lost a layer', () => {
  it('gets it back from another one, and the image is scanned again', async () => {
    const second = await startRegistry();
    try {
      const registry = `${bench.e2e.registry.host},${second.host}`;
      expect((await rerun({ registry })).run.outputs.status).toBe('released');
      expect((await rerun({ registry })).scans).toBe(0);
      loseLayer(second.store, 'base');
      const { run, scans } = await rerun({ registry });
      expect(run.outputs).toMatchObject({ 'error-code': '' });
      expect(run.log).toContain(
        `${second.host}/${repositoryOf('base')} does not have all of its layers any more.`,
      );
      expect(scans).toBe(1);
      expect((await rerun({ registry })).scans).toBe(0);
    } finally {
      await second.stop();
    }
  });
});

describe('a run on a later day', () => {
  const HOUR = 3_600_000;
  const at = async (hours: number) => {
    bench.sigstore.setClocks(hours * HOUR);
    const before = bench.sigstore.counts();
    const again = await rerun({}, turnedClock(hours * HOUR));
    const made = again.record.attestations.filter(({ known }: { known?: boolean }) => known !== true);
    return { ...again, made, entries: bench.sigstore.counts().rekor - before.rekor };
  };

  afterAll(() => bench.heal());

  it('scans again, attests what it found and nothing else, and spares the next ones of that day', async () => {
    const later = await at(30);
    expect(later.run.outputs).toMatchObject({ status: 'unchanged' });
    expect(later.run.log).toContain('is scanned again: no scan of it is proven to be younger than 24 hours.');
    expect(later.layers.length).toBe(2);
    const kinds = later.made.map(({ image, kind, platform }: Record<string, string>) => [
      image,
      kind,
      platform,
    ]);
    expect(sortedPairs(kinds)).toEqual([
      ['app', 'scan', 'linux/amd64'],
      ['base', 'scan', 'linux/amd64'],
    ]);
    expect(later.entries).toBe(2);

    const next = await at(31);
    expect(next).toMatchObject({ layers: [], scans: 0, made: [], entries: 0 });
    const [signedAt] = next.record.images.map(
      ({ attestedScan }: { attestedScan: { signedAt: string } }) => attestedScan.signedAt,
    );
    expect(new Date(signedAt).getTime()).toBeGreaterThan(Date.now() + 29 * HOUR);
    expect(await at(55)).toMatchObject({ made: [{ kind: 'scan' }, { kind: 'scan' }], entries: 2 });
  });
});

it('a registry that has lost a layer and is the only one ends the run with what to do', async () => {
  // Its own: another image that has the layer too may be pulled first, and then nothing is missing.
  loseLayer(bench.e2e.registry.store, 'app');
  const { run } = await rerun();
  expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'REGISTRY_NOT_FOUND' });
  expect(run.log).toContain('no longer has all of its bytes: build it again under a new version');
});

/** The uppermost layer, which no image below has. */
function loseLayer(of: typeof bench.e2e.registry.store, name: 'app' | 'base'): void {
  const held = of.repositories.get(repositoryOf(name));
  const [{ digest }] = recordOf(first).images.find(
    (image: { name: string }) => image.name === name,
  ).platforms;
  const { layers } = JSON.parse(Buffer.from(held?.manifests.get(digest)?.bytes ?? '').toString());
  expect(held?.blobs.delete(layers.at(-1).digest)).toBe(true);
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => a.localeCompare(b));
}

function sortedPairs(pairs: readonly unknown[]): readonly unknown[] {
  return [...pairs].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}

function repositoryOf(name: string): string {
  const image = recordOf(first).images.find((each: { name: string }) => each.name === name);
  return image.subjects[0].replace(/^[^/]+\//, '').replace(/@.*$/, '');
}
