const SHOWN = 80;
/** Control and format characters, line and paragraph separators, halves of pairs: what cannot be seen, or misleads. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

/** A value as messages show it: quoted, at most 80 characters, nothing unseen in it. */
export function show(value: unknown): string {
  if (typeof value !== 'string') return showOther(value);
  const text = escapeUnseen(value.slice(0, 4 * SHOWN));
  const shown = [...text];
  if (value.length <= 4 * SHOWN && shown.length <= SHOWN) return `"${text}"`;
  return `"${shown.slice(0, SHOWN - 1).join('')}…" (${value.length} characters)`;
}

/** Text that may stand in a message: names of keys, messages of parsers. */
export function escapeUnseen(text: string): string {
  // Plain ASCII needs no Unicode classes, whose first use costs half a millisecond of start-up.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(
    UNSEEN,
    (c) => ESCAPES[c] ?? `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

function showOther(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  return value === undefined ? 'nothing' : String(value);
}

/** The candidate that the word was most likely meant to be; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length === 0 || word.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + cost,
        swap ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
