import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import type { Handoff, HandoffTrust } from '../../../../src/model/handoff.ts';
import { checkHandoffs, concerns, type JudgedHandoff } from '../../../../src/steps/handoff/check.ts';
import {
  aHandedImage,
  aHandedPlatform,
  aHandoff,
  anArmHandoff,
  REPOSITORY,
  SET,
} from '../../../helpers/a-handoff.ts';
import { AMD64, ARM64, aPlan, aPlannedImage } from '../../../helpers/a-release.ts';

const WANTED = { plan: SET, repository: REPOSITORY };
const judged = (
  handoff: Handoff,
  trust: HandoffTrust = 'built',
  folder = `/h/${handoff.shard}`,
): JudgedHandoff => ({
  folder,
  handoff,
  trust,
});
const BOTH = [judged(aHandoff()), judged(anArmHandoff())];

function problemsOf(given: readonly JudgedHandoff[], wanted: Parameters<typeof checkHandoffs>[0] = WANTED) {
  return checkHandoffs(wanted, given).problems.map(({ code, message }) => `${code}: ${message}`);
}

/** The same with one image in another way. */
function withImage(name: string, change: Parameters<typeof aHandedImage>[1], handoff = aHandoff()): Handoff {
  return {
    ...handoff,
    images: handoff.images.map((image) => (image.name === name ? { ...image, ...change } : image)),
  };
}

/** The shard once more, with other bytes for base and what stands on it. */
function rebuilt(change: Partial<Handoff> = {}): Handoff {
  const base = digestOf('base amd64, built again');
  const descriptor = (digest: ReturnType<typeof digestOf>) => ({
    ...aHandedPlatform('base').descriptor,
    digest,
  });
  return aHandoff({
    images: [
      aHandedImage('base', { platforms: [aHandedPlatform('base', AMD64, { descriptor: descriptor(base) })] }),
      aHandedImage('app', {
        platforms: [
          aHandedPlatform('app', AMD64, {
            descriptor: descriptor(digestOf('app amd64, built again')),
            parents: { base },
          }),
        ],
      }),
    ],
    run: { id: '4711', attempt: '2' },
    ...change,
  });
}

describe('handoffs that are whole', () => {
  it('make the set, in the order of the plan', () => {
    const { set, problems } = checkHandoffs(WANTED, [...BOTH].reverse());
    expect(problems).toEqual([]);
    expect([...set.keys()]).toEqual(['base', 'app']);
    const shown = [...set.values()].map((platforms) =>
      platforms.map(({ platform, handoff, folder }) => [platform.architecture, handoff.shard, folder]),
    );
    const row = [
      ['amd64', 'all-amd64', '/h/all-amd64'],
      ['arm64', 'all-arm64', '/h/all-arm64'],
    ];
    expect(shown).toEqual([row, row]);
    expect(set.get('app')?.[0]).toMatchObject({
      descriptor: { digest: digestOf('app amd64') },
      repositories: [{ registry: 'ghcr.io', path: 'acme/app' }],
      trust: 'built',
      origin: 'built',
      handoff: { bytes: 'registry', scanner: { version: '0.67.2' } },
    });
  });

  it('may leave the platforms to the builder', () => {
    const plan = aPlan({
      images: [aPlannedImage('base', { definitionHash: 'definition of base', platforms: [] })],
    });
    const { set, problems } = checkHandoffs({ plan, repository: REPOSITORY }, [
      judged(aHandoff({ images: [aHandedImage('base')] })),
    ]);
    expect(problems).toEqual([]);
    expect(set.get('base')?.map(({ platform }) => platform)).toEqual([AMD64]);
  });

  it('may be of brought bytes, which have no definition', () => {
    const plan = aPlan({ images: [aPlannedImage('base', { platforms: [AMD64] })] });
    const { definition: _, ...image } = aHandedImage('base');
    expect(problemsOf([judged(aHandoff({ images: [image] }))], { plan, repository: REPOSITORY })).toEqual([]);
  });
});

describe('a shard that was re-run', () => {
  it('counts with its last attempt, for all that it makes', () => {
    const { set, problems } = checkHandoffs(WANTED, [judged(rebuilt(), 'built', '/h/second'), ...BOTH]);
    expect(problems).toEqual([]);
    expect([...set.values()].map(([first]) => first?.folder)).toEqual(['/h/second', '/h/second']);
  });

  it('counts by number, not by text', () => {
    const later = rebuilt({ run: { id: '4711', attempt: '10' } });
    const earlier = aHandoff({ run: { id: '4711', attempt: '9' } });
    const { set } = checkHandoffs(WANTED, [judged(earlier), judged(later, 'built', '/h/tenth'), BOTH[1]!]);
    expect(set.get('base')?.[0]?.folder).toBe('/h/tenth');
  });

  it('is not guessed at between two runs', () => {
    const other = rebuilt({ run: { id: '4712', attempt: '1' } });
    const found = problemsOf([...BOTH, judged(other, 'built', '/h/other')]);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(
      /^HANDOFF_INVALID: the shards all-amd64 \(run 4711, attempt 1\) and all-amd64 \(run 4712, attempt 1\) have made different bytes for base \(linux\/amd64\): sha256:\w+ in \/h\/all-amd64, sha256:\w+ in \/h\/other$/,
    );
  });
});

describe('a platform that two shards have made', () => {
  it('is fine with equal bytes, and taken from where most is known of it', () => {
    const whole = aHandoff({ shard: 'whole' });
    const { set, problems } = checkHandoffs(WANTED, [
      judged(aHandoff(), 'digests'),
      judged(whole, 'verdict'),
      BOTH[1]!,
    ]);
    expect(problems).toEqual([]);
    expect(set.get('app')?.[0]).toMatchObject({ folder: '/h/whole', trust: 'verdict' });
  });

  it('is taken from the registry rather than from a folder', () => {
    const beside = aHandoff({
      bytes: 'beside',
      images: aHandoff().images.map((image) => ({ ...image, repositories: [] })),
    });
    const { set } = checkHandoffs(WANTED, [judged(beside), judged(aHandoff({ shard: 'whole' })), BOTH[1]!]);
    expect(set.get('app')?.[0]?.folder).toBe('/h/whole');
  });

  it('counts with the later attempt, whatever was made of the earlier one', () => {
    const assembled = aHandoff({ shard: 'assembled' });
    const { set, problems } = checkHandoffs(WANTED, [
      judged(assembled),
      judged(rebuilt(), 'digests', '/h/second'),
      BOTH[1]!,
    ]);
    expect(problems).toEqual([]);
    expect([...set.values()].map(([first]) => first?.folder)).toEqual(['/h/second', '/h/second']);
  });

  it('counts with any attempt that has come to the bytes of the last', () => {
    const assembled = rebuilt({ shard: 'assembled', run: { id: '4711', attempt: '3' } });
    const { set, problems } = checkHandoffs(WANTED, [
      judged(assembled, 'digests'),
      judged(rebuilt(), 'built', '/h/second'),
      judged(aHandoff({ shard: 'older' })),
      BOTH[1]!,
    ]);
    expect(problems).toEqual([]);
    expect(set.get('app')?.[0]?.folder).toBe('/h/second');
  });

  it('is refused with different bytes', () => {
    const other = rebuilt({ shard: 'other', run: { id: '4711', attempt: '1' } });
    const found = problemsOf([judged(other), ...BOTH]);
    expect(found).toHaveLength(2);
    expect(found[1]).toMatch(/the shards other .* and all-amd64 .* have made different bytes for app/);
  });
});

describe('handoffs that are not for this release', () => {
  const other = 'f'.repeat(40);
  it.each([
    [
      'of another commit',
      aHandoff({ revision: other }),
      `COMMIT_MISMATCH: the handoff /h/all-amd64 of the shard all-amd64 is of the commit ${other}, and this release is of ${SET.revision}`,
    ],
    [
      'of another repository',
      aHandoff({ repository: 'acme/other' }),
      'HANDOFF_INVALID: the handoff /h/all-amd64 is of the repository acme/other, and this release is of acme/modules',
    ],
  ])('%s do not count, and are told', (_, handoff, message) => {
    expect(problemsOf([judged(handoff), BOTH[1]!])).toEqual([
      message,
      'HANDOFF_INCOMPLETE: nobody has handed over base (linux/amd64), which the shard all-amd64 makes',
      'HANDOFF_INCOMPLETE: nobody has handed over app (linux/amd64), which the shard all-amd64 makes',
    ]);
  });

  it.each([
    [
      'with an image that nobody asked for',
      aHandoff({ images: [...aHandoff().images, aHandedImage('extra')] }),
      'the image extra of the handoff /h/all-amd64 is not in the plan of this release',
    ],
    [
      'built with other inputs',
      withImage('app', { definition: 'another' }),
      'the image app of the handoff /h/all-amd64 was built with other inputs than those of this release (another, expected definition of app)',
    ],
    [
      'at another registry',
      withImage('app', { repositories: ['ghcr.io/acme/app', 'evil.example.com/acme/app'] }),
      'the image app of the handoff /h/all-amd64 is said to be at evil.example.com/acme/app, and this release pushes it to ghcr.io/acme/app',
    ],
    [
      'with a platform that nobody asked for',
      withImage('base', {
        platforms: [aHandedPlatform('base'), aHandedPlatform('base', { os: 'linux', architecture: 's390x' })],
      }),
      'the image base of the handoff /h/all-amd64 has the platform linux/s390x, which the plan does not ask for',
    ],
  ])('%s', (_, handoff, message) => {
    expect(problemsOf([judged(handoff), BOTH[1]!])).toEqual([`HANDOFF_INVALID: ${message}`]);
  });
});

describe('what is missing', () => {
  it('is named with the shard that makes it', () => {
    const { problems } = checkHandoffs(WANTED, [BOTH[0]!]);
    expect(problems.map(({ message }) => message)).toEqual([
      'nobody has handed over base (linux/arm64), which the shard all-arm64 makes',
      'nobody has handed over app (linux/arm64), which the shard all-arm64 makes',
    ]);
    expect(problems[0]).toMatchObject({
      code: 'HANDOFF_INCOMPLETE',
      hint: 'Re-run the build job of the shard all-arm64, and then this one: the others need not run again.',
    });
  });

  it('is named where the plan has no shards, or no platforms', () => {
    const plan = aPlan({
      images: [aPlannedImage('base', { platforms: [ARM64] }), aPlannedImage('app', { platforms: [] })],
    });
    expect(problemsOf([], { plan, repository: REPOSITORY })).toEqual([
      'HANDOFF_INCOMPLETE: nobody has handed over base (linux/arm64)',
      'HANDOFF_INCOMPLETE: nobody has handed over app',
    ]);
  });
});

describe('a parent', () => {
  const child = (parents: Record<string, ReturnType<typeof digestOf>>) =>
    withImage('app', { platforms: [aHandedPlatform('app', AMD64, { parents })] });

  it('that was built again in between is told with both digests', () => {
    const old = digestOf('base amd64 of yesterday');
    const { problems } = checkHandoffs(WANTED, [judged(child({ base: old })), BOTH[1]!]);
    expect(problems).toEqual([
      {
        code: 'DIGEST_MISMATCH',
        message: `app (linux/amd64) of the shard all-amd64 stands on base ${old}, and the shard all-amd64 has made ${digestOf('base amd64')}`,
        hint: 'base was built again in between: re-run the build job of the shard all-amd64, and then this one.',
      },
    ]);
  });

  it.each([
    ['not named at all', {}],
    ['of the other platform', { base: digestOf('base arm64') }],
  ])('%s is no parent of the set', (_, parents) => {
    expect(problemsOf([judged(child(parents)), BOTH[1]!])).toEqual([
      expect.stringMatching(/^DIGEST_MISMATCH: app \(linux\/amd64\) of the shard all-amd64 stands on base /),
    ]);
  });

  it('that is missing is told once', () => {
    const alone = aHandoff({ images: [aHandedImage('app')] });
    expect(problemsOf([judged(alone), BOTH[1]!])).toEqual([
      'HANDOFF_INCOMPLETE: nobody has handed over base (linux/amd64), which the shard all-amd64 makes',
    ]);
  });
});

describe('another shard, which takes what is of use to it', () => {
  const plan = aPlan({ ...SET, command: 'build', images: [{ ...SET.images[1]!, platforms: [ARM64] }] });
  const wanted = { plan, repository: REPOSITORY };

  it('leaves the images and platforms of others alone', () => {
    const { set, problems } = checkHandoffs(wanted, BOTH);
    expect(problems).toEqual([]);
    expect([...set].map(([name, platforms]) => [name, platforms.map(({ folder }) => folder)])).toEqual([
      ['app', ['/h/all-arm64']],
    ]);
  });

  it('makes itself what nobody hands over', () => {
    expect(checkHandoffs(wanted, [BOTH[0]!])).toEqual({ set: new Map(), problems: [] });
  });

  it('does not take half of an image', () => {
    const whole = { plan: aPlan({ ...SET, command: 'build' }), repository: REPOSITORY };
    expect(problemsOf([BOTH[0]!], whole)).toEqual([
      'HANDOFF_INCOMPLETE: nobody has handed over base (linux/arm64), which the shard all-arm64 makes',
      'HANDOFF_INCOMPLETE: nobody has handed over app (linux/arm64), which the shard all-arm64 makes',
    ]);
  });

  it('is told of images that nobody makes', () => {
    const stray = aHandoff({ images: [aHandedImage('extra')] });
    expect(problemsOf([judged(stray)], wanted)).toEqual([
      'HANDOFF_INVALID: the image extra of the handoff /h/all-amd64 is not in the plan of this release',
    ]);
  });
});

it('all problems are told at once', () => {
  const wrong = withImage('base', { definition: 'another' });
  expect(
    problemsOf([judged(wrong), judged(anArmHandoff({ revision: 'f'.repeat(40) }), 'built', '/h/x')]),
  ).toEqual([
    expect.stringContaining('COMMIT_MISMATCH'),
    expect.stringContaining('HANDOFF_INVALID'),
    expect.stringContaining('HANDOFF_INCOMPLETE: nobody has handed over base (linux/arm64)'),
    expect.stringContaining('HANDOFF_INCOMPLETE: nobody has handed over app (linux/arm64)'),
  ]);
});

describe('a handoff concerns a plan', () => {
  it.each<[string, Handoff, boolean]>([
    ['that has one of its images', aHandoff({ images: [aHandedImage('app'), aHandedImage('other')] }), true],
    ['by its images alone, while their bytes lie beside', withImage('base', { repositories: [] }), true],
    ['not of other images', aHandoff({ images: [aHandedImage('other')] }), false],
    [
      'not by an image of that name at another place',
      aHandoff({ images: [aHandedImage('app', { repositories: ['ghcr.io/other/app'] })] }),
      false,
    ],
  ])('%s', (_, handoff, expected) => {
    expect(concerns(handoff, SET)).toBe(expected);
  });
});

describe('jobs of one name that make other images', () => {
  it('are no attempts of each other', () => {
    const base = aHandoff({ images: [aHandedImage('base')] });
    const app = aHandoff({ images: [aHandedImage('app')], run: { id: '4711', attempt: '2' } });
    expect(problemsOf([judged(base), judged(app), judged(anArmHandoff())])).toEqual([]);
  });
});
