import { ReleaseError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';

/** How long a rollback waits for those who sign: it has a minute, and nobody has to sign at once. */
export const ROLLBACK_PATIENCE_MS = 10_000;

/** The result of the work, if it comes in time. What comes later is dropped. Throws SIGSTORE_UNAVAILABLE. */
export async function within<T>(
  milliseconds: number,
  work: Promise<T>,
  what: string,
  clock: Pick<Clock, 'sleep'>,
): Promise<T> {
  work.catch(() => undefined);
  const late = clock.sleep(milliseconds).then(() => {
    throw new ReleaseError('SIGSTORE_UNAVAILABLE', `${what} takes longer than ${milliseconds / 1000} s`);
  });
  return Promise.race([work, late]);
}
