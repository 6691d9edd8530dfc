import type { Problem } from '../../src/model/errors.ts';
import type { Log } from '../../src/ports/log.ts';

/** A Log that keeps what it was told. `lines` has everything in order, annotations as `warning: …`. */
export type FakeLog = Log & {
  readonly lines: string[];
  readonly problems: Problem[];
  readonly masked: string[];
  /** Foreign printers that were not ended. */
  openPrinters(): number;
};

export function fakeLog(): FakeLog {
  const lines: string[] = [];
  const problems: Problem[] = [];
  const masked: string[] = [];
  let printers = 0;
  return {
    lines,
    problems,
    masked,
    openPrinters: () => printers,
    info: (message) => void lines.push(message),
    debug: (message) => void lines.push(`debug: ${message}`),
    notice: (message) => void lines.push(`notice: ${message}`),
    warning: (message) => void lines.push(`warning: ${message}`),
    problem(problem) {
      problems.push(problem);
      lines.push(`problem: ${problem.code}: ${problem.message}`);
    },
    group: (title) => void lines.push(`group: ${title}`),
    endGroup: () => void lines.push('endgroup'),
    foreign(prefix = '') {
      printers += 1;
      return {
        line: (text) => void lines.push(prefix + text),
        end() {
          printers -= 1;
        },
      };
    },
    mask: (secret) => void masked.push(secret),
  };
}
