import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contentOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { fanOutFiles, handoffsOf, runShards, tagsAt } from './helpers/fan-out-bench.ts';

let bench: E2eBench;
let repository: GitRepository;

beforeEach(async () => {
  bench = await e2eBench();
  repository = bench.checkout(fanOutFiles());
});
afterEach(() => bench.dispose());

const handoffFile = ({ outputs }: ActionRun) => join(outputs.handoff ?? '', 'handoff.json');

/** Nothing is tagged, and what went wrong has this code. */
function expectRefused(run: ActionRun, code: string, ...words: readonly string[]): void {
  expect({ ...run.outputs, log: run.log }).toMatchObject({ status: 'failed', 'error-code': code });
  for (const word of words) expect(run.log).toContain(word);
  expect(tagsAt(bench)).toEqual([]);
}

describe('a release from handoffs', () => {
  it('refuses one that was changed by a byte, and finishes with the shard run again', async () => {
    const builds = [...(await runShards(bench.run, repository))];
    const path = handoffFile(builds[1]!);
    const text = readFileSync(path, 'utf8');
    const at = text.indexOf('"digest": "sha256:') + 20;
    const other = text[at] === '0' ? '1' : '0';
    writeFileSync(path, `${text.slice(0, at)}${other}${text.slice(at + 1)}`);
    expectRefused(await bench.run(repository, { handoff: handoffsOf(builds) }), 'HANDOFF_INVALID', path);

    builds[1] = await bench.run(repository, { command: 'build', shard: 'under-linux-arm64' });
    const finished = await bench.run(repository, { handoff: handoffsOf(builds) });
    expect(finished.outputs).toMatchObject({ status: 'released' });
  });

  it('refuses a set without a shard, and names the job to run again', async () => {
    const builds = await runShards(bench.run, repository);
    const run = await bench.run(repository, { handoff: handoffsOf(builds.slice(0, 3)) });
    expectRefused(run, 'HANDOFF_INCOMPLETE', 'alone (linux/arm64)', 'alone-linux-arm64');
  });

  it('takes nothing from a shard that was killed', async () => {
    const builds = [...(await runShards(bench.run, repository))];
    const killed = await bench.run(
      repository,
      { command: 'build', shard: 'alone-linux-amd64' },
      { onLine: (line, kill) => line.includes('Pushing') && kill('SIGKILL'), withoutPost: true },
    );
    expect(killed.signal).toBe('SIGKILL');
    expect(killed.outputs.handoff).toBeUndefined();
    const left = builds.filter((_, i) => i !== 2);
    expectRefused(
      await bench.run(repository, { handoff: handoffsOf(left) }),
      'HANDOFF_INCOMPLETE',
      'alone-linux-amd64',
    );
    left.push(await bench.run(repository, { command: 'build', shard: 'alone-linux-amd64' }));
    const finished = await bench.run(repository, { handoff: handoffsOf(left) });
    expect(finished.outputs).toMatchObject({ status: 'released' });
  });

  it('refuses those of another commit', async () => {
    const builds = await runShards(bench.run, bench.checkout({ ...fanOutFiles(), 'alone/own': 'other\n' }));
    const run = await bench.run(repository, { handoff: handoffsOf(builds) });
    expectRefused(run, 'COMMIT_MISMATCH', repository.sha);
  });

  it('refuses a digest that the registry does not have', async () => {
    const builds = await runShards(bench.run, repository);
    // Before the other one gives its port back.
    const empty = await e2eBench();
    try {
      await bench.registry.stop();
      const run = await empty.run(repository, {
        registry: empty.registry.host,
        handoff: handoffsOf(builds),
      });
      expect(run.outputs['error-code']).toBe('HANDOFF_INVALID');
      expect(run.log).toContain(bench.registry.host);
      expect(contentOf(empty.registry)).toEqual({});
    } finally {
      await empty.dispose();
    }
  });

  it('tags nothing while the registry fails, and finishes when it is back', async () => {
    const builds = await runShards(bench.run, repository);
    bench.registry.faults.add({
      when: { method: 'PUT', path: /\/manifests\// },
      effect: { do: 'answer', status: 500 },
      times: Number.POSITIVE_INFINITY,
    });
    const run = await bench.run(repository, { handoff: handoffsOf(builds) });
    expectRefused(run, 'REGISTRY_UNAVAILABLE');
    bench.registry.faults.clear();
    const again = await bench.run(repository, { handoff: handoffsOf(builds) });
    expect(again.outputs).toMatchObject({ status: 'released', 'error-code': '' });
  });

  it('comes to one end when two releases of one tag run at once', async () => {
    const builds = await runShards(bench.run, repository);
    const inputs = { handoff: handoffsOf(builds) };
    const [one, two] = await Promise.all([bench.run(repository, inputs), bench.run(repository, inputs)]);
    expect([one.outputs.status, two.outputs.status].toSorted()).toEqual(expect.arrayContaining(['released']));
    expect(one.outputs.digests).toBe(two.outputs.digests);
    const after = await bench.run(repository, inputs);
    expect(after.outputs).toMatchObject({ status: 'unchanged', digests: one.outputs.digests });
  });
});

describe('`gate.scope: set`', () => {
  it('lets nothing leave before the gate of all', async () => {
    const set = bench.checkout({
      ...fanOutFiles('gate: { scope: set }\n'),
      'alone/Dockerfile': 'FROM scratch\nCOPY node_modules /app/node_modules\n',
      'alone/node_modules/minimist/package.json': JSON.stringify({ name: 'minimist', version: '1.2.5' }),
    });
    const builds = await runShards(bench.run, set, { severity: 'UNKNOWN' });
    expect(builds.map(({ outputs }) => outputs.status)).toEqual(builds.map(() => 'built'));
    expect(contentOf(bench.registry)).toEqual({});
    const red = await bench.run(set, { handoff: handoffsOf(builds) });
    expectRefused(red, 'GATE_FINDINGS', 'minimist');
    expect(contentOf(bench.registry)).toEqual({});
    const green = await bench.run(set, { handoff: handoffsOf(builds), severity: 'UNKNOWN' });
    expect(green.outputs).toMatchObject({ status: 'released' });
  });
});

describe('`digests`', () => {
  it('are those that the job in between has tested, or nothing is released', async () => {
    const builds = await runShards(bench.run, repository);
    const candidates = await bench.run(repository, { command: 'build', handoff: handoffsOf(builds) });
    expect(candidates.outputs).toMatchObject({ status: 'built', 'error-code': '' });
    expect(tagsAt(bench)).toEqual([]);
    const digests = candidates.outputs.digests ?? '';
    expect(Object.keys(JSON.parse(digests))).toHaveLength(3);
    const other = JSON.stringify({ ...JSON.parse(digests), alone: '0'.repeat(64) });
    const handoff = handoffsOf([...builds, candidates]);
    expectRefused(await bench.run(repository, { handoff, digests: other }), 'DIGEST_MISMATCH', 'alone');
    const released = await bench.run(repository, { handoff, digests });
    expect(released.outputs).toMatchObject({ status: 'released', digests });
  });
});
