import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->` in a Markdown file. */
export function writeBetweenMarkers(path: string, name: string, text: string): void {
  writeFileSync(path, betweenMarkers(readFileSync(path, 'utf8'), name, text));
}

export function betweenMarkers(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no place for ${name}: ${start} … ${end}`);
  return `${document.slice(0, from + start.length)}\n${text.trim()}\n${document.slice(to)}`;
}
