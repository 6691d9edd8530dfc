import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionYaml } from './generate/action.ts';
import { configJsonSchema } from './generate/config-schema.ts';
import { withTables } from './generate/readme.ts';

const ROOT = join(import.meta.dirname, '..');

/** They run the version of this action that they are part of. */
const REUSABLE = ['release', 'promote', 'rollback'].map((name) => `.github/workflows/${name}.yml`);

/** Every generated file with its text as it should be: path → text. A test compares them with the committed ones. */
export function generated(): Readonly<Record<string, string>> {
  return {
    'action.yml': actionYaml(),
    'README.md': withTables(read('README.md')),
    'schema/module-release.schema.json': configJsonSchema(),
    ...Object.fromEntries(REUSABLE.map((path) => [path, withVersion(read(path))])),
  };
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** A workflow with the version of package.json after our own name: the tag that this version will have. */
function withVersion(workflow: string): string {
  const { version }: { readonly version: string } = JSON.parse(read('package.json'));
  return workflow.replaceAll(/(uses: org\/module-release)@v\S+/g, `$1@v${version}`);
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generated())) writeFileSync(join(ROOT, path), text);
}
