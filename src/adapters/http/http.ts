import type { Clock } from '../../ports/clock.ts';
import type { Http, HttpOutcome } from '../../ports/http.ts';
import type { Log } from '../../ports/log.ts';
import {
  delayAfter,
  isPermanentCode,
  isTransientStatus,
  parseRetryAfter,
  RETRY,
  type RetryPolicy,
} from './retry.ts';
import { createSend, TooLargeError } from './send.ts';

type HttpSetup = {
  readonly clock: Clock;
  readonly log: Pick<Log, 'debug' | 'info'>;
  /** For HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly retry?: RetryPolicy;
  readonly random?: () => number;
  readonly idleMs?: number;
};

/** Fulcio and Rekor answer within seconds; a log that is written in batches needs up to twenty. */
const IDLE_MS = 30_000;
const LARGEST = 1024 * 1024;
/** People who wait longer are told why. */
const LONG_WAIT_MS = 4000;

/** http(s) by node:https: bounded answers, jittered retries over minutes, no redirects. */
export function createHttp({ clock, log, env, ...setup }: HttpSetup): Http {
  const policy = setup.retry ?? RETRY;
  const random = setup.random ?? Math.random;
  const idleMs = setup.idleMs ?? IDLE_MS;
  const send = createSend({ env, idleMs, wholeMs: 2 * idleMs });

  const attemptOnce = async (
    request: Parameters<typeof send>[0],
    limit: number,
    attempts: number,
  ): Promise<{ outcome: HttpOutcome; transient: boolean; words: string }> => {
    try {
      const answer = await send(request, limit);
      const transient = isTransientStatus(answer.status);
      const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], clock.now());
      return {
        outcome: {
          kind: 'answer',
          ...answer,
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
          attempts,
        },
        transient,
        words: `status ${answer.status}`,
      };
    } catch (error) {
      const reason = error instanceof Error ? error.message || codeOf(error) : String(error);
      const transient = !(error instanceof TooLargeError) && !isPermanentCode(codeOf(error));
      return { outcome: { kind: 'failure', reason, attempts }, transient, words: reason };
    }
  };

  return {
    async exchange(request, { limit = LARGEST, until, attempts: most = Number.POSITIVE_INFINITY } = {}) {
      const giveUp = clock.elapsed() + policy.totalMs;
      for (let attempts = 1; ; attempts += 1) {
        const made = await request();
        const { outcome, transient, words } = await attemptOnce(made, limit, attempts);
        if (!transient || attempts >= most) return outcome;
        const asked = outcome.kind === 'answer' ? outcome.retryAfterMs : undefined;
        const delay = delayAfter(policy, attempts, asked, random());
        const next = clock.elapsed() + delay;
        if (next > giveUp) return outcome;
        if (until !== undefined && next > until) return { kind: 'late', attempts };
        const message = `${made.url.host} did not do its work (${words}). Trying again in ${(delay / 1000).toFixed(1)} s.`;
        if (delay >= LONG_WAIT_MS) log.info(message);
        else log.debug(message);
        await clock.sleep(delay);
      }
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
