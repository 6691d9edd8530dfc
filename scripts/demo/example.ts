import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aRepository, type GitRepository } from '../../__tests__/helpers/git-repository.ts';
import { ROOT } from '../../__tests__/helpers/run-action.ts';
import { provideBusybox } from '../setup/busybox.mjs';

/** A fresh repository with the files of examples/modules, its busybox, and tags on its one commit. */
export async function exampleModules(tags: readonly string[]): Promise<GitRepository> {
  const folder = mkdtempSync(join(tmpdir(), 'mr-example-'));
  try {
    cpSync(join(ROOT, 'examples/modules'), folder, { recursive: true });
    mkdirSync(join(folder, 'base/vendor'), { recursive: true });
    // With its mode: the first layer runs it.
    copyFileSync(await provideBusybox(), join(folder, 'base/vendor/busybox'));
    return aRepository({ copyFrom: folder, tags });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A sixth image with a package that the demo's database knows a critical vulnerability of. */
export const VULNERABLE_IMAGE: Readonly<Record<string, string>> = {
  'legacy/Dockerfile':
    '# modules-legacy: holds a lodash of 2017.\nFROM scratch\nCOPY packages/ /app/node_modules/\n',
  'legacy/packages/lodash/package.json': `${JSON.stringify({ name: 'lodash', version: '4.17.4', license: 'MIT' })}\n`,
};

/** The example's config with the sixth image in its set. */
export function withLegacy(config: string): string {
  const changed = config.replace(/^images:\n/m, 'images:\n  modules-legacy: { context: legacy }\n');
  if (changed === config) throw new Error("the example's config has no line `images:`");
  return changed;
}
