import { capturedEvent } from '../../helpers/captured-event.ts';
import type { RunOptions } from '../../helpers/run-action.ts';

/** The commits of the captured events: of the event itself, and of a pull request's head. */
const EVENT_COMMIT = '0123456789abcdef0123456789abcdef01234567';
const HEAD_COMMIT = '89abcdef0123456789abcdef0123456789abcdef';

/**
 * A captured event (`__tests__/fixtures/events/<name>.json`) as if it had come for these commits: environment and payload
 * of the runner. `change` replaces variables of the environment, such as GITHUB_REF.
 */
export function asEvent(
  name: string,
  commits: { readonly sha: string; readonly head?: string },
  change: Readonly<Record<string, string>> = {},
): Pick<RunOptions, 'eventName' | 'event' | 'ref' | 'sha' | 'repository' | 'env'> {
  const captured = capturedEvent(name);
  const {
    GITHUB_EVENT_NAME,
    GITHUB_REF,
    GITHUB_REPOSITORY,
    GITHUB_SHA: _,
    ...rest
  } = { ...captured.env, ...change };
  const payload = JSON.stringify(captured.payload)
    .replaceAll(EVENT_COMMIT, commits.sha)
    .replaceAll(HEAD_COMMIT, commits.head ?? HEAD_COMMIT);
  return {
    eventName: GITHUB_EVENT_NAME!,
    event: JSON.parse(payload),
    ref: GITHUB_REF!,
    sha: commits.sha,
    repository: GITHUB_REPOSITORY!,
    // The API of GitHub is not asked here.
    env: { ...rest, GITHUB_API_URL: 'http://127.0.0.1:9' },
  };
}
