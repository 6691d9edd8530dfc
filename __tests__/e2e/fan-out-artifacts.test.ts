import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { type RunningResults, startResults } from '../helpers/results-service/results-service.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { fanOutFiles, handoffsOf, type Run, runShards, shardsOf, tagsAt } from './helpers/fan-out-bench.ts';

let bench: E2eBench;
let results: RunningResults;

beforeEach(async () => {
  [bench, results] = [await e2eBench(), await startResults()];
});
afterEach(() => Promise.all([bench.dispose(), results.stop()]));

/** The jobs of one attempt of a run, which has the service of artifacts. */
function attempt(number: number): Run {
  const env = { ...results.attempt(), GITHUB_RUN_ATTEMPT: String(number) };
  return (repository, inputs, more = {}) =>
    bench.run(repository, inputs, { ...more, env: { ...env, ...more.env } });
}

const artifactNames = () => results.artifacts.map(({ name }) => name).toSorted();

function expectReleased(run: ActionRun, digests?: string): void {
  expect({ ...run.outputs, log: run.log }).toMatchObject({
    status: 'released',
    'error-code': '',
    ...(digests === undefined ? {} : { digests }),
  });
}

describe('handoffs by the artifacts of the run', () => {
  it('go from the shards to the candidates and on to the release', async () => {
    const repository = bench.checkout(fanOutFiles('gate: { scope: set }\n'));
    const job = attempt(1);
    const builds = await runShards(job, repository);
    expect(builds.map(({ outputs }) => outputs.status)).toEqual(builds.map(() => 'built'));
    expect(artifactNames()).toHaveLength(4);
    expect(bench.registry.catalogue()).toEqual({});

    const candidates = await job(repository, { command: 'build', handoff: 'artifact' });
    expect({ ...candidates.outputs, log: candidates.log }).toMatchObject({ status: 'built' });
    expect(artifactNames()).toHaveLength(5);
    expect(tagsAt(bench)).toEqual([]);
    const { digests = '' } = candidates.outputs;
    expect(Object.keys(JSON.parse(digests))).toHaveLength(3);

    const released = await job(repository, { handoff: 'artifact', digests });
    expectReleased(released, digests);
    const again = await job(repository, { handoff: 'artifact', digests });
    expect({ ...again.outputs, log: again.log }).toMatchObject({ status: 'unchanged', digests });
  });

  it('of a shard that was run again alone are those of its next attempt', async () => {
    const repository = bench.checkout(fanOutFiles());
    const [first, second] = [attempt(1), attempt(2)];
    const rows = await shardsOf(first, repository);
    const [lost = '', ...others] = rows.map(({ shard }) => shard);
    for (const shard of others) await first(repository, { command: 'build', shard });
    const red = await first(
      repository,
      { command: 'build', shard: lost },
      { onLine: (line, kill) => line.includes('Pushing') && kill('SIGKILL'), withoutPost: true },
    );
    expect(red.signal).toBe('SIGKILL');
    const early = await first(repository, { handoff: 'artifact' });
    expect({ ...early.outputs, log: early.log }).toMatchObject({ 'error-code': 'HANDOFF_INCOMPLETE' });
    expect(early.log).toContain(lost);

    await second(repository, { command: 'build', shard: lost });
    expectReleased(await second(repository, { handoff: 'artifact' }));
    expect(artifactNames()).toHaveLength(4);
  });

  it('of two releases of one run do not disturb each other, though their shards have one name', async () => {
    const files = (name: string) => ({
      [CONFIG]: `images:\n  ${name}: { context: . }\n`,
      Dockerfile: 'FROM scratch\nCOPY own /own\n',
      own: `${name}\n`,
    });
    const [one, two] = [bench.checkout(files('one')), bench.checkout(files('two'))];
    const job = attempt(1);
    const builds: ActionRun[] = [];
    for (const repository of [one, two]) builds.push(...(await runShards(job, repository)));
    expect(builds.map(({ outputs }) => outputs.status)).toEqual(['built', 'built']);
    expect(artifactNames()).toEqual([
      expect.stringMatching(/^module-release-handoff\.all\.[0-9a-f]{8}\.1$/),
      expect.stringMatching(/^module-release-handoff\.all\.[0-9a-f]{8}\.1$/),
    ]);
    for (const repository of [one, two]) {
      const released = await job(repository, { handoff: 'artifact' });
      expectReleased(released);
      expect(released.log).toContain('is of other images, and left to the release of those');
    }
    expect(tagsAt(bench).filter((tag) => tag.endsWith(':1.2.3'))).toEqual([
      'acme/one:1.2.3',
      'acme/two:1.2.3',
    ]);

    const byPath = await job(one, { handoff: handoffsOf(builds), namespace: 'by-path' });
    expect({ ...byPath.outputs, log: byPath.log }).toMatchObject({ status: 'failed' });
    expect(byPath.log).toMatch(/HANDOFF_INVALID|COMMIT_MISMATCH/);
  });
});
