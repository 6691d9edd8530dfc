import { describe, expect, it } from '@jest/globals';
import type { Inputs } from '../../../src/model/inputs.ts';
import { STEPS } from '../../../src/model/plan.ts';
import { planRelease } from '../../../src/plan/plan-release.ts';
import {
  anImageInput,
  anInputs,
  imageSet,
  someBuildInputs,
  someFacts,
  someVersionInputs,
} from '../../helpers/a-context.ts';
import { capturedContext } from '../../helpers/captured-event.ts';

const REAL = [
  'preflight',
  'build',
  'inspect',
  'gate',
  'push',
  'attest',
  'verify',
  'tag',
  'promote',
  'publish',
  'report',
] as const;
const push = { version: someVersionInputs({ pullRequest: 'push' }) };

const bare = { oidc: false };
const job = { oidc: true };

/** `oidc`: whether the job may ask for a token. */
function steps(event: string, change: Partial<Inputs> = {}, { oidc } = bare) {
  return planRelease(anInputs(change), capturedContext(event), someFacts({ oidc })).steps;
}

describe('the steps of a run', () => {
  it.each<[string, Partial<Inputs>, typeof job, string]>([
    ['push-tag', {}, job, 'run run run run run run run run skip skip run'],
    ['push-tag', {}, bare, 'run run run run run skip skip run skip skip run'],
    ['push-branch', {}, job, 'run run run run run run run run skip skip run'],
    ['push-branch', {}, bare, 'run run run run run skip skip run skip skip run'],
    ['schedule', {}, job, 'run run run run run run run run skip skip run'],
    ['pull-request', {}, job, 'run run run run skip skip skip skip skip skip run'],
    ['pull-request', push, job, 'run run run run run skip skip run skip skip run'],
    ['merge-group', push, job, 'run run run run run skip skip skip skip skip run'],
    ['pull-request-fork', push, job, 'run run run run skip skip skip skip skip skip run'],
    ['pull-request-deleted-fork', {}, bare, 'run run run run skip skip skip skip skip skip run'],
    [
      'push-tag',
      { dryRun: true },
      job,
      'run simulate simulate simulate simulate simulate simulate simulate skip skip run',
    ],
    [
      'push-tag',
      { dryRun: true },
      bare,
      'run simulate simulate simulate simulate skip skip simulate skip skip run',
    ],
    [
      'push-tag',
      { command: 'plan' },
      job,
      'run simulate simulate simulate simulate simulate simulate simulate skip skip run',
    ],
    [
      'pull-request-fork',
      { command: 'plan' },
      job,
      'run simulate simulate simulate skip skip skip skip skip skip run',
    ],
  ])('%s with %j, in a job with %j', (event, change, right, expected) => {
    const decided = steps(event, change, right);
    expect(decided.map(({ id }) => id)).toEqual(REAL);
    expect(decided.map((step) => step.do).join(' ')).toBe(expected);
    expect(decided.filter(({ reason }) => reason === '')).toEqual([]);
  });

  it.each<[string, Partial<Inputs>, string]>([
    ['pull-request', {}, 'a pull request is gated, not pushed'],
    ['merge-group', {}, 'a merge queue entry is gated, not pushed'],
    ['pull-request-fork', push, 'a fork never pushes'],
    ['pull-request', push, '`pull-request: push` asks for it'],
    ['push-tag', { dryRun: true }, 'a dry run writes nothing'],
    ['push-tag', { command: 'plan' }, 'the command plan writes nothing'],
  ])('say why %s with %j does with the push what it does', (event, change, reason) => {
    expect(steps(event, change).find(({ id }) => id === 'push')?.reason).toBe(reason);
  });

  const fanOut = { runners: [], scope: 'shard', handoffs: [] } as const;
  const later = 'skip skip skip skip skip run';
  it.each<[string, Partial<Inputs>, string]>([
    ['push-tag', {}, `run run run run run run ${later}`],
    ['push-tag', { dryRun: true }, `run simulate simulate simulate simulate simulate ${later}`],
    ['push-branch', { fanOut: { ...fanOut, scope: 'set' } }, `run run run run skip run ${later}`],
    ['push-tag', { fanOut: { ...fanOut, scope: 'set', shard: 'all' } }, `run run run run skip run ${later}`],
    [
      'push-tag',
      { fanOut: { ...fanOut, scope: 'set', handoffs: ['/h'] } },
      `run run run run run run ${later}`,
    ],
    ['pull-request', {}, `run run run run skip run ${later}`],
    ['pull-request-fork', {}, `run run run run skip run ${later}`],
  ])('of a shard, at %s with %j', (event, change, expected) => {
    const decided = steps(event, { command: 'build', ...change }, job);
    expect(decided.map(({ id }) => id)).toEqual(STEPS);
    expect(decided.map((step) => step.do).join(' ')).toBe(expected);
    expect(decided.filter(({ reason }) => reason === '')).toEqual([]);
  });

  it.each<[Inputs['command'], string]>([
    ['release', '1 image from handoffs'],
    ['build', '1 image from one graph, but for what the handoffs hold'],
  ])('say what %s does with handoffs', (command, reason) => {
    const decided = steps('push-tag', { command, fanOut: { ...fanOut, handoffs: ['/handoff'] } });
    expect(decided.find(({ id }) => id === 'build')).toMatchObject({ do: 'run', reason });
  });

  it('say where the bytes come from', () => {
    const from = { kind: 'oci-layout', path: '/work/repo/out' } as const;
    const brought = anImageInput({ name: 'b', from });
    const reason = (...images: ReturnType<typeof anImageInput>[]) =>
      steps('push-tag', { build: someBuildInputs({ definition: imageSet(...images) }) }).find(
        ({ id }) => id === 'build',
      );
    expect(reason(anImageInput())).toMatchObject({ do: 'run', reason: '1 image from one graph' });
    expect(reason(anImageInput({ name: 'a' }), brought)?.reason).toBe(
      '1 image from one graph, 1 image brought by `from`',
    );
    expect(reason(brought)).toMatchObject({
      do: 'run',
      reason: '1 image brought by `from`, nothing is built here',
    });
  });
});
