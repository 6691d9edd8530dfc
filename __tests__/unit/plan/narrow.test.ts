import { describe, expect, it } from '@jest/globals';
import { formatPlatform, type Platform } from '../../../src/model/descriptor.ts';
import { narrowImages } from '../../../src/plan/narrow.ts';
import { planShards } from '../../../src/plan/shards.ts';
import { AMD64, ARM64, aPlannedImage } from '../../helpers/a-release.ts';

const IMAGES = [
  aPlannedImage('base', { planHash: 'sha256:base', definitionHash: 'sha256:definition' }),
  aPlannedImage('app', { parents: ['base'], platforms: [AMD64] }),
  aPlannedImage('brought', { source: { kind: 'oci-layout', path: '/out' } }),
];
const RUNNERS = [
  { platform: AMD64, labels: ['a'] },
  { platform: ARM64, labels: ['b'] },
];
const { shards } = planShards(IMAGES, RUNNERS);

function narrow(fanOut: { shard?: string; platforms?: readonly Platform[] }, images = IMAGES) {
  const narrowed = narrowImages(images, shards, fanOut);
  return {
    ...narrowed,
    images: narrowed.images.map(({ name, platforms, partial, parents }) =>
      [
        name,
        platforms.map(formatPlatform).join(','),
        partial === true ? 'a part' : 'whole',
        parents.join(','),
      ].join(' '),
    ),
  };
}

describe('what one job builds', () => {
  it.each([
    ['base-linux-amd64', ['base linux/amd64 a part ', 'app linux/amd64 whole base']],
    ['base-linux-arm64', ['base linux/arm64 a part ']],
    ['brought', ['brought linux/amd64,linux/arm64 whole ']],
  ])('is the shard %s', (shard, images) => {
    expect(narrow({ shard })).toEqual({ images, shard, problems: [] });
  });

  it('is all of the one shard that a plan without runners has', () => {
    const { shards: one } = planShards(IMAGES, []);
    expect(narrowImages(IMAGES, one, { shard: 'all' })).toEqual({
      images: IMAGES,
      shard: 'all',
      problems: [],
    });
  });

  it('has the hashes and names of the whole', () => {
    const [base] = narrowImages(IMAGES, shards, { shard: 'base-linux-arm64' }).images;
    expect(base).toEqual({ ...IMAGES[0], platforms: [ARM64], partial: true });
  });

  it('needs a shard that there is', () => {
    expect(narrow({ shard: 'base' })).toMatchObject({
      images: { length: 3 },
      problems: [
        {
          code: 'INPUT_INVALID',
          message: 'input `shard`: the plan has no shard of this name: base',
          hint: 'Take it from the output `matrix` of `command: plan` on the same commit: base-linux-amd64, base-linux-arm64, brought.',
        },
      ],
    });
    expect(narrow({ shard: 'base' }).shard).toBeUndefined();
  });
});

describe('a job without a shard', () => {
  it('makes everything, and is named by its first image', () => {
    expect(narrowImages(IMAGES, shards, {})).toEqual({ images: IMAGES, shard: 'base', problems: [] });
  });

  it('is narrowed to the platforms of its workflow', () => {
    expect(narrow({ platforms: [ARM64] })).toEqual({
      images: ['base linux/arm64 a part ', 'brought linux/amd64,linux/arm64 whole '],
      shard: 'base-linux-arm64',
      problems: [],
    });
    expect(narrow({ platforms: [ARM64, AMD64] }).images).toEqual([
      'base linux/amd64,linux/arm64 whole ',
      'app linux/amd64 whole base',
      'brought linux/amd64,linux/arm64 whole ',
    ]);
  });

  it('has no name where there is nothing to make', () => {
    expect(narrow({ platforms: [ARM64] }, [])).toEqual({ images: [], problems: [] });
  });

  it('must be left with an image', () => {
    const platforms = [{ os: 'linux', architecture: 's390x' }];
    expect(narrow({ platforms }, IMAGES.slice(0, 2))).toMatchObject({
      images: [],
      problems: [
        {
          code: 'INPUT_INVALID',
          message: 'input `platforms`: no image is declared for any of these: linux/s390x',
        },
      ],
    });
  });
});
