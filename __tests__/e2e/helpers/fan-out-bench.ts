import { CONFIG, type E2eBench } from '../../helpers/e2e-bench.ts';
import type { GitRepository } from '../../helpers/git-repository.ts';
import type { ActionRun, RunOptions } from '../../helpers/run-action.ts';

/** Three small images for two platforms: one that stands on another, and one that stands alone. */
export const NAMES = ['under', 'over', 'alone'] as const;
export const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

export function fanOutFiles(more = ''): Readonly<Record<string, string>> {
  return {
    [CONFIG]: `images:
  under: { context: under, platforms: [linux/amd64, linux/arm64] }
  over: { context: over, platforms: [linux/amd64, linux/arm64], contexts: { base: "target:under" } }
  alone: { context: alone, platforms: [linux/amd64, linux/arm64] }
runners: { linux/amd64: ubuntu-latest, linux/arm64: ubuntu-24.04-arm }
${more}`,
    'under/Dockerfile': 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /arch\n',
    'under/amd64': 'under amd\n',
    'under/arm64': 'under arm\n',
    'over/Dockerfile': 'FROM base\nCOPY own /own\n',
    'over/own': 'over\n',
    'alone/Dockerfile': 'FROM scratch\nCOPY own /own\n',
    'alone/own': 'alone\n',
  };
}

type Inputs = Readonly<Record<string, string>>;
export type Run = (
  repository: GitRepository,
  inputs?: Inputs,
  more?: Partial<RunOptions>,
) => Promise<ActionRun>;

export type ShardRow = { readonly shard: string; readonly runner: string | readonly string[] };

/** The jobs that the plan asks for. */
export async function shardsOf(
  run: Run,
  repository: GitRepository,
  inputs: Inputs = {},
): Promise<ShardRow[]> {
  const plan = await run(repository, { command: 'plan', ...inputs });
  return JSON.parse(plan.outputs.matrix ?? '{}').include ?? [];
}

/** All jobs of the matrix, one after the other, each on a runner of its own. */
export async function runShards(
  run: Run,
  repository: GitRepository,
  inputs: Inputs = {},
): Promise<readonly ActionRun[]> {
  const runs: ActionRun[] = [];
  for (const { shard } of await shardsOf(run, repository, inputs))
    runs.push(await run(repository, { command: 'build', shard, ...inputs }));
  return runs;
}

/** For the input `handoff`. */
export function handoffsOf(runs: readonly ActionRun[]): string {
  return runs.map(({ outputs }) => outputs.handoff ?? '').join('\n');
}

/** Tags of all repositories. */
export function tagsAt({ registry }: E2eBench): readonly string[] {
  return Object.entries(registry.catalogue()).flatMap(([name, { tags }]) =>
    Object.keys(tags).map((tag) => `${name}:${tag}`),
  );
}
