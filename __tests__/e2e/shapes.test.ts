import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ActionRun } from '../helpers/run-action.ts';
import type { ActRun } from './helpers/act.ts';
import { craneManifest, judge } from './helpers/judges.ts';
import { type ShapeBench, type ShapeCheckout, SIGNER, shapeBench } from './helpers/shape-bench.ts';
import {
  BOTH,
  type Inside,
  imagesOf,
  insideOf,
  SHAPES,
  type Shape,
  type ShownImage,
  shapeFile,
} from './helpers/shapes.ts';

let bench: ShapeBench;

beforeAll(async () => {
  bench = await shapeBench();
});
afterAll(() => bench.dispose());

/** Image → files that it must have, and where the example has them; `ARCH` is the processor. */
const EXPECTED: Readonly<Record<Shape, Readonly<Record<string, readonly (readonly [string, string])[]>>>> = {
  'containai-shape': {
    'containai-base': [['usr/local/bin/agent-task-runner', 'docker/base/bin/ARCH/agent-task-runner']],
    'containai-codex': [
      ['usr/local/bin/agent-task-runner', 'docker/base/bin/ARCH/agent-task-runner'],
      ['etc/containai/runtime.toml', 'docker/runtime/rootfs/etc/containai/runtime.toml'],
      ['etc/containai/agent.toml', 'docker/codex/rootfs/etc/containai/agent.toml'],
    ],
    'containai-proxy': [['etc/squid/squid.conf', 'docker/proxy/rootfs/etc/squid/squid.conf']],
  },
  'services-shape': {
    gateway: [
      ['usr/local/bin/kubernaut', 'bin/ARCH/kubernaut'],
      ['etc/kubernaut/config.yaml', 'services/gateway/config.yaml'],
    ],
    'db-migrate': [['migrations/0001_remediation.sql', 'db-migrate/migrations/0001_remediation.sql']],
  },
};

/** The channels that the tag of a stable version moves, and their aliases. */
const MOVING: Readonly<Record<Shape, readonly string[]>> = {
  'containai-shape': ['prod', 'latest', '1.2'],
  'services-shape': ['candidate', 'stable', 'latest', '1', '1.2'],
};

/** Jobs of the builds: groups of images that stand on each other, or as many as the config allows, for two processors. */
const SHARDS: Readonly<Record<Shape, number>> = { 'containai-shape': 6, 'services-shape': 8 };

const shown = (outputs: Readonly<Record<string, string>> | undefined): readonly ShownImage[] =>
  JSON.parse(outputs?.images ?? '[]');

describe.each(SHAPES)('the example %s', (shape) => {
  const names = imagesOf(shape);
  let checkout: ShapeCheckout;
  let alone: ActionRun;
  let fanned: ActRun;
  let aloneInside: Readonly<Record<string, Inside>>;

  beforeAll(async () => {
    checkout = bench.checkout(shape);
    alone = await checkout.alone();
    aloneInside = await insideOf(shown(alone.outputs));
    fanned = await checkout.fanned();
    // Two cores for all of these jobs: on a runner each has a machine.
  }, 900_000);
  afterAll(async () => {
    // The smoke test has pulled them.
    const pulled = shown(fanned.outputs.release).map(({ ref }) => ref);
    if (shape === 'services-shape') await judge('docker', 'image', 'rm', '--force', ...pulled);
  });

  const ways = (): readonly (readonly [string, Readonly<Record<string, string>>])[] => [
    [`${shape}-alone`, alone.outputs],
    [shape, fanned.outputs.release ?? {}],
  ];

  it('is planned by one job, built by several at the same time, and released by one', () => {
    expect({ exit: fanned.exitCode, jobs: fanned.jobs, lines: fanned.lines.slice(-60) }).toMatchObject({
      exit: 0,
    });
    const builds = fanned.jobs.filter(({ name }) => name.includes('/Build '));
    expect(builds.map(({ result }) => result)).toEqual(Array(SHARDS[shape]).fill('success'));
    const first = fanned.results.indexOf('Main Build: success');
    const begun = fanned.results.slice(0, first).filter((result) => result === 'Set up job: success');
    // The job that plans, and at least two that build.
    expect(begun.length).toBeGreaterThan(2);
    expect(fanned.outputs.release).toMatchObject({ status: 'released', version: '1.2.3', 'error-code': '' });
  });

  it('names each image once in every output, by both ways', () => {
    for (const [namespace, outputs] of ways()) {
      expect(shown(outputs).map(({ name }) => name)).toEqual(names);
      expect(Object.keys(JSON.parse(outputs.digests ?? '{}'))).toEqual(names);
      const tags = names.flatMap((name) =>
        ['1.2.3', `sha-${checkout.sha}`].map(
          (tag) => `${bench.e2e.registry.host}/${namespace}/${name}:${tag}`,
        ),
      );
      expect(outputs.tags?.split('\n')).toEqual(tags);
    }
  });

  it('moves its channels and their aliases for all images, by both ways', () => {
    const catalogue = bench.e2e.registry.catalogue();
    for (const [namespace, outputs] of ways())
      for (const { name, digest } of shown(outputs))
        expect(catalogue[`${namespace}/${name}`]?.tags).toMatchObject(
          Object.fromEntries(['1.2.3', `sha-${checkout.sha}`, ...MOVING[shape]].map((tag) => [tag, digest])),
        );
  });

  it('makes complete indexes, by both ways', async () => {
    for (const [, outputs] of ways())
      for (const { ref, platforms } of shown(outputs)) {
        const { manifests = [] } = await craneManifest(ref);
        const rows = manifests.map(({ digest, platform }) => ({
          platform: `${platform?.os}/${platform?.architecture}`,
          digest,
        }));
        expect(rows.map(({ platform }) => platform)).toEqual(BOTH);
        expect(platforms).toEqual(rows);
      }
  });

  it('holds on each platform the files and the config of that platform', () => {
    for (const [name, files] of Object.entries(EXPECTED[shape]))
      for (const platform of BOTH) {
        const arch = platform.replace('linux/', '');
        const { config, files: seen } = aloneInside[`${name} ${platform}`] ?? { config: {}, files: {} };
        expect(config).toMatchObject({ os: 'linux', architecture: arch });
        for (const [path, source] of files)
          expect([path, seen[path]]).toEqual([path, shapeFile(shape, source.replace('ARCH', arch))]);
      }
  });

  it('has equal files and configs by both ways', async () => {
    expect(Object.keys(aloneInside)).toEqual(
      names.flatMap((name) => BOTH.map((platform) => `${name} ${platform}`)),
    );
    expect(await insideOf(shown(fanned.outputs.release))).toEqual(aloneInside);
    expect(fanned.outputs.release?.digests).toBe(alone.outputs.digests);
  });

  it('is released as the very digests that a test in between has pulled', () => {
    if (shape === 'containai-shape') {
      expect(fanned.outputs.candidates).toBeUndefined();
      return;
    }
    expect(fanned.jobs.map(({ name }) => name.trim())).toContain('Release/smoke-test');
    const refs = shown(fanned.outputs.candidates).map(({ ref }) => ref);
    expect(refs).toEqual(shown(fanned.outputs.release).map(({ ref }) => ref));
    // What `docker pull --quiet` prints.
    expect(fanned.lines).toEqual(expect.arrayContaining(refs));
  });

  it('is signed by the reusable workflow, and cosign accepts it by that name alone', async () => {
    const { cosign } = bench;
    const [first] = shown(fanned.outputs.release);
    const ref = first?.ref ?? '';
    expect(await cosign.verify(ref, ...cosign.identity(`https://github.com/${SIGNER}`))).toMatchObject({
      code: 0,
    });
    const other = cosign.identity(
      `https://github.com/acme/modules/.github/workflows/release.yml@refs/tags/v1.2.3`,
    );
    expect((await cosign.verify(ref, ...other)).code).not.toBe(0);
  });
});
