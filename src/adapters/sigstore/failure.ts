import * as z from 'zod/mini';
import { ReleaseError } from '../../model/errors.ts';
import type { HttpOutcome } from '../../ports/http.ts';

/** A service that did not do its work: whose, and where. */
export type Place = {
  /** `Fulcio`, `The log`, … at the start of a sentence. */
  readonly service: string;
  readonly url: URL;
};

const LONGEST = 200;
const REFUSED =
  'The service understood the request and refused it: read its words, check the Sigstore instance and the rights of this job, and re-run; the run continues where this one stopped.';

/** SIGSTORE_UNAVAILABLE for an answer that was not wanted. `secrets` appear nowhere in it. */
export function unavailable(
  place: Place,
  outcome: HttpOutcome,
  secrets: readonly string[] = [],
): ReleaseError {
  const { attempts } = outcome;
  const often = attempts === 1 ? '' : ` after ${attempts} attempts`;
  const message = `${place.service} did not do its work${often}: ${showUrl(place.url)}: ${wordsOf(outcome, secrets)}`;
  const refused =
    outcome.kind === 'answer' && outcome.status >= 300 && outcome.status < 500 && outcome.status !== 429;
  return new ReleaseError('SIGSTORE_UNAVAILABLE', message, refused ? { hint: REFUSED } : {});
}

/** SIGSTORE_UNAVAILABLE for an answer that is not what the protocol promises. */
export function misbehaves(place: Place, what: string): ReleaseError {
  return new ReleaseError(
    'SIGSTORE_UNAVAILABLE',
    `${place.service} gave an answer that cannot be used: ${showUrl(place.url)}: ${what}`,
  );
}

function wordsOf(outcome: HttpOutcome, secrets: readonly string[]): string {
  switch (outcome.kind) {
    case 'late':
      return 'the certificate ran out meanwhile';
    case 'failure':
      return clean(outcome.reason, secrets);
    case 'answer': {
      const words = clean(foreignWords(outcome.body), secrets);
      return `status ${outcome.status}${words === '' ? '' : `: ${words}`}`;
    }
  }
}

const words = z.object({ message: z.string() });

/** What the service says: JSON with a message (Fulcio, Rekor), or a line of text. */
function foreignWords(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 8192)).toString('utf8');
  if (text.trimStart().startsWith('<')) return '';
  try {
    const result = words.safeParse(JSON.parse(text));
    return result.success ? result.data.message : '';
  } catch {
    return text;
  }
}

/** One line of visible text without secrets, shortened. */
function clean(text: string, secrets: readonly string[]): string {
  const whole = secrets.reduce((clear, secret) => clear.replaceAll(secret, '***'), text);
  // A token of which a part is quoted is a token still.
  const line = whole
    .replaceAll(/\p{C}+/gu, ' ')
    .replaceAll(/(?:eyJ[\w-]{5,}|[\w-]{40,})(?:\.[\w-]+)*/g, '***')
    .replaceAll(/(https?:\/\/[^\s"'?#]+)[?#][^\s"']*/gi, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

/** Without query and fragment. */
function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
