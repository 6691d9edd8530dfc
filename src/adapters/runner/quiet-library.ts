import type { Log, Quietly } from '../../ports/log.ts';
import { captureOutput } from './captured-output.ts';

type LibraryLog = Pick<Log, 'info' | 'debug' | 'mask'>;

/**
 * For the libraries of @actions/*: they print by themselves, also what the runner must mask; but while a build runs the
 * runner obeys no command, and would show it; and some of what they print is others' text.
 */
export function createQuietly(log: LibraryLog): Quietly {
  return (speaker, work) => captureOutput((line) => retell(line, log, speaker), work);
}

/** A line of the library: a command of the runner, or words. Who has to wait is told. */
function retell(line: string, log: LibraryLog, speaker: string): void {
  const [, name, data = ''] = /^::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? [];
  const text = data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  if (name === 'add-mask') log.mask(text);
  else if (name === 'warning' || name === 'error') log.info(`${speaker} says: ${text}`);
  else if (/^Attempt \d+ of \d+ failed/.test(line)) log.info(`${speaker} says: ${line}`);
  else log.debug(name === undefined ? line : text);
}
