import { appendFileSync } from 'node:fs';

/**
 * Appends one value to GITHUB_OUTPUT or GITHUB_STATE by hand, in the form that keeps line ends. Used where @actions/core
 * cannot serve: before the door has passed (loading it takes longer than everything else there), and for state, which
 * must be on disk before the next step, because a cancelled run gets no later turn.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 */
export function appendKeyValue(path: string, key: string, value: string): void {
  const delimiter = `end-of-value-${crypto.randomUUID()}`;
  appendFileSync(path, `${key}<<${delimiter}\n${value}\n${delimiter}\n`);
}
