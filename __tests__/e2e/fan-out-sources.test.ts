import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, contentOf, contextOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { type GitRepository, writeFiles } from '../helpers/git-repository.ts';
import { aModule, stubBase } from '../helpers/module-bench.ts';
import type { ActionRun, RunOptions } from '../helpers/run-action.ts';
import { turnedClock } from '../helpers/turned-clock.ts';
import { pythonPackage } from '../helpers/vulnerable-layout.ts';
import { fanOutFiles, handoffsOf, type Run, runShards, shardsOf, tagsAt } from './helpers/fan-out-bench.ts';
import { judge } from './helpers/judges.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

function expectStatus(run: ActionRun, status: string): void {
  expect({ ...run.outputs, log: run.log }).toMatchObject({ status, 'error-code': '' });
}

describe('an image that another tool built, in a set with runners', () => {
  it('is taken whole by one job, and released with the others', async () => {
    const context = bench.folder('context');
    writeFiles(context, contextOf({ 'etc/motd': 'brought\n' }));
    const layout = join(bench.folder('brought'), 'layout');
    const both = ['--platform', 'linux/amd64,linux/arm64', '--provenance', 'false'];
    const output = ['--output', `type=oci,tar=false,dest=${layout}`];
    await judge('docker', 'buildx', 'build', '--builder', 'default', ...both, ...output, context);

    const files = fanOutFiles();
    const config = files[CONFIG]?.replace(
      'images:\n',
      `images:\n  brought: { from: "oci-layout:${layout}" }\n`,
    );
    const repository = bench.checkout({ ...files, [CONFIG]: config ?? '' });
    const rows = await shardsOf(bench.run, repository);
    expect(rows.map(({ shard }) => shard)).toContain('brought');
    const builds = await runShards(bench.run, repository);
    for (const build of builds) expectStatus(build, 'built');
    const handoff = handoffsOf(builds);
    const run = await bench.run(repository, { handoff });
    expectStatus(run, 'released');
    const images = JSON.parse(run.outputs.images ?? '[]');
    expect(images.map(({ platforms }: { platforms: unknown[] }) => platforms.length)).toEqual([2, 2, 2, 2]);
    expect(tagsAt(bench)).toContain('acme/brought:1.2.3');
    expectStatus(await bench.run(repository, { handoff }), 'unchanged');
  });
});

describe('a waiver', () => {
  it('that has expired since the shards have passed does not let the set pass', async () => {
    const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10);
    const entry = `id: CVE-2020-14343, statement: not reachable, owner: platform team, expired_at: ${tomorrow}`;
    const repository = bench.checkout({
      ...fanOutFiles(),
      ...contextOf(pythonPackage('PyYAML', '5.3'), 'alone'),
      'waivers.yml': `vulnerabilities:\n  - { ${entry} }\n`,
    });
    const inputs = { waivers: 'waivers.yml' };
    const builds = await runShards(bench.run, repository, inputs);
    for (const build of builds) expectStatus(build, 'built');
    const release = { ...inputs, handoff: handoffsOf(builds) };
    const late = await bench.run(repository, release, { env: turnedClock(3 * DAY_MS) });
    expect({ ...late.outputs, log: late.log }).toMatchObject({ 'error-code': 'GATE_FINDINGS' });
    expect(tagsAt(bench)).toEqual([]);
    expectStatus(await bench.run(repository, release), 'released');
  });
});

describe('a set of modules', () => {
  let stub: string;
  let checkout: GitRepository;

  beforeAll(async () => {
    stub = await stubBase();
  });
  afterAll(() => judge('docker', 'image', 'rm', '--force', stub));
  beforeEach(() => {
    checkout = bench.checkout({
      [CONFIG]: `tag-prefix: "*/v"\nmodule-base-image: ${stub}\nplatforms: linux/amd64\nrunners: { linux/amd64: ubuntu-latest }\n`,
      ...aModule({ name: 'parser', version: '1.0.0', description: 'Parses' }, 'modules/parser'),
      ...aModule({ name: 'indexer', version: '2.0.0', description: 'Indexes' }, 'modules/indexer'),
    });
  });

  const byHand = (sha: string): Partial<RunOptions> => ({
    eventName: 'workflow_dispatch',
    ref: 'refs/heads/main',
    sha,
    event: { inputs: {} },
  });
  const jobAt =
    (sha: string): Run =>
    (repository, inputs) =>
      bench.run(repository, inputs, byHand(sha));

  it('is spread over jobs, of those modules alone whose version is new; of none, everything ends well', async () => {
    const job = jobAt(checkout.sha);
    const rows = await shardsOf(job, checkout);
    expect(rows.map(({ shard }) => shard)).toEqual(['indexer-linux-amd64', 'parser-linux-amd64']);
    const builds = await runShards(job, checkout);
    for (const build of builds) expectStatus(build, 'built');
    expectStatus(await job(checkout, { handoff: handoffsOf(builds) }), 'released');
    expect(Object.keys(contentOf(bench.registry))).toEqual(['acme/indexer', 'acme/parser']);

    const bumped = jobAt(
      checkout.commit(aModule({ name: 'parser', version: '1.1.0', description: 'Parses' }, 'modules/parser')),
    );
    const [row, ...others] = await shardsOf(bumped, checkout);
    expect([row?.shard, others]).toEqual(['parser-linux-amd64', []]);
    const more = await runShards(bumped, checkout);
    expectStatus(await bumped(checkout, { handoff: handoffsOf(more) }), 'released');

    const nothing = jobAt(checkout.commit({ 'README.md': 'Nothing is bumped.\n' }));
    const plan = await nothing(checkout, { command: 'plan' });
    expect(plan.outputs).toMatchObject({ matrix: '{"include":[]}', 'error-code': '' });
    const build = await nothing(checkout, { command: 'build' });
    expectStatus(build, 'unchanged');
    expect(build.exitCode).toBe(0);
    expectStatus(await nothing(checkout, {}), 'unchanged');
  });
});
