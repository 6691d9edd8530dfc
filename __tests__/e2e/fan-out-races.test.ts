import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { ActionRun, RunOptions } from '../helpers/run-action.ts';
import { restlessFiles } from './helpers/family.ts';

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

/** Image → digest of the version, of one repository each. */
function released(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(bench.registry.catalogue()).map(([name, { tags }]) => [
      name.replace('acme/', ''),
      tags['1.2.3']?.replace('sha256:', ''),
    ]),
  );
}

describe('two sets of handoffs of one commit with other bytes', () => {
  let repository: GitRepository;
  let builds: ActionRun[];

  beforeEach(async () => {
    builds = [];
    repository = bench.checkout(await restlessFiles());
    const inputs = { command: 'build', 'no-cache': 'true' };
    // At once the builder would do the same work once.
    for (const GITHUB_RUN_ID of ['1001', '1002'])
      builds.push(await bench.run(repository, inputs, { env: { GITHUB_RUN_ID } }));
    expect(builds.map(({ outputs }) => outputs.status)).toEqual(['built', 'built']);
    expect(builds[0]?.outputs.digests).not.toBe(builds[1]?.outputs.digests);
  });

  const release = (build: ActionRun | undefined, more: Partial<RunOptions> = {}) =>
    bench.run(repository, { handoff: build?.outputs.handoff ?? '' }, more);

  /**
   * Two runs at once, of which the one that comes to its push last stands still there until the other has set a tag or ended:
   * registries know no compare-and-swap, so of two that have both found a tag free nobody can say who keeps it.
   */
  function releaseAll(): Promise<readonly ActionRun[]> {
    let [pushing, isOver] = [0, false];
    const onLine: NonNullable<RunOptions['onLine']> = (line, kill) => {
      if (!line.startsWith('::group::Push by digest')) return;
      pushing += 1;
      if (pushing === 1) return;
      kill('SIGSTOP');
      const timer = setInterval(() => {
        if (!isOver && Object.values(released()).every((digest) => digest === undefined)) return;
        clearInterval(timer);
        kill('SIGCONT');
      }, 2);
    };
    const end = (): void => {
      isOver = true;
    };
    return Promise.all(builds.map((build) => release(build, { onLine }).finally(end)));
  }

  it('released at once: one wins, the other is refused, and nothing is mixed', async () => {
    const runs = await releaseAll();
    const [won, ...more] = runs.filter(({ outputs }) => outputs.status === 'released');
    const lost = runs.find((run) => run !== won);
    expect(more).toEqual([]);
    expect({ ...lost?.outputs, log: lost?.log }).toMatchObject({
      status: 'failed',
      'error-code': expect.stringMatching(/^(?:TAG_IMMUTABLE|DIGEST_MISMATCH)$/),
    });
    expect(released()).toEqual(JSON.parse(won?.outputs.digests ?? '{}'));
  });

  it('released one after the other: what is there is not taken for the second, and all jobs again finish', async () => {
    const [one, two] = builds;
    const first = await release(one);
    expect(first.outputs.status).toBe('released');
    const second = await release(two);
    expect({ ...second.outputs, log: second.log }).toMatchObject({ 'error-code': 'TAG_IMMUTABLE' });
    expect(second.log).toContain('is released already as');
    const again = await bench.run(repository, { command: 'build', 'no-cache': 'true' });
    expect((await release(again)).outputs).toMatchObject({
      status: 'unchanged',
      digests: first.outputs.digests,
    });
  });
});
