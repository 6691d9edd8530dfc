import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createArtifacts } from '../../src/adapters/artifacts/artifacts.ts';
import { createQuietly } from '../../src/adapters/runner/quiet-library.ts';
import type { Artifacts } from '../../src/ports/artifacts.ts';
import { type FakeLog, fakeLog } from './fake-log.ts';
import { writeFiles } from './git-repository.ts';
import { type QuickClock, quickClock } from './quick-clock.ts';
import {
  type ResultsEnv,
  type ResultsOptions,
  type RunningResults,
  startResults,
} from './results-service/results-service.ts';

export type ArtifactsBench = {
  readonly results: RunningResults;
  readonly log: FakeLog;
  readonly clock: QuickClock;
  /** A disk of the test's own. */
  readonly root: string;
  /** A job; the library reads the environment of the process itself, so the last job that was made is the one that works. */
  job(env?: ResultsEnv): Artifacts;
  /** A new folder with these files. */
  folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): string;
  dispose(): Promise<void>;
};

export async function artifactsBench(options: ResultsOptions = {}): Promise<ArtifactsBench> {
  const results = await startResults(options);
  const log = fakeLog();
  const clock = quickClock();
  const root = mkdtempSync(join(tmpdir(), 'mr-artifacts-'));
  return {
    results,
    log,
    clock,
    root,
    job(env = results.attempt()) {
      Object.assign(process.env, env);
      return createArtifacts({ env, log, quietly: createQuietly(log), clock });
    },
    folder(name, files) {
      writeFiles(join(root, name), files);
      return join(root, name);
    },
    async dispose() {
      await results.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Path → text of all files below a folder; links are not followed. */
export function filesOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(files.map((file) => [file.slice(folder.length + 1), readFileSync(file, 'utf8')]));
}
