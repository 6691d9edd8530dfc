import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compassAt, type NoteBoard, noteBoard, publishOnce } from '../helpers/publish-bench.ts';
import { CANCELLED, COMPLETED, FAILED, REJECTED, STUCK } from '../helpers/publish-platform/jobs.ts';
import { type RunningPlatform, startPlatform } from '../helpers/publish-platform/platform.ts';
import { quickClock } from '../helpers/quick-clock.ts';
import { pick, seeded } from '../helpers/random.ts';
import type { FaultEffect } from '../helpers/registry/faults.ts';

const SCHEDULES = 200;
const MOST_RUNS = 12;

let platform: RunningPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

const answer = (status: number, body = '', headers = {}): FaultEffect => ({
  do: 'answer',
  status,
  body,
  headers,
});
const EFFECTS: readonly FaultEffect[] = [
  answer(500),
  answer(502, '<html>'),
  answer(503, '{"message":"away"}'),
  answer(429, '', { 'retry-after': '3' }),
  answer(429, '', { 'retry-after': '7200' }),
  answer(202, '{"publishId":'),
  answer(404),
  { do: 'drop' },
  { do: 'mute' },
  { do: 'mute' },
];
const COURSES = [COMPLETED, COMPLETED, COMPLETED, FAILED, REJECTED, CANCELLED, STUCK];

/** What goes wrong in one run, and whether the runner dies before it can note what it has done. */
function armed(random: () => number, board: NoteBoard): void {
  platform.faults.clear();
  platform.trouble.length = 0;
  const faults = Math.floor(random() * 5);
  for (let i = 0; i < faults; i += 1) {
    const method = pick(random, ['POST', 'POST', 'GET']);
    const effect = pick(random, EFFECTS);
    const times = 1 + Math.floor(random() * 4);
    platform.faults.add({ when: { method }, effect, times, skip: Math.floor(random() * 2) });
  }
  // Taken, and answered as if not: the worst that a server can do.
  if (random() < 0.4) platform.trouble.push({ status: pick(random, [500, 503, 429]) });
  if (random() < 0.3) board.fail(1);
}

/** Runs until one is green, as a user would: each with faults of its own, the last ones without. */
async function walk(seed: number) {
  const random = seeded(seed);
  const board = noteBoard();
  platform.jobs.all.length = 0;
  platform.jobs.strict = random() < 0.3;
  // Half of the platforms would take it twice.
  platform.jobs.unique = random() < 0.5;
  platform.jobs.courses = Array.from({ length: 8 }, () => pick(random, COURSES));
  let most = 0;
  for (let run = 1; run <= MOST_RUNS; run += 1) {
    if (run <= MOST_RUNS - 6) armed(random, board);
    else platform.faults.clear();
    if (run > 4)
      platform.jobs.courses = [...platform.jobs.courses.slice(0, platform.jobs.all.length), COMPLETED];
    const patience = { wait: random() < 0.8, timeoutSeconds: 40 };
    const { module, error } = await publishOnce(compassAt(platform.url, quickClock()), board, { patience });
    most = Math.max(most, platform.jobs.good('parser', '1.2.3').length);
    const isDone = module?.outcome === 'published' || module?.outcome === 'unchanged';
    if (isDone || isStuck(error))
      return { most, runs: run, good: platform.jobs.good('parser', '1.2.3').length };
  }
  return { most, runs: MOST_RUNS, good: -1 };
}

/** Waiting again is of no use: it is the job, and not the platform, that lets nobody see its end. */
function isStuck(error: unknown): boolean {
  const isLate = error instanceof Error && 'code' in error && error.code === 'PUBLISH_TIMEOUT';
  return isLate && platform.jobs.all.at(-1)?.course === STUCK;
}

describe(`${SCHEDULES} schedules of chance, each with faults and runs again`, () => {
  const seeds = Array.from({ length: SCHEDULES }, (_, i) => i + 1);

  it('publish once, and come to an end', async () => {
    const ends: Record<number, unknown> = {};
    let again = 0;
    let replays = 0;
    for (const seed of seeds) {
      const { most, good, runs } = await walk(seed);
      if (most !== 1 || good !== 1) ends[seed] = { most, good, runs };
      if (runs > 1) again += 1;
      if (platform.jobs.all.some(({ asked }) => asked > 1)) replays += 1;
    }
    expect(ends).toEqual({});
    // Otherwise the schedules would have proven nothing.
    expect(again).toBeGreaterThan(SCHEDULES / 4);
    expect(replays).toBeGreaterThan(SCHEDULES / 4);
  });
});
