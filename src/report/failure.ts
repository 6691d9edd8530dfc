import type { Problem, ReleaseError } from '../model/errors.ts';
import { clip, oneLine } from './format.ts';

const LONGEST_LINE = 2000;
const LONGEST_CAUSE = 500;
const DEEPEST_CAUSE = 5;

type Redact = (text: string) => string;
const asIs: Redact = (text) => text;

/**
 * What failed, what to do, and why: `CODE: what failed: the value`, the hint, then the chain of causes. Secrets are taken
 * out before long lines are cut, since half a secret would not be known as one.
 */
export function failureLines(error: ReleaseError, redact: Redact = asIs): readonly string[] {
  return [
    ...error.problems.flatMap((problem) => problemLines(problem, redact)),
    ...causeLines(error, redact),
  ];
}

export function problemLines({ code, message, hint }: Problem, redact: Redact = asIs): readonly string[] {
  return [`${code}: ${clip(oneLine(redact(message)), LONGEST_LINE)}`, redact(hint)];
}

/** `Caused by: …` for each error below this one; for a bug of ours also the place in our code. */
export function causeLines(error: ReleaseError, redact: Redact = asIs): readonly string[] {
  const causes = chainOf(error.cause)
    .map((cause) => clip(oneLine(redact(describe(cause))), LONGEST_CAUSE))
    .filter((line, index, all) => line !== oneLine(redact(error.message)) && all.indexOf(line) === index)
    .map((line) => `Caused by: ${line}`);
  return error.code === 'INTERNAL' ? [...causes, ...placeOf(error)] : causes;
}

function chainOf(cause: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let next = cause;
  while (next !== undefined && next !== null && chain.length < DEEPEST_CAUSE) {
    chain.push(next);
    next = next instanceof AggregateError ? next.errors[0] : next instanceof Error ? next.cause : undefined;
  }
  return chain;
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Errors of sockets often have a code and no message.
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  return cause.message === '' ? code : cause.message;
}

function placeOf(error: ReleaseError): readonly string[] {
  const source = error.cause instanceof Error ? error.cause : error;
  const frames = (source.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 8).map((line) => line.trimEnd());
}
