import type { Form } from './field.ts';
import { type ListResult, parseLines, parseList } from './lists.ts';

export type Fault = {
  /** What is wrong; with a value it is the allowed form, and completes "… is not". */
  readonly message: string;
  readonly value?: string;
  /** Position of the value in its list, from 0. */
  readonly entry?: number;
};

/** What a schema checks. With faults the value holds what could be read. */
export type Decoded = { readonly value: unknown; readonly faults: readonly Fault[] };

/** Makes data of written text; what is data already (from the config file) stays as it is. */
export function decode(form: Form, value: unknown): Decoded {
  switch (form) {
    case 'text':
      return clean(value);
    case 'word':
      return clean(typeof value === 'boolean' ? String(value) : value);
    case 'flag':
      return clean(typeof value === 'string' ? toFlag(value) : value);
    case 'list':
      return typeof value === 'string' ? fromList(parseList(value)) : clean(value);
    case 'lines':
      return typeof value === 'string' ? fromList(parseLines(value)) : clean(value);
    case 'entries':
      return typeof value === 'string' ? fromList(parseLines(value)) : clean(joined(value));
    case 'pairs':
    case 'columns':
      return toPairs(form, value);
  }
}

function clean(value: unknown): Decoded {
  return { value, faults: [] };
}

/** The spellings of YAML 1.2's core schema. https://yaml.org/spec/1.2.2/#1032-tag-resolution */
function toFlag(text: string): unknown {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  return /^(?:false|False|FALSE)$/.test(text) ? false : text;
}

function fromList(result: ListResult): Decoded {
  return result.ok ? clean(result.items) : { value: [], faults: [{ message: result.fault }] };
}

/** A map as lines of `key=value`; members that are no text stay for the schema to refuse. */
function joined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value).map(([key, v]) => (typeof v === 'string' ? `${key}=${v}` : v));
}

function toPairs(form: 'pairs' | 'columns', value: unknown): Decoded {
  const list = typeof value === 'string' ? fromList(parseLines(value)) : clean(value);
  if (!Array.isArray(list.value)) return withoutPrototype(list);
  const split = form === 'pairs' ? atEquals : atBlank;
  const message = form === 'pairs' ? 'of the form key=value' : 'of the form `file sha256`';
  const faults: Fault[] = [...list.faults];
  const pairs: [string, string][] = [];
  for (const [entry, item] of list.value.entries()) {
    const pair = typeof item === 'string' ? split(item) : undefined;
    if (pair !== undefined) pairs.push(pair);
    else faults.push({ message, value: typeof item === 'string' ? item : JSON.stringify(item), entry });
  }
  return { value: Object.fromEntries(pairs), faults };
}

function atEquals(text: string): [string, string] | undefined {
  const equals = text.indexOf('=');
  const key = text.slice(0, equals).trim();
  return equals < 0 || !isKey(key) ? undefined : [key, text.slice(equals + 1)];
}

/** `file sha256`, or `sha256  file` as sha256sum prints it. */
function atBlank(text: string): [string, string] | undefined {
  const [first = '', second = '', ...more] = text.split(/\s+/);
  if (second === '' || more.length > 0 || !isKey(first)) return undefined;
  return /^[0-9a-f]{64}$/.test(first) ? [second.replace(/^\*/, ''), first] : [first, second];
}

function isKey(text: string): boolean {
  return text !== '' && text !== '__proto__' && !/[\s\p{Cc}]/u.test(text);
}

/** Keys that cannot be keys are refused here too, so that no schema has to drop them in silence. */
function withoutPrototype(decoded: Decoded): Decoded {
  const { value } = decoded;
  if (typeof value !== 'object' || value === null) return decoded;
  const bad = Object.keys(value).filter((key) => !isKey(key));
  const faults = bad.map((key): Fault => ({ message: 'a key without blanks', value: key }));
  return { value, faults: [...decoded.faults, ...faults] };
}
