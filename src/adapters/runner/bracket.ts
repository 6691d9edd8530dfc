import { workflowCommand } from './annotations.ts';

/**
 * The runner obeys no command between `::stop-commands::TOKEN` and `::TOKEN::`. There is only one such bracket at a time
 * in an output, so all printers of foreign lines share it, and our own commands leave it first.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
 */
export type Bracket = { enter(): void; leave(): void; readonly inside: boolean };

/**
 * `writeLine` gets lines without their ends. Every entry has a token of its own. The global `crypto` is loaded
 * when it is first used; an import of node:crypto would cost the start of every run.
 */
export function stopCommandsBracket(
  writeLine: (line: string) => void,
  makeToken: () => string = () => crypto.randomUUID(),
): Bracket {
  let token: string | undefined;
  return {
    enter() {
      if (token !== undefined) return;
      token = makeToken();
      writeLine(workflowCommand('stop-commands', token));
    },
    leave() {
      if (token === undefined) return;
      writeLine(workflowCommand(token));
      token = undefined;
    },
    get inside() {
      return token !== undefined;
    },
  };
}
