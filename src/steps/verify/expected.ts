import type { Check, Expected, VerificationFault } from '../../model/verification.ts';

/** Longer names are nobody's, and a regular expression must not be fed with them. */
const LONGEST = 2000;

export function isMet(expected: Expected, actual: string | undefined): boolean {
  if (actual === undefined || actual.length > LONGEST) return false;
  return expected.kind === 'exact' ? actual === expected.value : anchored(expected.value).test(actual);
}

/** The whole of a value must match. Throws a SyntaxError when the text is no regular expression. */
export function anchored(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}

export function showExpected({ kind, value }: Expected): string {
  return kind === 'exact' ? value : `matching ^(?:${value})$`;
}

type Question = {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  readonly actual: string | undefined;
  readonly ok: boolean;
  readonly fault: VerificationFault;
};

/** A check whose fault stands only where it failed, with values of bounded length. */
export function check({ id, title, expected, actual, ok, fault }: Question): Check {
  const values = { id, title, expected: clip(expected), actual: clip(actual ?? 'none'), ok };
  return ok ? values : { ...values, fault };
}

function clip(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
