import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionYaml } from './generate/action.ts';
import { configJsonSchema } from './generate/config-schema.ts';
import { withTables } from './generate/readme.ts';

const ROOT = join(import.meta.dirname, '..');

/** Every generated file with its text as it should be: path → text. A test compares them with the committed ones. */
export function generated(): Readonly<Record<string, string>> {
  return {
    'action.yml': actionYaml(),
    'README.md': withTables(readFileSync(join(ROOT, 'README.md'), 'utf8')),
    'schema/module-release.schema.json': configJsonSchema(),
  };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generated())) writeFileSync(join(ROOT, path), text);
}
