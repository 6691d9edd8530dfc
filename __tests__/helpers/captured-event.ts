import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseContext } from '../../src/adapters/runner/context.ts';
import type { RunContext } from '../../src/model/context.ts';

/** A runner's environment and event payload, trimmed: `__tests__/fixtures/events/<name>.json`. */
export type CapturedEvent = {
  readonly env: Readonly<Record<string, string>>;
  readonly payload: Readonly<Record<string, unknown>>;
};

export function capturedEvent(name: string): CapturedEvent {
  const path = join(import.meta.dirname, '..', 'fixtures', 'events', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The captured event as the runner adapter reads it. */
export function capturedContext(name: string, env: Readonly<Record<string, string>> = {}): RunContext {
  const event = capturedEvent(name);
  return parseContext({ ...event.env, ...env }, JSON.stringify(event.payload));
}
