/** JSON as data: what a document holds, without surprises of classes. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys by code point, nothing between the tokens: the bytes that the platform's SDK signs. */
export function canonicalJson(value: Json): string {
  return print(value, { item: ',', key: ':', sorted: true });
}

/** As Python's `json.dumps` writes it by default, keys in their own order: the bytes of a request of the platform's SDK. */
export function spacedJson(value: Json): string {
  return print(value, { item: ', ', key: ': ', sorted: false });
}

type Style = { readonly item: string; readonly key: string; readonly sorted: boolean };

function print(value: Json, style: Style): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return printNumber(value);
    case 'boolean':
      return String(value);
    default:
      return value === null ? 'null' : printMembers(value, style);
  }
}

function printMembers(value: readonly Json[] | JsonObject, style: Style): string {
  if (isList(value)) return `[${value.map((each) => print(each, style)).join(style.item)}]`;
  const entries = Object.entries(value);
  if (style.sorted) entries.sort(([a], [b]) => compareCodePoints(a, b));
  const members = entries.map(([key, each]) => `${quote(key)}${style.key}${print(each, style)}`);
  return `{${members.join(style.item)}}`;
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

/** Everything outside printable ASCII as `\uXXXX`, astral characters as their two halves, as `ensure_ascii` has it. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * As Python prints the number that it reads from JavaScript's own spelling: an exponent has two digits at least, and it
 * begins below 0.0001. https://docs.python.org/3/library/functions.html#repr
 */
function printNumber(value: number): string {
  const text = String(value);
  if (!Number.isFinite(value)) throw new TypeError('JSON has no number without an end');
  if (Object.is(value, -0)) return '0';
  if (Number.isInteger(value)) return text;
  const [digits = '', exponent] = (Math.abs(value) < 1e-4 ? value.toExponential() : text).split('e');
  if (exponent === undefined) return text;
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** Python sorts text by code point; JavaScript's own order is by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    const order = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
