import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run-action.ts';

/** A piece of YAML that a page shows. */
export type Example = {
  /** `README.md, line 42`. */
  readonly where: string;
  /** The heading above it. */
  readonly heading: string;
  /** What its first line names: the file it belongs into. Without one it is part of a workflow. */
  readonly file: string | undefined;
  readonly text: string;
};

/** Every page that people read, relative to the clone. */
export const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', '.github/**/*.md'], {
  cwd: ROOT,
}).sort();

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** The headings of a page in Markdown; what stands in blocks of code is none. */
export function headings(text: string): readonly string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, '');
  return (prose.match(/^#+ .*$/gm) ?? []).map((heading) => heading.replace(/^#+ /, ''));
}

export function yamlExamples(page: string): readonly Example[] {
  const text = readPage(page);
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => {
    const [, example = ''] = match;
    const before = text.slice(0, match.index);
    const line = before.split('\n').length;
    const heading = headings(before).at(-1) ?? '';
    const file = /^# (\S+\.ya?ml)$/m.exec(example.split('\n')[0] ?? '')?.[1];
    return { where: `${page}, line ${line}`, heading, file, text: example };
  });
}
