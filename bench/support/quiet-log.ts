import type { Log } from '../../src/ports/log.ts';

const quiet = (): void => undefined;

/** A log that costs nothing. */
export const QUIET_LOG: Log = {
  info: quiet,
  debug: quiet,
  notice: quiet,
  warning: quiet,
  problem: quiet,
  group: quiet,
  endGroup: quiet,
  mask: quiet,
  foreign: () => ({ line: quiet, end: quiet }),
};
