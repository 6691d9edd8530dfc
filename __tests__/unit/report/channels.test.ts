import { describe, expect, it } from '@jest/globals';
import type { ChannelMove } from '../../../src/model/channel.ts';
import { digestOf, shortDigest } from '../../../src/model/digest.ts';
import type { MovedTag } from '../../../src/model/promotion.ts';
import { outputsOf, planOutput } from '../../../src/report/outputs.ts';
import { planText } from '../../../src/report/plan-text.ts';
import { recordOf } from '../../../src/report/record.ts';
import { redactRelease } from '../../../src/report/redact.ts';
import { summaryOf } from '../../../src/report/summary.ts';
import { aPlan, aPlannedImage, aRelease } from '../../helpers/a-release.ts';

const REPOSITORY = { registry: 'ghcr.io', path: 'acme/base' };
const [OLD, NEW] = [digestOf('old'), digestOf('new')];

const moved = (tag: string, change: Partial<MovedTag> = {}): MovedTag => ({
  image: 'base',
  ref: { repository: REPOSITORY, tag },
  from: OLD,
  to: NEW,
  outcome: 'moved',
  ...change,
});

function aMove(change: Partial<ChannelMove> = {}): ChannelMove {
  return {
    channel: 'prod',
    kind: 'promote',
    status: 'moved',
    version: '1.5.7',
    evidence: 'attested',
    tags: [moved('prod')],
    kept: [],
    reason: 'its rule is `tag: v*`',
    forced: false,
    record: { ref: { repository: REPOSITORY, digest: digestOf('record') }, serial: 3, signed: true },
    ...change,
  };
}

const PROD = { channel: 'prod', aliases: ['latest'], history: 50, reason: 'its rule is `tag: v*`' } as const;
const plan = aPlan({
  channels: { promotions: [PROD], spared: [{ channel: 'beta', reason: 'it takes no stable version' }] },
});

describe('the output channel', () => {
  it.each<[string, Parameters<typeof aRelease>[0], string]>([
    ['a channel that moved', { promotions: [aMove()] }, 'prod'],
    ['a channel that was there', { promotions: [aMove({ status: 'unchanged' })] }, 'prod'],
    ['a channel that stayed', { promotions: [aMove({ status: 'stayed' })] }, ''],
    ['a move that failed', { status: 'failed', promotions: [aMove({ status: 'failed' })] }, ''],
    ['a plan', { status: 'planned' }, 'prod'],
    ['a release that failed before', { status: 'failed' }, ''],
  ])('of %s', (_, change, expected) => {
    expect(outputsOf(aRelease({ plan, ...change })).channel).toBe(expected);
  });

  it('is in the plan, with the channels that stay', () => {
    expect(planOutput(plan)).toMatchObject({
      channel: 'prod',
      channels: [
        { channel: 'prod', do: 'move', aliases: ['latest'], reason: 'its rule is `tag: v*`' },
        { channel: 'beta', do: 'leave', aliases: [], reason: 'it takes no stable version' },
      ],
    });
    expect(planOutput(aPlan())).toMatchObject({ channel: null, channels: [] });
  });
});

describe('the summary', () => {
  const sectionOf = (...promotions: readonly ChannelMove[]) =>
    /### Channels\n\n(.*?)\n\n###/s.exec(summaryOf(aRelease({ plan, promotions })))?.[1] ?? '';

  it('shows every tag from → to, and those that stay with their reason', () => {
    const text = sectionOf(
      aMove({
        tags: [
          moved('prod'),
          moved('1', { outcome: 'unchanged' }),
          { image: 'base', ref: { repository: REPOSITORY, tag: '1.5' }, to: NEW, outcome: 'created' },
        ],
        kept: [{ tag: 'latest', reason: 'it is at the higher version 1.6.0' }],
      }),
    );
    expect(text).toContain('- `prod` is at 1.5.7 now: its rule is &#96;tag: v&#42;&#96;.');
    const [old, fresh] = [shortDigest(OLD), shortDigest(NEW)].map((digest) => `\`${digest}\``);
    expect(text).toContain(`| \`prod\` | \`ghcr.io/acme/base:prod\` | ${old} | ${fresh} |`);
    expect(text).toContain(`| \`prod\` | \`ghcr.io/acme/base:1\` | ${old} | unchanged |`);
    expect(text).toContain(`| \`prod\` | \`ghcr.io/acme/base:1.5\` | nothing | ${fresh} |`);
    expect(text).toContain('| `prod` | `latest` |  | left alone: it is at the higher version 1.6.0 |');
  });

  it('says what is unattested, forced, or has a record without a signature', () => {
    const record = { ref: { repository: REPOSITORY, digest: OLD }, serial: 1, signed: false };
    const text = sectionOf(aMove({ evidence: 'unattested', forced: true, record }));
    expect(text).toContain('The release is **unattested**. It was **forced**. Its record is not signed.');
  });

  it('says how far a move came that failed', () => {
    const text = sectionOf(
      aMove({
        status: 'failed',
        tags: [moved('prod', { outcome: 'restored' }), moved('latest', { outcome: 'waiting' })],
      }),
    );
    expect(text).toContain('`prod` was to go to 1.5.7');
    expect(text).toContain('| put back |');
    expect(text).toContain('| not moved |');
  });

  it('links the deployment, and says how it ended', () => {
    const deployment = {
      id: 7,
      environment: 'Stable / EU',
      url: 'https://github.com/acme/base/deployments/Stable%20%2F%20EU',
      state: 'success',
    } as const;
    const linked = `Deployment: [Stable / EU](${deployment.url})`;
    expect(sectionOf(aMove({ deployment }))).toContain(` ${linked}.`);
    expect(sectionOf(aMove({ deployment: { ...deployment, state: 'failure' } }))).toContain(
      `${linked}, as a failure.`,
    );
    expect(sectionOf(aMove({ deployment: { ...deployment, state: 'in_progress' } }))).toContain(
      `${linked}, whose end could not be told.`,
    );
    const hostile = { ...deployment, environment: 'a](https://example.com) | <b>', url: 'javascript:x' };
    const text = sectionOf(aMove({ deployment: hostile }));
    expect(text).not.toMatch(/\]\(|<b>|javascript/);
    expect(sectionOf(aMove())).not.toContain('Deployment');
  });

  it('keeps foreign text as text', () => {
    expect(sectionOf(aMove({ reason: '<img src=x> | [a](b)' }))).not.toMatch(/<img|\]\(b\)/);
  });

  it.each<[Parameters<typeof aRelease>[0], string]>([
    [{ command: 'promote', status: 'promoted' }, '## ✅ module-release promote: promoted'],
    [{ command: 'rollback', status: 'rolled-back' }, '## ⏪ module-release rollback: rolled-back'],
    [{ command: 'promote', status: 'unchanged' }, 'The channel was there already'],
    [{ command: 'rollback', status: 'planned' }, 'This is what `rollback` would do'],
  ])('begins with what is true now: %j', (change, expected) => {
    expect(summaryOf(aRelease({ plan, promotions: [aMove()], ...change }))).toContain(expected);
  });

  it('says when nothing was proven', () => {
    const promotions = [aMove({ evidence: 'unattested' })];
    const text = summaryOf(aRelease({ command: 'promote', status: 'promoted', plan, promotions }));
    expect(text).toContain('**Nothing was proven**: `require: none`');
  });
});

describe('release.json', () => {
  it('has what each tag pointed at before', () => {
    expect(recordOf(aRelease({ plan, promotions: [aMove()] })).promotions).toEqual([
      {
        channel: 'prod',
        kind: 'promote',
        status: 'moved',
        version: '1.5.7',
        evidence: 'attested',
        kept: [],
        reason: 'its rule is `tag: v*`',
        forced: false,
        tags: [
          { image: 'base', ref: 'ghcr.io/acme/base:prod', digest: NEW, previous: OLD, outcome: 'moved' },
        ],
        record: { ref: `ghcr.io/acme/base@${digestOf('record')}`, serial: 3, signed: true },
        deployment: null,
      },
    ]);
    const deployment = { id: 7, environment: 'p', url: 'https://github.com/x', state: 'success' } as const;
    expect(recordOf(aRelease({ plan, promotions: [aMove({ deployment })] })).promotions).toMatchObject([
      { deployment },
    ]);
    expect(recordOf(aRelease({ plan })).promotions).toBeNull();
  });

  it('has no secret in a reason', () => {
    const redact = (text: string) => text.replaceAll('s3cr3t', '***');
    const release = redactRelease(
      aRelease({
        plan: aPlan({ channels: { promotions: [{ ...PROD, reason: 's3cr3t' }], spared: [] } }),
        promotions: [aMove({ reason: 's3cr3t' })],
      }),
      redact,
    );
    expect(JSON.stringify(recordOf(release))).not.toContain('s3cr3t');
  });
});

describe('the plan in the log', () => {
  it('says which channels move, and which stay', () => {
    expect(planText(plan)).toEqual(
      expect.arrayContaining([
        'Channel prod moves, and with it latest: its rule is `tag: v*`.',
        'Channel beta stays: it takes no stable version.',
      ]),
    );
  });

  it('says which deployment would be recorded', () => {
    const deployment = { environment: 'production', isProduction: true };
    const channels = { promotions: [{ ...PROD, deployment }], spared: [] };
    const words = 'If it moves, GitHub gets a deployment record for the environment production.';
    expect(planText(aPlan({ channels }))).toContain(
      `Channel prod moves, and with it latest: its rule is \`tag: v*\`. ${words}`,
    );
    expect(planText(aPlan({ command: 'rollback', channels }))[0]).toContain(words);
    expect(planOutput(aPlan({ channels })).channels).toEqual([
      {
        channel: 'prod',
        do: 'move',
        aliases: ['latest'],
        reason: 'its rule is `tag: v*`',
        environment: 'production',
      },
    ]);
  });

  it('of a promotion names the channel and the images', () => {
    const lines = planText(
      aPlan({ command: 'promote', channels: plan.channels, images: [aPlannedImage('base')] }),
    );
    expect(lines.slice(0, 3)).toEqual([
      'The channel prod is to go forward on 1 image. What is promoted becomes 1.2.3.',
      'Image base: ghcr.io/acme/base',
      'Steps:',
    ]);
  });
});
