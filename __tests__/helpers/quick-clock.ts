import type { Clock } from '../../src/ports/clock.ts';

/** The real time, ahead by what it was asked to sleep: nobody waits, and everybody sees that time has passed. */
export type QuickClock = Clock & { readonly pauses: readonly number[] };

export function quickClock(): QuickClock {
  const pauses: number[] = [];
  const ahead = () => pauses.reduce((sum, milliseconds) => sum + milliseconds, 0);
  return {
    pauses,
    now: () => new Date(Date.now() + ahead()),
    elapsed: () => performance.now() + ahead(),
    sleep: async (milliseconds) => void pauses.push(milliseconds),
  };
}
