import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contentOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { asEvent } from './helpers/as-event.ts';
import { fanOutFiles, handoffsOf, type Run, runShards } from './helpers/fan-out-bench.ts';

let bench: E2eBench;
let repository: GitRepository;

beforeAll(async () => {
  bench = await e2eBench();
  repository = bench.checkout(fanOutFiles());
});
afterAll(() => bench.dispose());

type Inputs = Readonly<Record<string, string>>;

/** The shards and the release of one event. */
async function releaseOn(
  name: string,
  inputs: Inputs,
  change: Inputs = {},
): Promise<{ readonly builds: readonly ActionRun[]; readonly run: ActionRun; readonly wrote: number }> {
  const from = bench.registry.requests.length;
  const job: Run = (checkout, own = {}) =>
    bench.run(checkout, { ...inputs, ...own }, asEvent(name, checkout, change));
  const builds = await runShards(job, repository);
  expect(builds).toHaveLength(4);
  for (const { outputs, log } of builds) expect({ ...outputs, log }).toMatchObject({ status: 'built' });
  const run = await job(repository, { handoff: handoffsOf(builds) });
  return { builds, run, wrote: writesOf(bench.registry.requests.slice(from)).length };
}

/** Tags below a namespace, without those of commits. */
function tagsIn(namespace: string): Readonly<Record<string, readonly string[]>> {
  const own = Object.entries(contentOf(bench.registry)).filter(([name]) => name.startsWith(`${namespace}/`));
  return Object.fromEntries(
    own.map(([name, { tags }]) => [name, Object.keys(tags).filter((tag) => !tag.startsWith('sha-'))]),
  );
}

describe('a fan-out of', () => {
  it.each([
    ['a pull request', 'pull-request'],
    ['a pull request of a fork', 'pull-request-fork'],
  ])('%s is gated, and nothing is written', async (_, event) => {
    const { builds, run, wrote } = await releaseOn(event, { namespace: event });
    expect({ ...run.outputs, log: run.log }).toMatchObject({
      status: 'gated',
      'error-code': '',
      pushed: 'false',
    });
    expect(run.log).toContain('is looked into again');
    for (const { outputs } of builds) expect(outputs.handoff).not.toBe('');
    expect(wrote).toBe(0);
    expect(tagsIn(event)).toEqual({});
  });

  it.each<[string, string, Inputs, RegExp | undefined]>([
    ['a pull request that is pushed', 'pull-request', { 'pull-request': 'push' }, /^pr-\d+$/],
    ['a push to a branch', 'push-branch', {}, undefined],
    ['a schedule', 'schedule', {}, /^nightly-/],
    ['a dispatch on a branch', 'dispatch-branch', { version: '2.0.0' }, /^2\.0\.0$/],
    ['a dispatch on a tag', 'dispatch-tag', {}, /^1\.3\.0-rc\.1$/],
  ])('%s has the tags of that event', async (_, event, inputs, tag) => {
    const namespace = `pushed-${event}`;
    const { run } = await releaseOn(event, { ...inputs, namespace });
    expect({ ...run.outputs, log: run.log }).toMatchObject({ status: 'released', pushed: 'true' });
    expect(run.outputs.tags).not.toBe('');
    const held = tagsIn(namespace);
    expect(Object.keys(held).toSorted()).toEqual(
      ['alone', 'over', 'under'].map((name) => `${namespace}/${name}`),
    );
    for (const own of Object.values(held))
      expect(own).toEqual(tag === undefined ? [] : [expect.stringMatching(tag)]);
  });
});
