import { describe, expect, it } from '@jest/globals';
import { NO_CHANNELS } from '../../../src/model/channel.ts';
import { ReleaseError } from '../../../src/model/errors.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { Progress } from '../../../src/pipeline/progress.ts';
import { fakeLog } from '../../helpers/fake-log.ts';

function aProgress() {
  let now = 100;
  const clock = { now: () => new Date(0), elapsed: () => (now += 5), sleep: async () => {} };
  const log = fakeLog();
  return { progress: new Progress({ clock, log }), log };
}

const plan: Plan = {
  command: 'release',
  event: 'push',
  kind: 'tag',
  dryRun: false,
  prerelease: false,
  revision: 'a'.repeat(40),
  sourceDateEpoch: 0,
  dirty: false,
  images: [],
  channels: NO_CHANNELS,
  steps: [
    { id: 'build', do: 'run', reason: 'one image' },
    { id: 'push', do: 'skip', reason: 'a fork never pushes' },
    { id: 'tag', do: 'simulate', reason: 'a dry run writes nothing' },
  ],
  problems: [],
};

describe('Progress', () => {
  it('runs, skips and simulates as the plan says, with the reasons', async () => {
    const { progress } = aProgress();
    expect(await progress.step(plan, 'build', async () => 'built')).toBe('built');
    expect(await progress.step(plan, 'push', async () => 'pushed')).toBeUndefined();
    expect(await progress.step(plan, 'tag', async () => 'tagged')).toBeUndefined();
    expect(progress.release.steps).toMatchObject([
      { id: 'build', status: 'done', durationMs: 5 },
      { id: 'push', status: 'skipped', reason: 'a fork never pushes' },
      { id: 'tag', status: 'simulated', reason: 'a dry run writes nothing' },
    ]);
  });

  it('records a failed step, passes the error on, and notes its problems once', async () => {
    const { progress } = aProgress();
    const error = new ReleaseError('BUILD_FAILED', 'the build of api failed');
    await expect(progress.step(plan, 'build', () => Promise.reject(error))).rejects.toBe(error);
    progress.fail(error);
    progress.fail(error);
    expect(progress.release).toMatchObject({ status: 'failed', steps: [{ id: 'build', status: 'failed' }] });
    expect(progress.release.problems.map((p) => p.code)).toEqual(['BUILD_FAILED']);
  });

  it('begins no step after a cancellation', async () => {
    const { progress } = aProgress();
    const reason = new ReleaseError('CANCELLED', 'the run was cancelled: SIGTERM');
    progress.cancel(reason);
    let ran = false;
    const step = progress.step(plan, 'build', async () => {
      ran = true;
    });
    await expect(step).rejects.toBe(reason);
    expect(ran).toBe(false);
  });
});
