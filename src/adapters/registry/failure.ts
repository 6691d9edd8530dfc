import { drain, type HttpResponse } from './http.ts';
import { type RegistryError, readErrors } from './schema.ts';

/** What was asked of whom. */
export type Place = {
  readonly method: string;
  /** `ghcr.io/acme/app`, without any URL. */
  readonly target: string;
  /** `token`: the registry's token service answered, not the registry. */
  readonly stage: 'registry' | 'token';
};

type FailureDetails = Place & {
  readonly status?: number;
  readonly errors?: readonly RegistryError[];
  /** Why there was no answer: `ECONNRESET`, … */
  readonly reason?: string;
  readonly transient: boolean;
  readonly retryAfterMs?: number | undefined;
  /** The credentials were accepted, the action was not. */
  readonly insufficientScope?: boolean;
  readonly cause?: unknown;
};

/** One failed request, inside this adapter; `explain` makes the ReleaseError of it that leaves. Its text is sanitized. */
export class RegistryFailure extends Error {
  readonly method: string;
  readonly target: string;
  readonly stage: 'registry' | 'token';
  readonly status: number | undefined;
  readonly errors: readonly RegistryError[];
  readonly transient: boolean;
  readonly retryAfterMs: number | undefined;
  readonly insufficientScope: boolean;

  constructor(details: FailureDetails) {
    super(messageOf(details), details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'RegistryFailure';
    this.method = details.method;
    this.target = details.target;
    this.stage = details.stage;
    this.status = details.status;
    this.errors = details.errors ?? [];
    this.transient = details.transient;
    this.retryAfterMs = details.retryAfterMs;
    this.insufficientScope = details.insufficientScope ?? false;
  }

  /** Whether the registry named this error code. */
  says(code: string): boolean {
    return this.errors.some((error) => error.code === code);
  }
}

function messageOf({ method, target, stage, status, errors = [], reason }: FailureDetails): string {
  const place = stage === 'token' ? `the token service for ${target}` : target;
  const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ');
  const what = [status, reason, words].filter((part) => part !== undefined && part !== '').join(' ');
  return `${method} ${place}: ${what}`;
}

/** Reads the answer that was not wanted, and says what it says. */
export async function failureOf(
  response: HttpResponse,
  place: Place,
  secrets: ReadonlySet<string>,
  now: Date,
): Promise<RegistryFailure> {
  const { status, headers } = response;
  const errors = readErrors(await drain(response.stream)).slice(0, 3);
  return new RegistryFailure({
    ...place,
    status,
    errors: errors.map(({ code, message }) => ({
      ...(code === undefined ? {} : { code: sanitize(code, secrets) }),
      ...(message === undefined ? {} : { message: sanitize(message, secrets) }),
    })),
    transient: isTransientStatus(status),
    retryAfterMs: parseRetryAfter(headers['retry-after'], now),
    insufficientScope: /error="?insufficient_scope/i.test(headers['www-authenticate'] ?? ''),
  });
}

const LONGEST = 300;
/** Shorter ones would blot out words. */
const SHORTEST_SECRET = 4;

/**
 * Foreign text for a message: one line, no control characters, shortened, URLs without their query (it may hold a
 * signature), and none of the secrets that this run knows.
 */
export function sanitize(text: string, secrets: Iterable<string>): string {
  let clean = text.replaceAll(/\p{C}+/gu, ' ');
  for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) clean = clean.replaceAll(secret, '***');
  clean = clean
    .replaceAll(/(https?:\/\/[^\s"'?#]+)[?#][^\s"']*/gi, '$1')
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return clean.length <= LONGEST ? clean : `${clean.slice(0, LONGEST - 1)}…`;
}

/** Retry-After in seconds or as a date, in milliseconds from now. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/** 408 and 425 ask for it, 429 too; of the 5xx only "not implemented" will not change by waiting. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501);
}
