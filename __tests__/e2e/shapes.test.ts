import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { craneManifest } from './helpers/judges.ts';
import {
  BOTH,
  type Inside,
  imagesOf,
  insideOf,
  SHAPES,
  type Shape,
  type ShownImage,
  shapeFile,
  shapeRepository,
} from './helpers/shapes.ts';

let bench: E2eBench;

beforeAll(async () => {
  bench = await e2eBench();
});
afterAll(() => bench.dispose());

/** Release of an example by one job. */
async function released(shape: Shape) {
  const checkout = shapeRepository(shape, { registry: bench.registry.host });
  try {
    const run = await bench.run(checkout, { namespace: shape });
    expect({ ...run.outputs, log: run.log.slice(-3000) }).toMatchObject({
      status: 'released',
      'error-code': '',
    });
    return { run, sha: checkout.sha };
  } finally {
    checkout.remove();
  }
}

/** By an end of the name of an image: files that it must have, where `ARCH` is its processor. */
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

describe.each(SHAPES)('the example %s, released by one job', (shape) => {
  let outputs: Readonly<Record<string, string>>;
  let images: readonly ShownImage[];
  let inside: Readonly<Record<string, Inside>>;
  let sha: string;

  beforeAll(async () => {
    const done = await released(shape);
    outputs = done.run.outputs;
    sha = done.sha;
    images = JSON.parse(outputs.images ?? '[]');
    inside = await insideOf(images);
  });

  it('names each image once in every output', () => {
    const names = imagesOf(shape);
    expect(images.map(({ name }) => name)).toEqual(names);
    expect(Object.keys(JSON.parse(outputs.digests ?? '{}'))).toEqual(names);
    const tags = names.flatMap((name) =>
      ['1.2.3', `sha-${sha}`].map((tag) => `${bench.registry.host}/${shape}/${name}:${tag}`),
    );
    expect(outputs.tags?.split('\n')).toEqual(tags);
  });

  it('moves its channels and their aliases for all images', () => {
    const catalogue = bench.registry.catalogue();
    for (const { name, digest } of images)
      expect(catalogue[`${shape}/${name}`]?.tags).toMatchObject(
        Object.fromEntries(['1.2.3', `sha-${sha}`, ...MOVING[shape]].map((tag) => [tag, digest])),
      );
  });

  it('makes complete indexes', async () => {
    for (const { ref, platforms } of images) {
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
    expect(Object.keys(inside)).toEqual(
      imagesOf(shape).flatMap((name) => BOTH.map((platform) => `${name} ${platform}`)),
    );
    for (const [name, files] of Object.entries(EXPECTED[shape]))
      for (const platform of BOTH) {
        const arch = platform.replace('linux/', '');
        const { config, files: seen } = inside[`${name} ${platform}`] ?? { config: {}, files: {} };
        expect(config).toMatchObject({ os: 'linux', architecture: arch });
        for (const [path, source] of files)
          expect([path, seen[path]]).toEqual([path, shapeFile(shape, source.replace('ARCH', arch))]);
      }
  });
});
