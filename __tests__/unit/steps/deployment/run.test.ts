import { describe, expect, it } from '@jest/globals';
import type { DeploymentState } from '../../../../src/model/deployment.ts';
import { digestOf } from '../../../../src/model/digest.ts';
import { ReleaseError } from '../../../../src/model/errors.ts';
import type { TagMove } from '../../../../src/model/promotion.ts';
import type { GitHub } from '../../../../src/ports/github.ts';
import { recordDeployment } from '../../../../src/steps/deployment/run.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { fakeGitHub } from '../../../helpers/fake-ports.ts';

const REPOSITORY = { registry: 'ghcr.io', path: 'acme/app' };
const MOVE: TagMove = {
  image: 'app',
  ref: { repository: REPOSITORY, tag: 'prod' },
  from: digestOf('old'),
  to: digestOf('new'),
};
const MOVED = { ...MOVE, outcome: 'moved' } as const;
const ABOUT = {
  channel: 'prod',
  kind: 'promote',
  environment: 'production',
  isProduction: true,
  immutableTag: '1.2.3',
  revision: 'c'.repeat(40),
  run: 'https://github.com/acme/app/actions/runs/1',
} as const;
const DEPLOYMENT = {
  id: 7,
  environment: 'production',
  url: 'https://github.com/acme/app/deployments/production',
};
const refuse = () =>
  Promise.reject(new ReleaseError('GITHUB_REFUSED', 'it answers 403', { hint: 'Add it.' }));
const never = () => new Promise<never>(() => undefined);

/** A recorder at a GitHub that does what `change` says, with a clock that never comes to an end unless told. */
function recorder(change: Partial<GitHub> = {}, about: Partial<typeof ABOUT | { revision: string }> = {}) {
  const calls: string[] = [];
  const log = fakeLog();
  const sleepers: (() => void)[] = [];
  const github: GitHub = {
    ...fakeGitHub(),
    async createDeployment() {
      calls.push('create');
      return 7;
    },
    async setDeploymentStatus(_, id, { state }) {
      calls.push(`${id} ${state}`);
    },
    unfinishedDeployment: async () => undefined,
    async retireDeployments(_, { id }) {
      calls.push(`retire before ${id}`);
    },
    ...change,
  };
  const clock = {
    now: () => new Date(0),
    elapsed: () => 0,
    sleep: () => new Promise<void>((wake) => void sleepers.push(wake)),
  };
  const context = { repository: 'acme/app', serverUrl: 'https://github.com' };
  const record = recordDeployment({ ...ABOUT, ...about }, context, { github, clock, log });
  const warnings = () => log.lines.filter((line) => line.startsWith('warning'));
  /** Time is up for everybody who waits. */
  const wake = () => {
    for (const sleeper of sleepers.splice(0)) sleeper();
  };
  return { record, calls, warnings, wake };
}

/** Lets everything go on that can. */
const settle = () => new Promise((done) => setImmediate(done));

describe('the record of a move', () => {
  it('is made before the tags move, ended after, and only then the earlier ones are retired', async () => {
    const { record, calls, warnings } = recorder();
    await record.begin([MOVE]);
    expect(calls).toEqual(['create', '7 in_progress']);
    expect(await record.end([MOVED])).toEqual({ ...DEPLOYMENT, state: 'success' });
    expect(calls.slice(2)).toEqual(['7 success', 'retire before 7']);
    expect(warnings()).toEqual([]);
  });

  it('of a move that failed leaves the earlier ones as they are', async () => {
    const { record, calls } = recorder();
    await record.begin([MOVE]);
    const ended = await record.end([{ ...MOVE, outcome: 'restored' }]);
    expect(ended).toEqual({ ...DEPLOYMENT, state: 'failure' });
    expect(calls.slice(2)).toEqual(['7 failure']);
  });

  it('is not made where nothing of the channel moves, or nothing began', async () => {
    const { record, calls } = recorder();
    expect(await record.end([])).toBeUndefined();
    await record.begin([{ ...MOVE, from: MOVE.to }]);
    expect(await record.end([{ ...MOVED, from: MOVE.to, outcome: 'unchanged' }])).toBeUndefined();
    expect(calls).toEqual([]);
  });
});

describe('a channel that is there already', () => {
  const unchanged = [{ ...MOVED, from: MOVE.to, outcome: 'unchanged' }] as const;

  it('by a run that was killed gets the end of its record', async () => {
    const asked: unknown[] = [];
    const { record, calls } = recorder({
      async unfinishedDeployment(_, { environment, immutableTag }) {
        asked.push([environment, immutableTag]);
        return 5;
      },
    });
    expect(await record.end(unchanged)).toEqual({ ...DEPLOYMENT, id: 5, state: 'success' });
    expect(asked).toEqual([['production', '1.2.3']]);
    expect(calls).toEqual(['5 success', 'retire before 5']);
  });

  it('misses nothing when GitHub does not tell', async () => {
    const { record, calls, warnings } = recorder({ unfinishedDeployment: refuse });
    expect(await record.end(unchanged)).toBeUndefined();
    expect([calls, warnings()]).toEqual([[], []]);
    const { record: other, wake, warnings: more } = recorder({ unfinishedDeployment: never });
    const ended = other.end(unchanged);
    await settle();
    wake();
    expect(await ended).toBeUndefined();
    expect(more()).toEqual([]);
  });

  it('or that another run holds is nobody to ask about', async () => {
    const { record, calls } = recorder({ unfinishedDeployment: async () => 5 });
    expect(await record.end([])).toBeUndefined();
    expect(calls).toEqual([]);
  });
});

describe('GitHub stops nothing', () => {
  it.each<[string, Partial<GitHub>, DeploymentState | undefined]>([
    ['makes no record', { createDeployment: refuse }, undefined],
    ['takes no status', { setDeploymentStatus: refuse }, 'in_progress'],
    ['retires nothing', { retireDeployments: refuse }, 'success'],
  ])('that %s: one warning says why, and what to do', async (_, change, state) => {
    const { record, warnings } = recorder(change);
    await record.begin([MOVE]);
    expect(warnings()).toEqual([]);
    expect(await record.end([MOVED])).toEqual(state === undefined ? undefined : { ...DEPLOYMENT, state });
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatch(/the channel prod .*: it answers 403\. Add it\.$/);
  });

  it('that takes only the last status: nothing is missing', async () => {
    const states: DeploymentState[] = [];
    const { record, warnings } = recorder({
      async setDeploymentStatus(_, __, { state }) {
        states.push(state);
        if (state === 'in_progress') await refuse();
      },
    });
    await record.begin([MOVE]);
    expect(await record.end([MOVED])).toMatchObject({ state: 'success' });
    expect([states, warnings()]).toEqual([['in_progress', 'success'], []]);
  });

  it('that does not answer is waited for a while, and no longer', async () => {
    const { record, warnings, wake } = recorder({ createDeployment: never });
    const begun = record.begin([MOVE]);
    wake();
    await begun;
    const ended = record.end([MOVED]);
    await settle();
    wake();
    expect(await ended).toBeUndefined();
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain('GitHub does not answer in time');
  });

  it('that answers late is gone on with while the tags move', async () => {
    let answer: (id: number) => void = () => undefined;
    const created = new Promise<number>((done) => {
      answer = done;
    });
    const { record, calls, wake } = recorder({ createDeployment: () => created });
    const begun = record.begin([MOVE]);
    wake();
    await begun;
    expect(calls).toEqual([]);
    answer(7);
    expect(await record.end([MOVED])).toMatchObject({ id: 7, state: 'success' });
    expect(calls).toEqual(['7 in_progress', '7 success', 'retire before 7']);
  });

  it('is not asked about what names no commit, and that is said', async () => {
    const { record, calls, warnings } = recorder({}, { revision: '' });
    await record.begin([MOVE]);
    expect(await record.end([MOVED])).toBeUndefined();
    expect(calls).toEqual([]);
    expect(warnings()[0]).toContain('what goes live names no commit');
  });
});
