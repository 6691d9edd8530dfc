import type { Problem } from '../model/errors.ts';

/** What people see while the run goes on. Full sentences. Everything printed passes the masks. */
export interface Log {
  info(message: string): void;
  debug(message: string): void;
  /** An annotation of the run, or at its place in the repository. */
  notice(message: string): void;
  warning(message: string, at?: Problem['at']): void;
  /** An annotation at its place in the repository when it has one: `CODE: message`, then the hint. */
  problem(problem: Problem): void;
  group(title: string): void;
  endGroup(): void;
  /**
   * A printer for lines that others wrote (tools, Dockerfiles): printed so that they cannot issue workflow commands.
   * Call `end` when the tool has ended.
   */
  foreign(prefix?: string): { line(text: string): void; end(): void };
  /** Hides the value, its base64, its URL-encoded form, and each line of it, in everything printed from now on. */
  mask(secret: string): void;
}

/**
 * Runs a library that prints by itself; what it prints goes by our log. `speaker`: who says it, as a sentence begins: `The
 * cache`.
 */
export type Quietly = <T>(speaker: string, work: () => Promise<T>) => Promise<T>;
