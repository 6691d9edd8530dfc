import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contentOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { type AttestBench, attestBench, recordOf, refusedByCosign } from './helpers/attest-bench.ts';
import { fanOutFiles, handoffsOf, NAMES, PLATFORMS, runShards } from './helpers/fan-out-bench.ts';

const SET = 'gate: { scope: set }\n';
const PASSWORD = 'of-the-key';

let bench: AttestBench;
let second: RunningRegistry;
let repository: GitRepository;

beforeAll(async () => {
  [bench, second] = [await attestBench(), await startRegistry()];
  await bench.cosign.run(['generate-key-pair'], { COSIGN_PASSWORD: PASSWORD });
  repository = bench.e2e.checkout(fanOutFiles(SET));
});
afterAll(() => Promise.all([bench.dispose(), second.stop()]));

const held = () => [bench.e2e.registry, second].flatMap((registry) => Object.entries(contentOf(registry)));

describe('`gate.scope: set` with handoffs that are signed', () => {
  it('by the jobs: nothing leaves before the gate of all; then all evidence is at both registries', async () => {
    const inputs = {
      registry: `${bench.e2e.registry.host}\n${second.host}`,
      namespace: 'keyless',
      sbom: 'cyclonedx,spdx',
      'sbom-generator': 'syft',
    };
    const builds = await runShards(bench.release, repository, inputs);
    for (const { outputs, log } of builds) expect({ ...outputs, log }).toMatchObject({ status: 'built' });
    expect(held()).toEqual([]);

    const handoff = handoffsOf(builds);
    const run = await bench.release(repository, { ...inputs, handoff });
    expect({ ...run.outputs, log: run.log }).toMatchObject({ status: 'released', 'error-code': '' });
    expect(run.log).not.toContain('is looked into again');
    const kinds = ['provenance', 'cyclonedx', 'spdx', 'scan', 'signature'] as const;
    const { images, attestations } = recordOf(run);
    for (const name of NAMES) {
      expect(images.find((image) => image.name === name)).toMatchObject({
        origin: 'built',
        subjects: [expect.stringContaining(bench.e2e.registry.host), expect.stringContaining(second.host)],
      });
      for (const platform of PLATFORMS) {
        const own = attestations?.filter((each) => each.image === name && each.platform === platform);
        expect(own?.map(({ kind }) => kind)).toEqual(expect.arrayContaining([...kinds]));
        for (const { referrers } of own ?? []) expect(referrers).toHaveLength(2);
      }
    }
    expect(held().map(([name]) => name)).toEqual([...NAMES, ...NAMES].map(() => expect.anything()));
    const again = await bench.release(repository, { ...inputs, handoff });
    expect({ ...again.outputs, log: again.log }).toMatchObject({
      status: 'unchanged',
      digests: run.outputs.digests,
    });
  });

  it('by a key: the same, and cosign accepts it', async () => {
    const key = readFileSync(join(bench.cosign.folder, 'cosign.key'), 'utf8');
    const inputs = { 'cosign-key': key, 'cosign-password': PASSWORD, namespace: 'by-key' };
    const builds = await runShards(bench.release, repository, inputs);
    expect(held().filter(([name]) => name.startsWith('by-key/'))).toEqual([]);
    const handoff = handoffsOf(builds);
    const run = await bench.release(repository, { ...inputs, handoff });
    expect({ ...run.outputs, log: run.log }).toMatchObject({ status: 'released', 'error-code': '' });
    expect(run.log).not.toContain('is looked into again');
    expect(recordOf(run).images.map(({ origin }) => origin)).toEqual(NAMES.map(() => 'built'));
    const flags = ['--key', join(bench.cosign.folder, 'cosign.pub')];
    expect(await refusedByCosign(bench, run, ['provenance', 'scan', 'signature'], ...flags)).toEqual([]);
    const again = await bench.release(repository, { ...inputs, handoff });
    expect({ ...again.outputs, log: again.log }).toMatchObject({ status: 'unchanged' });
  });
});

describe('a policy that is stricter at the release', () => {
  it('counts for what the shards have found, and nothing is scanned for that', async () => {
    const loose = { severity: 'UNKNOWN', namespace: 'stricter' };
    const set = bench.e2e.checkout({
      ...fanOutFiles(SET),
      'alone/Dockerfile': 'FROM scratch\nCOPY node_modules /app/node_modules\n',
      'alone/node_modules/minimist/package.json': JSON.stringify({ name: 'minimist', version: '1.2.5' }),
    });
    const builds = await runShards(bench.release, set, loose);
    const run = await bench.release(set, { namespace: 'stricter', handoff: handoffsOf(builds) });
    expect({ ...run.outputs, log: run.log }).toMatchObject({ 'error-code': 'GATE_FINDINGS' });
    expect(run.log).not.toContain('is looked into again');
    expect(held().filter(([name]) => name.startsWith('stricter/'))).toEqual([]);
  });
});
