import type { Log } from '../../ports/log.ts';
import { appendKeyValue } from './file-command.ts';

export type WriteOptions = {
  readonly log: Log;
  /** Do without @actions/core: for the failure of an input, which is shown before any library is loaded. */
  readonly early?: boolean;
};

/** Sets the step's outputs; where no runner collects them they are printed. Trouble is a warning, never a failure. */
export async function writeOutputs(
  outputs: Readonly<Record<string, string>>,
  { log, early = false }: WriteOptions,
): Promise<void> {
  const path = process.env.GITHUB_OUTPUT ?? '';
  if (path === '') return print(outputs, log);
  try {
    const set = early ? byHand(path) : await byLibrary();
    for (const [name, value] of Object.entries(outputs)) set(name, value);
  } catch (error) {
    log.warning(`The outputs could not be written to ${path}: ${String(error)}.`);
  }
}

type SetOutput = (name: string, value: string) => void;

function byHand(path: string): SetOutput {
  return (name, value) => appendKeyValue(path, name, value);
}

/** Taken by name, so that the bundle holds no more of the library than this (see scripts/build.ts). */
async function byLibrary(): Promise<SetOutput> {
  const { setOutput } = await import('@actions/core');
  return setOutput;
}

function print(outputs: Readonly<Record<string, string>>, log: Log): void {
  const given = Object.entries(outputs).filter(([, value]) => value !== '');
  log.info('There is no GITHUB_OUTPUT here, so the outputs are only printed.');
  for (const [name, value] of given) log.info(`  ${name}: ${value.replaceAll('\n', '\n    ')}`);
}
