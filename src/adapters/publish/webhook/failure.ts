import type { ErrorCode } from '../../../model/errors.ts';
import type { HttpOutcome } from '../../../ports/http.ts';

/** What an exchange without a good answer means; nothing of the answer's text is shown, which is anybody's. */
export function failureOf(outcome: HttpOutcome): { readonly code: ErrorCode; readonly words: string } {
  if (outcome.kind === 'failure') return { code: 'PUBLISH_UNAVAILABLE', words: outcome.reason };
  if (outcome.kind === 'late') return { code: 'PUBLISH_UNAVAILABLE', words: 'no answer' };
  const { status } = outcome;
  const words = `status ${status}`;
  if (status === 401) return { code: 'PUBLISH_AUTH', words };
  if (status === 403) return { code: 'PUBLISH_FORBIDDEN', words };
  if (status >= 300 && status < 400)
    return { code: 'PUBLISH_FAILED', words: `${words}: a redirect, which is not followed` };
  const isTransient = status === 429 || status === 408 || status === 425 || status >= 500;
  return { code: isTransient ? 'PUBLISH_UNAVAILABLE' : 'PUBLISH_FAILED', words };
}
