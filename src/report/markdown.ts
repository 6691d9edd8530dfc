import { clip } from './format.ts';

/**
 * Markdown in which foreign text stays data. A character written as a numeric reference is never syntax: neither of
 * Markdown nor of HTML, nor a cell's end. https://github.github.com/gfm/#entity-and-numeric-character-references
 */

const LONGEST_CELL = 300;
const LINE_ENDS = /\s*(?:\r\n|\r|\n)\s*/g;
/** Control characters, and those that turn the direction of writing around. */
const INVISIBLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
/** Markup, mentions, mathematics, emoji (`:x:`) and bare links; an underscore inside a word is harmless. */
const SYNTAX = /[&<>"'`|\\*[\]~$@#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\/\/|[\d_+-]*[a-z][\w+-]*:)/g;
/** Inside HTML's code element Markdown is still read. */
const SYNTAX_OF_CODE = /[^\w./ -]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;
/** Text that may stand between backticks as it is, also in a table. */
const SAFE_CODE = /^[\w./:@+=,#%() -]*$/;

/** Foreign text as plain words on one line. */
export function text(foreign: string, longest = LONGEST_CELL): string {
  return reference(oneLined(clip(foreign, longest)), SYNTAX);
}

/** Foreign text in a monospaced font. */
export function code(foreign: string, longest = LONGEST_CELL): string {
  const line = oneLined(clip(foreign, longest));
  if (line === '') return '';
  return SAFE_CODE.test(line) ? `\`${line}\`` : `<code>${reference(line, SYNTAX_OF_CODE)}</code>`;
}

/** A link when the address is an https one, else only its words. */
export function link(words: string, address: string | undefined): string {
  if (address === undefined || !URL.canParse(address)) return text(words);
  const url = new URL(address);
  if (url.protocol !== 'https:' || url.username !== '') return text(words);
  const target = url.href.replaceAll(/[^\w./:?&=%~+-]/g, percent);
  return target.length > 500 ? text(words) : `[${text(words)}](${target})`;
}

export type Table = {
  readonly head: readonly string[];
  /** Cells are Markdown already. */
  readonly rows: readonly (readonly string[])[];
};

/**
 * A table of at most `maxBytes`, or of all rows that fit and a sentence that says what was left out and where it is.
 * Without rows it is empty.
 */
export function table({ head, rows }: Table, maxBytes: number, whole: string): string {
  if (rows.length === 0) return '';
  const lines = [row(head), row(head.map(() => '---'))];
  let left = maxBytes;
  let shown = 0;
  for (const cells of rows) {
    const line = row(cells);
    left -= Buffer.byteLength(line) + 1;
    if (left < 0) break;
    lines.push(line);
    shown += 1;
  }
  const cut = rows.length - shown;
  const note = `\nOnly the first ${shown} of ${rows.length} rows are shown here; ${whole}\n`;
  return `${lines.join('\n')}\n${cut === 0 ? '' : note}`;
}

/** A fold that is closed at first. The title is Markdown; the body stands on lines of its own. */
export function fold(title: string, body: string): string {
  return body === '' ? '' : `<details><summary>${title}</summary>\n\n${body}\n</details>\n`;
}

/** A heading of the third level with its body, or nothing for an empty body. */
export function section(title: string, body: string): string {
  return body === '' ? '' : `### ${title}\n\n${body}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Of an ASCII character, which is all that a URL has. https://url.spec.whatwg.org/#percent-encoded-bytes */
function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function oneLined(foreign: string): string {
  return foreign.replaceAll(LINE_ENDS, ' ').replaceAll(INVISIBLE, '');
}

function reference(line: string, pattern: RegExp): string {
  return line.replaceAll(pattern, (char) => `&#${char.codePointAt(0)};`);
}
