/** `totalMs`: how long nobody minds waiting; no attempt starts later. */
export type RetryPolicy = {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly totalMs: number;
};

/** Outages of Sigstore's and GitHub's services last minutes; a release that was built can wait for them. */
export const RETRY: RetryPolicy = { firstDelayMs: 1000, maxDelayMs: 30_000, totalMs: 300_000 };

/**
 * Milliseconds to wait after the attempt that failed (the first is 1): exponential with jitter, so that many runners do
 * not come back at the same moment, and never sooner than the service asks for (Retry-After).
 */
export function delayAfter(
  policy: RetryPolicy,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
): number {
  const backoff = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** Math.min(attempt - 1, 20));
  const jittered = backoff * (0.5 + random / 2);
  const asked = retryAfterMs === undefined ? 0 : retryAfterMs + policy.firstDelayMs * random;
  return Math.round(Math.max(jittered, asked));
}

/** 408, 425 and 429 ask for it; of the 5xx only "not implemented" will not change by waiting. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501);
}

/** Retry-After in seconds or as a date, in milliseconds from now. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/** Codes of OpenSSL and Node that another attempt does not change: certificates, and addresses that are none. */
export function isPermanentCode(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS|^EPROTO$|^ERR_SSL|^ERR_INVALID/.test(code);
}
