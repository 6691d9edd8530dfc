import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONFIG, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { handoffsOf, shardsOf, tagsAt } from './helpers/fan-out-bench.ts';

/** `base` stands on a target that is no image; `solo` names no platforms. */
const BAKE = `group "default" { targets = ["base", "app", "solo"] }
target "helper" {
  dockerfile = "helper.Dockerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
}
target "base" {
  dockerfile = "base.Dockerfile"
  contexts   = { under = "target:helper" }
  platforms  = ["linux/amd64", "linux/arm64"]
}
target "app" {
  dockerfile = "app.Dockerfile"
  contexts   = { base = "target:base" }
  platforms  = ["linux/amd64", "linux/arm64"]
}
target "solo" { dockerfile = "solo.Dockerfile" }
`;
const FILES = {
  [CONFIG]: `bake: { file: docker-bake.hcl }
platforms: [linux/amd64, linux/arm64]
runners: { linux/amd64: ubuntu-latest, linux/arm64: { labels: [self-hosted, arm64], jobs: 1 } }
`,
  'docker-bake.hcl': BAKE,
  'helper.Dockerfile': 'FROM scratch\nCOPY own /helper\n',
  'base.Dockerfile': 'FROM under\nCOPY own /base\n',
  'app.Dockerfile': 'FROM base\nCOPY own /app\n',
  'solo.Dockerfile': 'FROM scratch\nCOPY own /solo\n',
  own: 'own\n',
};

let bench: E2eBench;
let repository: GitRepository;

beforeAll(async () => {
  bench = await e2eBench();
  repository = bench.checkout(FILES);
});
afterAll(() => bench.dispose());

type Shown = {
  readonly name: string;
  readonly digest: string | null;
  readonly platforms: readonly { readonly platform: string; readonly digest: string }[];
};
const imagesOf = ({ outputs }: ActionRun): readonly Shown[] => JSON.parse(outputs.images ?? '[]');

describe('a bake file whose targets are built by several jobs', () => {
  let builds: readonly ActionRun[];
  let released: ActionRun;

  beforeAll(async () => {
    builds = [
      await bench.run(repository, { command: 'build', platforms: 'linux/arm64' }),
      await bench.run(repository, { command: 'build', platforms: 'linux/amd64' }),
    ];
    released = await bench.run(repository, { handoff: handoffsOf(builds) });
  });

  it('has jobs by group and platform, joined where `jobs` says so', async () => {
    const shards = await shardsOf(bench.run, repository);
    expect(shards.map(({ shard, runner }) => [shard, runner])).toEqual([
      ['app-linux-amd64', 'ubuntu-latest'],
      ['app-linux-arm64', ['self-hosted', 'arm64']],
      ['solo-linux-amd64', 'ubuntu-latest'],
    ]);
  });

  it('is narrowed to the platforms that the workflow of a job names', () => {
    const [arm64] = builds;
    expect(arm64?.outputs).toMatchObject({
      status: 'built',
      digests: '{}',
      tags: '',
      matrix: '{"include":[]}',
    });
    const images = imagesOf(arm64 ?? released);
    expect(images.map(({ name, digest }) => [name, digest])).toEqual([
      ['app', null],
      ['base', null],
      ['solo', null],
    ]);
    for (const { platforms } of images)
      expect(platforms.map(({ platform }) => platform)).toEqual(['linux/arm64']);
  });

  it('comes together as the platforms that were handed over', () => {
    expect({ ...released.outputs, log: released.log }).toMatchObject({
      status: 'released',
      'error-code': '',
    });
    const handed = builds.flatMap(imagesOf).flatMap(({ platforms }) => platforms.map(({ digest }) => digest));
    const whole = imagesOf(released).flatMap(({ platforms }) => platforms.map(({ digest }) => digest));
    expect(whole.toSorted()).toEqual(handed.toSorted());
    expect(new Set(whole).size).toBe(6);
    expect(tagsAt(bench)).toContain('acme/solo:1.2.3');
  });

  it('knows no shard that is not in its plan', async () => {
    const { outputs, log } = await bench.run(repository, { command: 'build', shard: 'base-linux-amd64' });
    expect(outputs).toMatchObject({ status: 'failed', 'error-code': 'INPUT_INVALID' });
    expect(log).toContain('input `shard`: the plan has no shard of this name: base-linux-amd64');
    expect(log).toContain('app-linux-amd64, app-linux-arm64, solo-linux-amd64');
  });
});
