import { describe, expect, it } from '@jest/globals';
import type { ChannelRule } from '../../../src/model/channel.ts';
import type { Inputs } from '../../../src/model/inputs.ts';
import { matchesPattern } from '../../../src/plan/channels.ts';
import { planRelease } from '../../../src/plan/plan-release.ts';
import { anInputs, someFacts, someVersionInputs } from '../../helpers/a-context.ts';
import { capturedContext } from '../../helpers/captured-event.ts';

const NONE = { branches: [], tags: [], schedule: false };

function rule(
  name: string,
  when: Partial<ChannelRule['when']>,
  change: Partial<ChannelRule> = {},
): ChannelRule {
  return { name, when: { ...NONE, ...when }, prerelease: false, aliases: [], history: 50, ...change };
}

const RULES = [
  rule('dev', { branches: ['main'] }, { prerelease: true }),
  rule('nightly', { schedule: true }, { prerelease: true }),
  rule('beta', { tags: ['v*'] }, { prerelease: true }),
  rule('prod', { tags: ['v*'] }, { aliases: ['latest', 'minor'] }),
  rule('stable', {}),
];

function plan(
  event: string,
  channels: Partial<Inputs['channels']> = {},
  change: Partial<Inputs> = {},
  ref?: string,
) {
  const context = capturedContext(event);
  const inputs = anInputs({
    channels: { rules: RULES, to: { kind: 'previous' }, force: false, ...channels },
    ...change,
  });
  return planRelease(inputs, ref === undefined ? context : { ...context, ref }, someFacts());
}

const moved = (...given: Parameters<typeof plan>) =>
  plan(...given).channels.promotions.map(({ channel, aliases }) => [channel, ...aliases].join(' '));

describe('the channels of an event', () => {
  it.each<[string, string | undefined, readonly string[]]>([
    ['push-tag', 'refs/tags/v1.2.3', ['beta', 'prod latest minor']],
    ['push-tag', 'refs/tags/v1.3.0-rc.1', ['beta']],
    ['push-branch', 'refs/heads/main', ['dev']],
    ['push-branch', 'refs/heads/topic', []],
    ['schedule', undefined, ['nightly']],
    ['pull-request', undefined, []],
    ['pull-request-fork', undefined, []],
  ])('%s on %s moves %j', (event, ref, expected) => {
    expect(moved(event, {}, {}, ref)).toEqual(expected);
  });

  it.each<[string, boolean, boolean]>([
    ['a channel of stable versions is production', false, true],
    ['one that takes prereleases is none', true, false],
  ])('have a deployment where they have an environment: %s', (_, prerelease, isProduction) => {
    const environment = 'production';
    const rules = [
      rule('prod', { tags: ['v*'] }, { environment, prerelease }),
      rule('beta', { tags: ['v*'] }),
    ];
    const { channels } = plan('push-tag', { rules }, {}, 'refs/tags/v1.2.3');
    expect(channels.promotions.map(({ deployment }) => deployment)).toEqual([
      { environment, isProduction },
      undefined,
    ]);
    const named = plan('push-tag', { rules, channel: 'prod' }, {}, 'refs/tags/v1.2.3');
    expect(named.channels.promotions).toMatchObject([{ deployment: { environment, isProduction } }]);
  });

  it('a prerelease takes no stable channel, and it is said why', () => {
    const { channels, steps } = plan('push-tag', { rules: RULES.slice(3) }, {}, 'refs/tags/v1.3.0-rc.1');
    const reason = '1.3.0-rc.1 is a prerelease, and prod takes stable versions';
    expect(channels).toEqual({ promotions: [], spared: [{ channel: 'prod', reason }] });
    expect(steps.find(({ id }) => id === 'promote')).toMatchObject({ do: 'skip', reason });
  });

  it('the input names another one, declared or not, with aliases of its own', () => {
    expect(moved('push-tag', { channel: 'stable' })).toEqual(['stable']);
    expect(moved('push-tag', { channel: 'prod', aliases: ['major'] })).toEqual(['prod major']);
    expect(moved('push-branch', { channel: 'canary' })).toEqual(['canary']);
    expect(moved('pull-request', { channel: 'canary' })).toEqual([]);
    const dispatch = { version: someVersionInputs({ version: '1.3.0-rc.1' }) };
    expect(moved('dispatch-branch', { channel: 'canary', aliases: ['latest'] }, dispatch)).toEqual([
      'canary',
    ]);
    expect(moved('dispatch-branch', { channel: 'prod' }, dispatch)).toEqual([]);
    // A workflow on tags names the same channel for all of them.
    expect(moved('push-tag', { channel: 'canary' }, {}, 'refs/tags/v1.3.0-rc.1')).toEqual([]);
  });

  it('nothing moves where nothing is pushed', () => {
    const { steps } = plan('pull-request');
    expect(steps.find(({ id }) => id === 'promote')).toEqual({
      id: 'promote',
      do: 'skip',
      reason: 'no channel moves, since a pull request is gated, not pushed',
    });
  });

  it('aliases without any channel are tags that go forward', () => {
    const tags = (ref: string) =>
      plan('push-tag', { rules: [], aliases: ['latest', 'major', 'minor'] }, {}, ref).images[0]?.tags.filter(
        ({ kind }) => kind === 'moving',
      );
    expect(tags('refs/tags/v1.2.3')?.map(({ tag, rule: how }) => `${tag} ${how}`)).toEqual([
      'latest forward',
      '1 forward',
      '1.2 forward',
    ]);
    // There is no 0: everything may break below 1.0.0.
    expect(tags('refs/tags/v0.2.3')?.map(({ tag }) => tag)).toEqual(['latest', '0.2']);
    expect(tags('refs/tags/v1.3.0-rc.1')).toEqual([]);
  });
});

describe('a pattern of names', () => {
  it.each([
    ['main', 'main', true],
    ['main', 'maintenance', false],
    ['v*', 'v1.2.3', true],
    ['v*', 'api/v1.2.3', false],
    ['*/v*', 'api/v1.2.3', true],
    ['release/**', 'release/1/2', true],
    ['v*.*-lts', 'v1.2-lts', true],
    ['v*.*-lts', 'v1-lts', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*', '', true],
    ['v1.*', 'v1x2', false],
  ])('%s has %s: %s', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected);
  });
});
