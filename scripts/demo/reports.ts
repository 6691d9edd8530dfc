import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../../__tests__/helpers/run-action.ts';
import type { LiveRun } from './live.ts';

/** A path relative to the clone, and what the file is. */
export type Report = { readonly path: string; readonly text: string };

const FOLDER = join(ROOT, '.module-release/demo');

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/release\.json$/, 'the whole release as data'],
  [/summary\.md$/, 'the job summary'],
  [/\.cdx\.json$/, 'SBOM, CycloneDX'],
  [/\.spdx\.json$/, 'SBOM, SPDX'],
  [/\.sarif/, 'findings for GitHub code scanning, SARIF'],
  [/\.trivy\.json$/, 'what Trivy said'],
  [/\.sigstore\.json$/, 'attestation, Sigstore bundle'],
];

/** Copies what a run reports to where it outlives the demo, in place of an earlier demo's. */
export function keepReports({ outputs, summaryPath }: LiveRun): readonly Report[] {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  if (outputs.record) cpSync(dirname(outputs.record), FOLDER, { recursive: true });
  cpSync(summaryPath, join(FOLDER, 'summary.md'));
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort()
    .map((path) => ({ path, text: KINDS.find(([form]) => form.test(path))?.[1] ?? 'report' }));
}
