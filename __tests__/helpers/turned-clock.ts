import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The environment of an action whose clock is so many milliseconds ahead. */
export function turnedClock(milliseconds: number): Readonly<Record<string, string>> {
  const script = pathToFileURL(join(import.meta.dirname, 'turned-clock.mjs')).href;
  return { NODE_OPTIONS: `--import=${script}`, TURNED_CLOCK_MS: String(milliseconds) };
}
