import type { Log } from '../../ports/log.ts';
import { appendKeyValue } from './file-command.ts';

export type WriteOptions = {
  readonly log: Log;
  /** Do without @actions/core: for the failure of an input, which is shown before any library is loaded. */
  readonly early?: boolean;
};

/** By then a run that takes its time waits for other programs. */
const WAITING_AFTER_MS = 500;

/** Loads the library that the end of the run needs while it waits anyway; a shorter run loads it when it is there. */
export function loadWhileWaiting(): void {
  const load = () => void import('@actions/core').catch(() => undefined);
  setTimeout(load, WAITING_AFTER_MS).unref();
}

/** Sets the step's outputs; where no runner collects them they are printed. Trouble is a warning, never a failure. */
export async function writeOutputs(
  outputs: Readonly<Record<string, string>>,
  { log, early = false }: WriteOptions,
): Promise<void> {
  const path = process.env.GITHUB_OUTPUT ?? '';
  if (path === '') return print(outputs, log);
  try {
    const set = early
      ? (name: string, value: string) => appendKeyValue(path, name, value)
      : (await import('@actions/core')).setOutput;
    for (const [name, value] of Object.entries(outputs)) set(name, value);
  } catch (error) {
    log.warning(`The outputs could not be written to ${path}: ${String(error)}.`);
  }
}

function print(outputs: Readonly<Record<string, string>>, log: Log): void {
  const given = Object.entries(outputs).filter(([, value]) => value !== '');
  log.info('There is no GITHUB_OUTPUT here, so the outputs are only printed.');
  for (const [name, value] of given) log.info(`  ${name}: ${value.replaceAll('\n', '\n    ')}`);
}
