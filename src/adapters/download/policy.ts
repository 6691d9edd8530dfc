import { ReleaseError } from '../../model/errors.ts';

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 500;
/** A server that asks for a longer pause is left alone: the run should fail while somebody still waits for it. */
const LONGEST_PAUSE_MS = 60_000;

/** Throws TOOL_MISSING for what is no http(s) address, or carries a user name or a password: downloads send no credentials. */
export function downloadUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new ReleaseError('TOOL_MISSING', `not an http or https address: ${text}`, { hint: MIRROR_HINT });
  if (url.username !== '' || url.password !== '')
    throw new ReleaseError('TOOL_MISSING', `a download address must hold no credentials: ${url.host}`, {
      hint: MIRROR_HINT,
    });
  return url;
}

const MIRROR_HINT = 'Check `tools-mirror`: a base URL such as https://mirror.example.com/tools.';

/** Where a redirect leads; undefined when it must not be followed: no address, other schemes, from https to http. */
export function redirectTarget(location: string | undefined, from: URL): URL | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from);
  const allowed = from.protocol === 'https:' ? ['https:'] : ['https:', 'http:'];
  if (!allowed.includes(to.protocol)) return undefined;
  to.username = '';
  to.password = '';
  return to;
}

export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Milliseconds until the next attempt, with jitter; undefined = give up. The first attempt is 1. */
export function pauseAfter(
  attempt: number,
  retryAfter: string | undefined,
  random: number,
): number | undefined {
  if (attempt >= ATTEMPTS) return undefined;
  const backoff = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + random / 2);
  const asked = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0;
  if (asked > LONGEST_PAUSE_MS) return undefined;
  return Math.max(backoff, asked);
}
