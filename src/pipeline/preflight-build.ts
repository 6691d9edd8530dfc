import type { ResolvedBuild } from '../model/build.ts';
import { formatPlatform } from '../model/descriptor.ts';
import type { Problem } from '../model/errors.ts';
import type { Inputs } from '../model/inputs.ts';
import { type Plan, stepDecision } from '../model/plan.ts';
import type { Ports } from '../ports/index.ts';
import {
  type Builder,
  checkEmulation,
  checkReach,
  type chooseBuilder,
  diskProblem,
  estimateDisk,
} from '../steps/build/run.ts';

/** By jobs that have built already, or that will on runners of their own. */
export function isBuiltElsewhere({ command, fanOut }: Inputs): boolean {
  if (command === 'plan' && fanOut.runners.length > 0) return true;
  return command !== 'build' && fanOut.handoffs.length > 0;
}

/** What the builder must be able to do. */
export function needsOf(plan: Plan): Parameters<typeof chooseBuilder>[1] {
  const platforms = plan.images
    .filter((image) => image.source.kind === 'bake')
    .map((image) => image.platforms);
  return {
    platforms: [...new Set(platforms.flat().map((p) => formatPlatform(p)))],
    multiPlatform: platforms.some((each) => each.length > 1),
  };
}

/** What a build would read that it may not, or run that the builder cannot. */
export async function buildProblems(
  plan: Plan,
  build: ResolvedBuild | undefined,
  builder: Builder | undefined,
  { build: inputs, workspace, workingDirectory: cwd }: Inputs,
  ports: Ports,
): Promise<readonly Problem[]> {
  if (build === undefined) return [];
  const granted = Object.values(inputs.secretFiles);
  const reach = await checkReach(build, { workspace, cwd, granted }, ports);
  if (builder === undefined) return reach;
  return [...reach, ...(await checkEmulation(plan.images, { build, builder, cwd }, ports))];
}

export async function diskProblems(folder: string, plan: Plan, ports: Ports): Promise<readonly Problem[]> {
  if (stepDecision(plan, 'build').do !== 'run') return [];
  const images = plan.images.map(({ platforms, parents }) => ({
    platforms: platforms.length,
    parents: parents.length,
  }));
  const wanted = estimateDisk({ images, known: 0 });
  const found = diskProblem(folder, await ports.files.freeBytes(folder), wanted);
  return found === undefined ? [] : [found];
}
