import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.ts';

export function createClock(): Clock {
  return {
    now: () => new Date(),
    elapsed: () => performance.now(),
    async sleep(milliseconds) {
      await setTimeout(milliseconds);
    },
  };
}
