import type { Clock } from '../../ports/clock.ts';
import { RegistryFailure } from './failure.ts';

/** `totalMs` bounds the time spent waiting between attempts, not the time that transfers take. */
export type RetryPolicy = {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly totalMs: number;
};

export const RETRY: RetryPolicy = { attempts: 6, firstDelayMs: 500, maxDelayMs: 20_000, totalMs: 300_000 };

/** For what is written but not yet readable: registries with several replicas need a moment. */
export const READ_BACK: RetryPolicy = { attempts: 8, firstDelayMs: 100, maxDelayMs: 4_000, totalMs: 15_000 };

/**
 * Milliseconds to wait after the attempt that failed (the first is 1); undefined = give up. Exponential with jitter, so
 * that many runners do not come back at the same moment; what the registry asks for (Retry-After) is kept, or given up.
 */
export function nextDelay(
  policy: RetryPolicy,
  state: { readonly attempt: number; readonly waitedMs: number; readonly retryAfterMs?: number | undefined },
  random: number,
): number | undefined {
  if (state.attempt >= policy.attempts) return undefined;
  const backoff = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (state.attempt - 1));
  const delay =
    state.retryAfterMs === undefined
      ? backoff * (0.5 + random / 2)
      : state.retryAfterMs + policy.firstDelayMs * random;
  return state.waitedMs + delay > policy.totalMs ? undefined : Math.round(delay);
}

export type Retrier = <T>(work: (attempt: number) => Promise<T>, policy?: RetryPolicy) => Promise<T>;

type RetrierOptions = {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: () => number;
  readonly policy: RetryPolicy;
  readonly onRetry: (failure: RegistryFailure, delayMs: number) => void;
};

/** Repeats work that failed transiently; the last failure is thrown. */
export function createRetrier(options: RetrierOptions): Retrier {
  return async (work, policy = options.policy) => {
    let waitedMs = 0;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(attempt);
      } catch (error) {
        if (!(error instanceof RegistryFailure) || !error.transient) throw error;
        const { retryAfterMs } = error;
        const delay = nextDelay(policy, { attempt, waitedMs, retryAfterMs }, options.random());
        if (delay === undefined) throw error;
        options.onRetry(error, delay);
        waitedMs += delay;
        await options.clock.sleep(delay);
      }
    }
  };
}
