import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionYaml } from './generate/action.ts';
import { configJsonSchema } from './generate/config-schema.ts';
import { REGIONS } from './generate/readme.ts';
import { withTables } from './generate/tables.ts';
import { callTables, REUSABLE, withVersion } from './generate/workflows.ts';

const ROOT = join(import.meta.dirname, '..');

/** Every generated file with its text as it should be: path → text. A test compares them with the committed ones. */
export function generated(): Readonly<Record<string, string>> {
  const { version }: { readonly version: string } = JSON.parse(read('package.json'));
  return {
    'action.yml': actionYaml(),
    'README.md': withTables(read('README.md'), REGIONS),
    'schema/module-release.schema.json': configJsonSchema(),
    'docs/workflows.md': withTables(
      read('docs/workflows.md'),
      Object.fromEntries(REUSABLE.map((name) => [name, () => callTables(read(pathOf(name)))])),
    ),
    ...Object.fromEntries(REUSABLE.map((name) => [pathOf(name), withVersion(read(pathOf(name)), version)])),
  };
}

function pathOf(name: string): string {
  return `.github/workflows/${name}.yml`;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generated())) writeFileSync(join(ROOT, path), text);
}
