import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitRepository } from '../../__tests__/helpers/git-repository.ts';
import { type RunningRegistry, startRegistry } from '../../__tests__/helpers/registry/registry.ts';
import { Checks } from './checks.ts';
import { publishDatabase } from './database.ts';
import { exampleModules } from './example.ts';
import { type LiveRun, runLive } from './live.ts';
import { logLine } from './screen.ts';
import { type Signers, startSigners } from './signers.ts';

export const TAG = 'v1.2.3';

/** What the demo makes and later removes. */
export type Stage = {
  readonly checks: Checks;
  readonly startedAt: number;
  readonly temp: string;
  /** Has `step` done when the stage is cleared, last in, first out. */
  later(step: () => unknown): void;
  /** Once, whoever calls it how often. */
  clear(): Promise<void>;
};

/** With the registry up and the repository there. */
export type SetStage = Stage & {
  readonly registry: RunningRegistry;
  readonly signers: Signers;
  readonly repository: GitRepository;
  /** Runs the action for a tag of the repository, or of another one, and shows its log. */
  run(
    tag: string,
    sha: string,
    inputs?: Readonly<Record<string, string>>,
    other?: GitRepository,
  ): Promise<LiveRun>;
};

export function setStage(): Stage {
  const temp = mkdtempSync(join(tmpdir(), 'mr-demo-'));
  const steps: (() => unknown)[] = [() => rmSync(temp, { recursive: true, force: true })];
  let cleared: Promise<void> | undefined;
  const undo = async (): Promise<void> => {
    for (const step of steps.toReversed()) await step();
  };
  return {
    checks: new Checks(),
    startedAt: performance.now(),
    temp,
    later: (step) => steps.push(step),
    clear: () => {
      cleared ??= undo();
      return cleared;
    },
  };
}

export async function furnish(stage: Stage): Promise<SetStage> {
  const registry = await startRegistry();
  stage.later(() => registry.stop());
  const signers = await startSigners(stage.temp);
  stage.later(() => signers.stop());
  const database = await publishDatabase(registry.host);
  const repository = await exampleModules([TAG]);
  stage.later(() => rmSync(repository.folder, { recursive: true, force: true }));
  let runs = 0;
  return {
    ...stage,
    registry,
    signers,
    repository,
    run(tag, sha, inputs = {}, other = repository) {
      runs += 1;
      signers.speakFor(tag, sha);
      return runLive({
        repository: other,
        sha,
        tag,
        inputs: {
          registry: registry.host,
          'trivy-db-repository': database,
          ...signers.inputs,
          ...inputs,
        },
        env: signers.env,
        temp: join(stage.temp, `run-${runs}`),
        toolCache: join(stage.temp, 'tool-cache'),
        show: logLine,
      });
    },
  };
}
