import * as z from 'zod/mini';

/**
 * JSON Schema's words in Zod. Each says its own expectation, to stand behind the name of the value. All of them look at
 * the value also when a part of it is wrong, because JSON Schema reports both.
 */
function check<T>(holds: (value: T) => boolean, expectation: string, applies: (value: unknown) => boolean) {
  return z.refine<T>(holds, { error: expectation, when: ({ value }) => applies(value) });
}

const isString = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';

/** Draft 7 knows 1024.0 as an integer; JavaScript cannot tell the two apart anyway. */
export function integer({ min = -Infinity, max = Infinity } = {}) {
  const range = max === Infinity ? `of at least ${min}` : `between ${min} and ${max}`;
  return z
    .number()
    .check(
      check<number>(
        (value) => Number.isInteger(value) && min <= value && value <= max,
        `has to be an integer ${range}`,
        isNumber,
      ),
    );
}

export function numberFrom(min: number) {
  return z.number().check(check<number>((value) => value >= min, `has to be at least ${min}`, isNumber));
}

export function oneOfNumbers(values: readonly number[]) {
  const expectation = `has to be one of ${values.join(', ')}`;
  return z.number().check(check<number>((value) => values.includes(value), expectation, isNumber));
}

/** Lengths count characters (code points), where JavaScript's own counts halves of pairs. */
export function text({ min = 0, max = Infinity, pattern = /^/ }: TextRule = {}) {
  return z.string().check(
    check<string>(
      (value) => {
        const { length } = [...value];
        return min <= length && length <= max && pattern.test(value);
      },
      textExpectation({ min, max, pattern }),
      isString,
    ),
  );
}

type TextRule = { readonly min?: number; readonly max?: number; readonly pattern?: RegExp };

function textExpectation({ min, max, pattern }: Required<TextRule>): string {
  const length =
    max !== Infinity && min > 0
      ? ` of ${min} to ${max} characters`
      : max !== Infinity
        ? ` of at most ${max} characters`
        : min > 0
          ? ` of at least ${min} characters`
          : '';
  const form = pattern.source === '^' ? '' : ` in the form ${pattern.source}`;
  return `has to be a text${length}${form}`;
}

/** A list that is not too long and, if asked, without repetition. */
export function list<T extends z.core.$ZodType>(
  item: T,
  { min = 0, max = Infinity, unique = false }: { min?: number; max?: number; unique?: boolean } = {},
) {
  const size = max === Infinity ? `at least ${min}` : `at most ${max}`;
  const expectation = unique ? 'may not hold a value twice' : `has to have ${size} entries`;
  return z
    .array(item)
    .check(
      check<readonly unknown[]>(
        (value) =>
          min <= value.length &&
          value.length <= max &&
          !(unique && new Set(value.map((each) => JSON.stringify(each))).size < value.length),
        expectation,
        Array.isArray,
      ),
    );
}

/** None of these names may be there. */
export function without(...names: readonly string[]) {
  return check<object>(
    (value) => !names.some((name) => Object.hasOwn(value, name)),
    `may not have ${names.join(' or ')}`,
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
}
