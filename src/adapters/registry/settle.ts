import type { Clock } from '../../ports/clock.ts';

/** How writers of a referrers tag, which has no owner and no lock, keep out of each other's way. */
export type Settling = {
  readonly clock: Pick<Clock, 'elapsed' | 'sleep'>;
  /** From 0 to 1: two writers that collided must not come back in step. */
  readonly random: () => number;
  readonly leastMs: number;
};

/** Longer than registries take from the read of a small manifest to the end of its write. */
export const SETTLE_MS = 1000;
const MOST_MS = 5000;
/** A registry that is slow for us is as slow for the others. */
const SLOWEST_TIMES = 2;

/**
 * Milliseconds before the last look at a tag that we wrote: longer than another writer, who read before us, may take to
 * write after us. `slowestMs`: our own slowest read-and-write. Later rounds are longer by chance.
 */
export function settleDelay({ leastMs, random }: Settling, slowestMs: number, round: number): number {
  const base = Math.min(MOST_MS, Math.max(leastMs, SLOWEST_TIMES * slowestMs));
  return Math.round(base * (1 + (random() * Math.min(round, 4)) / 2));
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
