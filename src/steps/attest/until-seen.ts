import type { Clock } from '../../ports/clock.ts';

/** Milliseconds between looks: stores with several replicas need a moment before they show what they took. */
const WAITS = [200, 500, 1000, 2000, 4000];

/** Whether a look was a success in the end. */
export async function untilSeen(clock: Pick<Clock, 'sleep'>, look: () => Promise<boolean>): Promise<boolean> {
  for (const wait of WAITS) {
    if (await look()) return true;
    await clock.sleep(wait);
  }
  return look();
}
