/** The page with the regions between `<!-- name:start -->` and `<!-- name:end -->` made anew. */
export function withTables(page: string, regions: Readonly<Record<string, () => string>>): string {
  return Object.entries(regions).reduce((text, [name, make]) => {
    const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`a page lacks the markers ${start} … ${end}`);
    return `${text.slice(0, from + start.length)}\n\n${make()}\n${text.slice(to)}`;
  }, page);
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}
