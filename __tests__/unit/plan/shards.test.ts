import { describe, expect, it } from '@jest/globals';
import { formatPlatform, parsePlatform } from '../../../src/model/descriptor.ts';
import type { PlannedImage } from '../../../src/model/plan.ts';
import type { Runner } from '../../../src/model/shard.ts';
import { MOST_SHARDS, planShards } from '../../../src/plan/shards.ts';
import { AMD64, ARM64, aPlannedImage } from '../../helpers/a-release.ts';

const RISCV = parsePlatform('linux/riscv64')!;

function image(name: string, parents: readonly string[] = [], change: Partial<PlannedImage> = {}) {
  return aPlannedImage(name, { parents, ...change });
}

function runners(amd64?: number, arm64?: number): readonly Runner[] {
  return [
    { platform: AMD64, labels: ['ubuntu-latest'], ...(amd64 === undefined ? {} : { jobs: amd64 }) },
    { platform: ARM64, labels: ['self-hosted', 'arm64'], ...(arm64 === undefined ? {} : { jobs: arm64 }) },
  ];
}

/** One line for each shard: name, images, platforms, labels. */
function shards(images: readonly PlannedImage[], of: readonly Runner[]): readonly string[] {
  const { shards: made, problems } = planShards(images, of);
  expect(problems).toEqual([]);
  return made.map(({ name, images: names, platforms, labels }) =>
    [name, names.join(','), platforms.map(formatPlatform).join(',') || '*', labels.join('+')].join(' '),
  );
}

function problems(images: readonly PlannedImage[], of: readonly Runner[]): readonly string[] {
  return planShards(images, of).problems.map(({ message }) => message);
}

const CONTAINAI = [
  image('base'),
  image('runtime', ['base']),
  image('codex', ['runtime']),
  image('copilot', ['runtime']),
  image('proxy'),
  image('log'),
];

describe('the shards of a plan', () => {
  it('are one job without runners', () => {
    expect(shards(CONTAINAI, [])).toEqual(['all base,runtime,codex,copilot,proxy,log * ubuntu-latest']);
    expect(shards([], [])).toEqual([]);
    expect(shards([], runners())).toEqual([]);
  });

  it('are images that stand on each other, once for each platform', () => {
    expect(shards(CONTAINAI, runners())).toEqual([
      'base-linux-amd64 base,runtime,codex,copilot linux/amd64 ubuntu-latest',
      'base-linux-arm64 base,runtime,codex,copilot linux/arm64 self-hosted+arm64',
      'proxy-linux-amd64 proxy linux/amd64 ubuntu-latest',
      'proxy-linux-arm64 proxy linux/arm64 self-hosted+arm64',
      'log-linux-amd64 log linux/amd64 ubuntu-latest',
      'log-linux-arm64 log linux/arm64 self-hosted+arm64',
    ]);
  });

  it.each<[string, readonly PlannedImage[], readonly string[]]>([
    ['two children of one parent', [image('a', ['p']), image('b', ['p']), image('p')], ['a,b,p']],
    ['two parents of one child', [image('p'), image('q'), image('c', ['p', 'q'])], ['p,q,c']],
    ['a chain that is told from its end', [image('c', ['b']), image('b', ['a']), image('a')], ['c,b,a']],
    ['strangers', [image('a'), image('b')], ['a', 'b']],
  ])('join %s', (_, images, expected) => {
    const { shards: made } = planShards(images, runners());
    const ofAmd64 = made.filter(({ platforms }) => platforms[0] === AMD64);
    expect(ofAmd64.map(({ images: names }) => names.join(','))).toEqual(expected);
  });

  it('have the images of a group that have the platform', () => {
    const images = [image('base'), image('app', ['base'], { platforms: [AMD64] })];
    expect(shards(images, runners())).toEqual([
      'base-linux-amd64 base,app linux/amd64 ubuntu-latest',
      'base-linux-arm64 base linux/arm64 self-hosted+arm64',
    ]);
    expect(shards([image('app', [], { platforms: [AMD64] })], runners())).toHaveLength(1);
  });

  it('make whole, by the first runner, what has no platforms and what is brought', () => {
    const images = [
      image('plain', [], { platforms: [] }),
      image('brought', [], { source: { kind: 'oci-layout', path: '/out' } }),
      image('app', [], { platforms: [ARM64] }),
    ];
    expect(shards(images, runners())).toEqual([
      'plain plain * ubuntu-latest',
      'brought brought * ubuntu-latest',
      'app-linux-arm64 app linux/arm64 self-hosted+arm64',
    ]);
  });

  it('are at most as many for a platform as its `jobs`, of like size', () => {
    const images = [...CONTAINAI, ...['x', 'y', 'z'].map((name) => image(name))];
    expect(shards(images, runners(2, 1))).toEqual([
      'base-linux-amd64 base,runtime,codex,copilot,z linux/amd64 ubuntu-latest',
      'base-linux-arm64 base,runtime,codex,copilot,proxy,log,x,y,z linux/arm64 self-hosted+arm64',
      'proxy-linux-amd64 proxy,log,x,y linux/amd64 ubuntu-latest',
    ]);
    expect(shards(images, runners(99))).toEqual(shards(images, runners()));
    const plain = ['a', 'b', 'c'].map((name) => image(name, [], { platforms: [] }));
    expect(shards(plain, runners(2))).toEqual(['a a,c * ubuntu-latest', 'b b * ubuntu-latest']);
  });

  it('have names of their own, at most 80 characters', () => {
    const long = 'a'.repeat(100);
    const images = [
      image('app-linux-amd64', [], { platforms: [] }),
      image('app', [], { platforms: [AMD64] }),
      image(`${long}1`, [], { platforms: [AMD64] }),
      image(`${long}2`, [], { platforms: [AMD64] }),
    ];
    const names = planShards(images, runners()).shards.map(({ name }) => name);
    expect(names).toEqual([
      'app-linux-amd64',
      'app-linux-amd64-2',
      `${'a'.repeat(68)}-linux-amd64`,
      `${'a'.repeat(66)}-linux-amd64-2`,
    ]);
    for (const name of names) expect(name).toMatch(/^[a-z0-9._-]{1,80}$/);
  });
});

describe('what cannot be spread', () => {
  it('is told by platform, with all images that have it', () => {
    const images = ['a', 'b', 'c'].map((name) =>
      image(name, [], { platforms: name === 'c' ? [AMD64] : [AMD64, RISCV] }),
    );
    expect(planShards(images, runners()).problems).toEqual([
      {
        code: 'INPUT_INVALID',
        message: 'config `runners` has no runner for a platform of a, b: linux/riscv64',
        hint: 'Add linux/riscv64 to `runners`, or take it from the platforms of the images.',
      },
    ]);
    expect(problems(images, [])).toEqual([]);
  });

  it.each<[Partial<PlannedImage>, Partial<PlannedImage>, readonly string[]]>([
    [
      { platforms: [AMD64] },
      {},
      ['the image app has platforms that base, which it stands on, has not: linux/arm64'],
    ],
    [
      { platforms: [] },
      {},
      ['the image app has platforms that base, which it stands on, has not: linux/amd64, linux/arm64'],
    ],
    [{}, { platforms: [] }, ['the image app names no platforms, but base, which it stands on, does']],
    [{ platforms: [] }, { platforms: [] }, []],
    [{}, { platforms: [ARM64] }, []],
  ])('a parent %j of a child %j', (parent, child, expected) => {
    expect(problems([image('base', [], parent), image('app', ['base'], child)], runners())).toEqual(expected);
  });

  it('more jobs than a matrix may have', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => image(`i${i}`));
    expect(problems(many(MOST_SHARDS / 2), runners())).toEqual([]);
    expect(problems(many(MOST_SHARDS / 2 + 1), runners())).toEqual([
      'config `runners` makes more than the 256 jobs that a matrix of GitHub may have: 258',
    ]);
    expect(problems(many(1000), runners(128, 128))).toEqual([]);
  });
});
