/**
 * `npm run bench -- [PART[:VARIANT,…]…] [--runs N] [--write]`: measures side by side in one run what the project
 * promises, and prints Markdown. `--write` puts it into docs/benchmarks.md.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBetweenMarkers } from './support/docs.ts';
import { machineFacts } from './support/machine.ts';
import type { Part, Report } from './support/part.ts';
import { markdownTable } from './support/table.ts';

const PARTS: Readonly<Record<string, () => Promise<{ readonly run: Part }>>> = {
  startup: () => import('./startup.ts'),
  push: () => import('./push.ts'),
  release: () => import('./release.ts'),
  modules: () => import('./modules.ts'),
  disk: () => import('./disk.ts'),
  scale: () => import('./scale.ts'),
  attest: () => import('./attest.ts'),
  promote: () => import('./promote.ts'),
};

const DOCUMENT = resolve(import.meta.dirname, '../docs/benchmarks.md');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' }, write: { type: 'boolean', default: false } },
});

const wanted = (positionals.length > 0 ? positionals : Object.keys(PARTS)).map((text) => {
  const [name = '', variants = ''] = text.split(':');
  const load = PARTS[name];
  if (load === undefined) usage(`There is no part ${name}.`);
  return { name, load, variants: variants.split(',').filter((variant) => variant !== '') };
});
const runs = values.runs === undefined ? undefined : Number(values.runs);
if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) usage(`--runs is no number: ${values.runs}`);

const facts = await machineFacts();
for (const { name, load, variants } of wanted) {
  const started = performance.now();
  const { run } = await load();
  const say = (line: string): void => console.error(`[${name}] ${line}`);
  const report = await run({ variants, say, ...(runs === undefined ? {} : { runs }) });
  const part = variants.length === 0 ? name : `${name}:${variants.join(',')}`;
  const text = markdown(report, `npm run bench -- ${part}${runs === undefined ? '' : ` --runs ${runs}`}`);
  console.log(`\n## ${report.title}\n\n${text}\n`);
  say(`Measured in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
  if (!values.write) continue;
  writeBetweenMarkers(DOCUMENT, name, text);
  for (const [file, content] of Object.entries(report.files ?? {}))
    writeFileSync(resolve(DOCUMENT, '..', file), content);
}

function markdown({ text, table, notes }: Report, command: string): string {
  return [text, markdownTable(table), ...notes, `Made by \`${command}\`: ${facts}.`].join('\n\n');
}

function usage(problem: string): never {
  console.error(
    `${problem}\nUsage: npm run bench -- [${Object.keys(PARTS).join('|')}[:VARIANT,…]…] [--runs N] [--write]`,
  );
  process.exit(2);
}
