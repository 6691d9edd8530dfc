/** How the validator, a Python program, looks at JSON values. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of an own member; undefined where there is no object. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Python's truth: null, false, 0 and everything empty are not. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** What a `for` loop sees: characters of a string, names of an object. */
export function elementsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...value];
  return isObject(value) ? Object.keys(value) : [];
}

/** A number as the validator compares it; booleans are 0 and 1. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

/** Python's whitespace, which is not JavaScript's. */
const BLANK = [
  9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
];
const BLANKS = new Set([...BLANK, ...Array.from({ length: 11 }, (_, index) => 0x2000 + index)]);

export function strip(text: string): string {
  const isBlank = (index: number) => BLANKS.has(text.charCodeAt(index));
  let [start, end] = [0, text.length];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** Lines as the validator splits them; its three separators of records aside, which no text file has. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|[\n\v\f\r\x85\u2028\u2029]/);
}
