import type { Clock } from '../../ports/clock.ts';

/** How writers of a referrers tag, which has no owner and no lock, keep out of each other's way. */
export type Settling = {
  readonly clock: Pick<Clock, 'elapsed' | 'sleep'>;
  /** From 0 to 1: two writers that collided must not come back in step. */
  readonly random: () => number;
  readonly leastMs: number;
};

/** What this run has seen of one registry: the writers of all of its tags learn from each other. */
export type Pace = {
  /** Milliseconds of our slowest read-and-write so far. */
  slowestMs: number;
  /** It has shown what a tag held before a write that it had answered. */
  showsLate: boolean;
};

/** Longer than a process that is not stopped takes between two steps of its own, where the registry itself is quick. */
export const SETTLE_MS = 200;
/** The least where reads come from replicas that lag behind. */
const LATE_MS = 1000;
const MOST_MS = 5000;
/** A registry that is slow for us is as slow for the others. */
const SLOWEST_TIMES = 2;
const MOST_GROWTH = 6;

export function newPace(): Pace {
  return { slowestMs: 0, showsLate: false };
}

/**
 * Milliseconds before the last look at a tag that we wrote: longer than another writer, who read before us, may take to
 * write after us. The writers of a round after the first have collided: theirs is longer, by chance (from 0 to 1).
 */
export function settleDelay(
  leastMs: number,
  { slowestMs, showsLate }: Pace,
  round: number,
  chance: number,
): number {
  const least = showsLate ? Math.max(leastMs, LATE_MS) : leastMs;
  const base = Math.min(MOST_MS, Math.max(least, SLOWEST_TIMES * slowestMs));
  const growth = round === 1 ? 0 : Math.min(round, MOST_GROWTH) / 2;
  return Math.round(base * (1 + chance * growth));
}

/** Waits so long; longer when meanwhile another tag of this registry has shown that it is slower than it seemed. */
export async function settle({ clock, random, leastMs }: Settling, pace: Pace, round: number): Promise<void> {
  const chance = random();
  let waited = 0;
  for (;;) {
    const rest = settleDelay(leastMs, pace, round, chance) - waited;
    if (rest <= 0) return;
    await clock.sleep(rest);
    waited += rest;
  }
}

/**
 * Looks on at intervals of half the shortest wait while `work` goes on. A writer that came in between is visible for its
 * whole wait, so either we see it here, or it sees our write.
 */
export async function watching<T>(
  { clock, leastMs }: Settling,
  work: Promise<T>,
  look: () => Promise<void>,
): Promise<T> {
  const state = { over: false };
  const end = (): void => {
    state.over = true;
  };
  const ended = work.then(end, end);
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    await Promise.race([ended, clock.sleep(leastMs / 2)]);
    if (state.over) break;
    // What cannot be seen now may be seen by the next look.
    await look().catch(() => undefined);
  }
  return work;
}

const MOST_LOOKS = 100;
