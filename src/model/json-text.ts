import { findFault, TOKEN } from './json-fault.ts';

/** JSON text read strictly by RFC 8259, with the place of every value. Pointers join names by `/` without escapes, as the validator does. */
export type JsonText = {
  readonly value: unknown;
  /** Pointer → offset of the name (of members) or of the value (of the root and of elements). */
  readonly places: ReadonlyMap<string, number>;
  /** Pointers of numbers that a double does not hold exactly, or not at all. */
  readonly inexact: readonly string[];
  /** Pointers of names that stand twice in one object; the last one counts. */
  readonly duplicates: readonly string[];
};

export type JsonFault = { readonly fault: string; readonly line?: number };

/** Deeper nesting is no manifest: the validator itself gives up near a thousand levels. */
const DEEPEST = 200;

/** Reads JSON, or says why it is none, with the 1-based line where that is known. */
export function readJsonText(text: string): JsonText | JsonFault {
  if (text.startsWith('\uFEFF'))
    return { fault: 'it begins with a byte order mark, which JSON does not allow', line: 1 };
  if (text.trim() === '') return { fault: 'it is empty' };
  if (depthOf(text) > DEEPEST) return { fault: `it is nested more than ${DEEPEST} levels deep` };
  const fault = findFault(text);
  if (fault === undefined) return { value: JSON.parse(text), ...scan(text) };
  const { offset, wanted, found } = fault;
  return { fault: `${wanted} should stand where ${found} stands`, line: lineAt(text, offset) };
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

type Open = { readonly pointer: string; readonly names?: Set<string>; index: number; name?: string };

/** Walks text that is known to be JSON. */
function scan(text: string): Omit<JsonText, 'value'> {
  const places = new Map<string, number>();
  const inexact: string[] = [];
  const duplicates: string[] = [];
  const open: Open[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    const inside = open.at(-1);
    if (token === '}' || token === ']') open.pop();
    else if (token === ',' && inside !== undefined) inside.index += 1;
    else if (token === ',' || token === ':') continue;
    else if (inside?.names !== undefined && inside.name === undefined) {
      inside.name = String(JSON.parse(token));
      const pointer = `${inside.pointer}/${inside.name}`;
      if (inside.names.has(inside.name)) duplicates.push(pointer);
      inside.names.add(inside.name);
      places.set(pointer, match.index);
    } else {
      const pointer = inside === undefined ? '' : `${inside.pointer}/${inside.name ?? inside.index}`;
      if (inside?.name === undefined) places.set(pointer, match.index);
      else delete inside.name;
      if (token === '{') open.push({ pointer, index: 0, names: new Set() });
      else if (token === '[') open.push({ pointer, index: 0 });
      else if (/^[-\d]/.test(token) && !isExact(token)) inexact.push(pointer);
    }
  }
  return { places, inexact, duplicates };
}

/** Fractions are rounded by every reader alike; integers are exact elsewhere. */
function isExact(literal: string): boolean {
  const number = Number(literal);
  return /[.eE]/.test(literal) ? Number.isFinite(number) : Number.isSafeInteger(number);
}
