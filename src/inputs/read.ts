import { ERRORS, type Problem, problem } from '../model/errors.ts';
import { decode } from './decode.ts';
import type { Field } from './field.ts';
import { nearest, show } from './text.ts';
import { TEXT } from './values.ts';

/** A value as it was written, and where. */
export type Written = {
  readonly value: unknown;
  /** For messages: `` input `severity` `` or `` config `gate.severity` ``. */
  readonly where: string;
  readonly at?: NonNullable<Problem['at']>;
};

/** A problem with something written: message with the place, annotation at its line. */
export function problemAt(written: Omit<Written, 'value'>, message: string, hint?: string): Problem {
  const plain = problem('INPUT_INVALID', `${written.where}: ${message}`, hint ?? ERRORS.INPUT_INVALID.hint);
  return written.at === undefined ? plain : { ...plain, at: written.at };
}

const SECRET_HINT = 'Write `id=value`; put quotes around the whole of it when the value has several lines.';

/** So that a value of 10 kB of commas does not bury all other problems. */
const MOST_PROBLEMS = 10;

/** The checked value; undefined when it is not given, or when it is wrong: then the problems say how. */
export function readField<T>(
  field: Field<T>,
  written: Written | undefined,
  problems: Problem[],
): T | undefined {
  if (written === undefined) return undefined;
  const decoded = decode(field.form, written.value);
  const found = decoded.faults.map((fault) => {
    const shown = fault.value === undefined ? '' : `${showValue(field, fault.value, fault.entry)} is not `;
    const hint = field.secret && field.form === 'pairs' ? SECRET_HINT : undefined;
    return problemAt(written, `${shown}${fault.message}`, hint);
  });
  const result = field.schema().safeParse(decoded.value);
  if (!result.success)
    found.push(...result.error.issues.map((issue) => fromIssue(field, written, decoded.value, issue)));
  problems.push(...found.slice(0, MOST_PROBLEMS));
  if (found.length > MOST_PROBLEMS) {
    problems.push(problemAt(written, `${found.length - MOST_PROBLEMS} more values are wrong`));
  }
  return found.length === 0 && result.success ? result.data : undefined;
}

type Issue = {
  readonly message: string;
  readonly path: readonly PropertyKey[];
  readonly values?: readonly unknown[];
};

function fromIssue(field: Field<unknown>, written: Written, value: unknown, issue: Issue): Problem {
  const wrong = memberAt(value, issue.path);
  const key = issue.path[0];
  const entry = typeof key === 'number' ? key : undefined;
  const name = typeof key === 'string' ? `${show(key)}: ` : '';
  const shown = field.secret && name !== '' ? 'a value' : `${name}${showValue(field, wrong, entry)}`;
  return problemAt(written, `${shown} is not ${issue.message}`, hintFor(field, wrong, issue));
}

function hintFor(field: Field<unknown>, wrong: unknown, issue: Issue): string | undefined {
  if (issue.message === TEXT && ['number', 'boolean'].includes(typeof wrong))
    return 'Put the value in quotes.';
  if (field.secret || typeof wrong !== 'string') return undefined;
  const allowed = issue.values?.filter((value) => typeof value === 'string') ?? [];
  const near = nearest(wrong, allowed);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

/** The value at a path of own members. */
export function memberAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(member, value);
}

function member(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function showValue(field: Field<unknown>, value: unknown, entry: number | undefined): string {
  if (!field.secret) return show(value);
  return entry === undefined ? 'the value (not shown)' : `entry ${entry + 1} (not shown)`;
}
