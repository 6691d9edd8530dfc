import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type E2eBench, e2eBench, VERSION } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import {
  fanOutFiles,
  handoffsOf,
  NAMES,
  PLATFORMS,
  runShards,
  shardsOf,
  tagsAt,
} from './helpers/fan-out-bench.ts';

let bench: E2eBench;
let other: E2eBench;

beforeAll(async () => {
  [bench, other] = [await e2eBench(), await e2eBench()];
});
afterAll(() => Promise.all([bench.dispose(), other.dispose()]));

const imagesOf = ({ outputs }: ActionRun) => JSON.parse(outputs.images ?? '[]');

describe('a release whose images are built by several jobs', () => {
  let repository: GitRepository;
  let builds: readonly ActionRun[];
  let released: ActionRun;

  beforeAll(async () => {
    repository = bench.checkout(fanOutFiles());
    builds = await runShards(bench.run, repository);
  });

  it('has one job for each group of images and platform', async () => {
    const rows = await shardsOf(bench.run, repository);
    expect(rows).toEqual([
      {
        shard: 'under-linux-amd64',
        runner: 'ubuntu-latest',
        images: 'under, over',
        platforms: 'linux/amd64',
      },
      {
        shard: 'under-linux-arm64',
        runner: 'ubuntu-24.04-arm',
        images: 'under, over',
        platforms: 'linux/arm64',
      },
      { shard: 'alone-linux-amd64', runner: 'ubuntu-latest', images: 'alone', platforms: 'linux/amd64' },
      { shard: 'alone-linux-arm64', runner: 'ubuntu-24.04-arm', images: 'alone', platforms: 'linux/arm64' },
    ]);
  });

  it('pushes by digest from each, and sets no tag', () => {
    expect(builds.map(({ outputs }) => [outputs.status, outputs['error-code']])).toEqual(
      builds.map(() => ['built', '']),
    );
    expect(builds).toHaveLength(4);
    expect(tagsAt(bench)).toEqual([]);
    const pushed = Object.values(bench.registry.catalogue()).map(({ manifests }) => manifests.length);
    expect(pushed).toEqual([2, 2, 2]);
  });

  it('comes to the very digests of one job that builds all', async () => {
    released = await bench.run(repository, { handoff: handoffsOf(builds) });
    expect({ ...released.outputs, log: released.log }).toMatchObject({
      status: 'released',
      'error-code': '',
    });
    const alone = await other.run(repository);
    expect(alone.outputs.status).toBe('released');
    expect(imagesOf(released).map(({ name }: { name: string }) => name)).toEqual([...NAMES]);
    expect(JSON.parse(released.outputs.digests ?? '')).toEqual(JSON.parse(alone.outputs.digests ?? '{}'));
    for (const { platforms } of imagesOf(released))
      expect(platforms.map(({ platform }: { platform: string }) => platform)).toEqual([...PLATFORMS]);
    for (const name of NAMES) expect(tagsAt(bench)).toContain(`acme/${name}:${VERSION}`);
  });

  it('is unchanged when all of it runs again', async () => {
    const again = await runShards(bench.run, repository);
    const run = await bench.run(repository, { handoff: handoffsOf(again) });
    expect(run.outputs).toMatchObject({ status: 'unchanged', digests: released.outputs.digests });
  });
});
