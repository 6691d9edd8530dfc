import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createArtifacts } from '../../src/adapters/artifacts/artifacts.ts';
import { createQuietly } from '../../src/adapters/runner/quiet-library.ts';
import { type FakeLog, fakeLog } from '../helpers/fake-log.ts';
import { quickClock } from '../helpers/quick-clock.ts';
import {
  type ResultsEnv,
  type RunningResults,
  startResults,
} from '../helpers/results-service/results-service.ts';

let results: RunningResults;
let root: string;
let log: FakeLog;

beforeEach(async () => {
  results = await startResults();
  root = mkdtempSync(join(tmpdir(), 'mr-artifacts-'));
  log = fakeLog();
});
afterEach(async () => {
  await results.stop();
  rmSync(root, { recursive: true, force: true });
});

/** A job of a run: the library reads the environment of the process itself. */
function job(env: ResultsEnv) {
  Object.assign(process.env, env);
  return createArtifacts({ env: { ...env }, log, quietly: createQuietly(log), clock: quickClock() });
}

function folder(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name, path)), { recursive: true });
    writeFileSync(join(root, name, path), text);
  }
  return join(root, name);
}

function filesOf(path: string): Readonly<Record<string, string>> {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    entries
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(path.length + 1), readFileSync(file, 'utf8')])
      .sort(),
  );
}

describe('artifacts', () => {
  it('what one job uploads, another one of the run finds and gets', async () => {
    const files = { 'handoff.json': '{"a":1}', 'layouts/app/index.json': '{}', 'layouts/app/empty': '' };
    const uploaded = await job(results.attempt()).upload('handoff-amd64', folder('up', files));
    const other = job(results.attempt());
    expect(await other.list('handoff-')).toEqual([uploaded]);
    await other.download(uploaded, join(root, 'down/here'));
    expect(filesOf(join(root, 'down/here'))).toEqual(files);
    expect(readdirSync(join(root, 'down'))).toEqual(['here']);
  });
});
