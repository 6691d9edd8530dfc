import * as z from 'zod/mini';
import { anyText } from './values.ts';

/**
 * How text becomes data before a schema looks at it: `text` and `word` stay as they are (a YAML boolean is a word too),
 * `flag` is a boolean, `list` splits at commas and lines, `lines` at lines alone; `pairs` are lines of `key=value`
 * or a map, `columns` lines of two words or a map, `entries` lines of `key=value`, a list or a map, each kept as one text.
 */
export type Form = 'text' | 'word' | 'flag' | 'list' | 'lines' | 'pairs' | 'columns' | 'entries';

/** An input, or a key of the config file: its name, how it is written, and what may stand there. */
export type Field<T> = {
  readonly name: string;
  readonly form: Form;
  /** Messages never show the value. */
  readonly secret: boolean;
  /** Made when it is first needed: most runs give a few inputs, and making all schemas costs start-up time. */
  readonly schema: () => z.ZodMiniType<T>;
};

function field<T>(form: Form, name: string, schema: () => z.ZodMiniType<T>, secret = false): Field<T> {
  return { name, form, schema, secret };
}

export function text<T>(name: string, schema: () => z.ZodMiniType<T>): Field<T> {
  return field('text', name, schema);
}

export function word<T>(name: string, schema: () => z.ZodMiniType<T>): Field<T> {
  return field('word', name, schema);
}

export function secretText(name: string, schema: () => z.ZodMiniType<string>): Field<string> {
  return field('text', name, schema, true);
}

export function flag(name: string): Field<boolean> {
  return field('flag', name, () => z.boolean('true or false'));
}

export function list<T>(name: string, item: () => z.ZodMiniType<T>): Field<T[]> {
  return field('list', name, () => z.array(item(), 'a list'));
}

export function lines<T>(name: string, item: () => z.ZodMiniType<T>): Field<T[]> {
  return field('lines', name, () => z.array(item(), 'a list'));
}

type Pairs = Record<string, string>;

export function pairs(name: string, value: () => z.ZodMiniType<string> = anyText): Field<Pairs> {
  return field('pairs', name, () => z.record(z.string(), value(), 'a map'));
}

export function secretPairs(name: string): Field<Pairs> {
  return field('pairs', name, () => z.record(z.string(), anyText(), 'a map'), true);
}

export function columns(name: string, value: () => z.ZodMiniType<string>): Field<Pairs> {
  return field('columns', name, () => z.record(z.string(), value(), 'a map'));
}

/** `key=value` as lines, a list or a map, each checked as one text. */
export function entries<T>(name: string, item: () => z.ZodMiniType<T>): Field<T[]> {
  return field('entries', name, () => z.array(item(), 'a list or a map'));
}
