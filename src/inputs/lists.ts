/** Items in order, or why the text is no list. */
export type ListResult =
  | { readonly ok: true; readonly items: readonly string[] }
  | { readonly ok: false; readonly fault: string };

/**
 * A list whose items stand on lines or between commas, with CSV quoting (`"a,b"`, `""` for a quote). Items are trimmed;
 * blank ones and lines that start with `#` are dropped. https://www.rfc-editor.org/rfc/rfc4180
 */
export function parseList(text: string): ListResult {
  return parse(text, ',\n');
}

/**
 * A list with one item a line; commas are part of the item, as docker/* have it for `key=value` lists. A line that is
 * quoted as a whole may hold line ends. Quotes inside a line stay as they are.
 */
export function parseLines(text: string): ListResult {
  return parse(text, '\n');
}

function parse(input: string, separators: string): ListResult {
  const text = input.replaceAll('\r\n', '\n');
  const items: string[] = [];
  let position = 0;
  let lineStart = true;
  while (position < text.length) {
    const start = skipBlanks(text, position);
    if (lineStart && text[start] === '#') {
      position = endOfLine(text, start) + 1;
      continue;
    }
    const quoted = text[start] === '"' ? readQuoted(text, start, separators) : undefined;
    if (quoted === 'open') {
      return { ok: false, fault: `the quote that opens in line ${lineOf(text, start)} is never closed` };
    }
    const end = quoted?.end ?? nextOf(text, start, separators);
    const item = (quoted?.value ?? text.slice(start, end)).trim();
    if (item !== '') items.push(item);
    lineStart = text[end] === '\n';
    position = end + 1;
  }
  return { ok: true, items };
}

/** Undefined when text follows the closing quote: then the quotes are part of a plain item. */
function readQuoted(
  text: string,
  start: number,
  separators: string,
): { readonly value: string; readonly end: number } | 'open' | undefined {
  let close = text.indexOf('"', start + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) return 'open';
  const end = skipBlanks(text, close + 1);
  if (end < text.length && !separators.includes(text.charAt(end))) return undefined;
  return { value: text.slice(start + 1, close).replaceAll('""', '"'), end };
}

function skipBlanks(text: string, from: number): number {
  let position = from;
  while (text[position] === ' ' || text[position] === '\t') position += 1;
  return position;
}

function nextOf(text: string, from: number, separators: string): number {
  let position = from;
  while (position < text.length && !separators.includes(text.charAt(position))) position += 1;
  return position;
}

function endOfLine(text: string, from: number): number {
  return nextOf(text, from, '\n');
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}
