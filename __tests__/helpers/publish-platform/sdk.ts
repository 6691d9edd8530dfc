import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type JsonObject, spacedJson } from '../../../src/model/json.ts';
import { GENERATIONS, type Generation } from '../../../src/model/module.ts';
import { toolPath } from '../tool-path.ts';

export { GENERATIONS, type Generation };

/** The program `hla-compass` of a generation; `npm test` installs both. */
export function sdkProgram(generation: Generation): string {
  return toolPath(`hla-compass-${generation}`);
}

/** What the verifier of a generation's SDK says of signed manifests, each read from the bytes that we send. */
export function verifyManifests(
  generation: Generation,
  manifests: readonly JsonObject[],
): readonly boolean[] {
  const python = join(dirname(realpathSync(sdkProgram(generation))), 'python');
  const driver = join(import.meta.dirname, 'verify-manifests.py');
  // The verifier makes a folder for keys.
  const home = mkdtempSync(join(tmpdir(), 'mr-sdk-'));
  try {
    const output = execFileSync(python, ['-B', driver], {
      input: JSON.stringify(manifests.map((manifest) => spacedJson(manifest))),
      cwd: home,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: home, HLA_COMPASS_SKIP_VERSION_CHECK: '1' },
    });
    return JSON.parse(output);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
