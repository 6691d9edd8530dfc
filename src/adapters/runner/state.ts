import type { State } from '../../ports/state.ts';
import { appendKeyValue } from './file-command.ts';

type Key = Parameters<State['save']>[0];

/** State for the post step; outside a runner there is no post step, and nothing is kept. */
export function createState(): State {
  const path = process.env.GITHUB_STATE ?? '';
  return {
    save(key, value) {
      if (path !== '') appendKeyValue(path, key, value);
    },
  };
}

/** What the main step saved last under this key; only the post step sees it. */
export function readState(key: Key): string | undefined {
  const value = process.env[`STATE_${key}`] ?? '';
  return value === '' ? undefined : value;
}
