import { formatPlatform } from '../model/descriptor.ts';
import { type Problem, releaseErrorOf, toReleaseError } from '../model/errors.ts';
import type { HandedSet } from '../model/handoff.ts';
import type { Inputs } from '../model/inputs.ts';
import { type Plan, stepDecision } from '../model/plan.ts';
import type { GatePolicy } from '../model/scan.ts';
import type { Tool } from '../model/tool.ts';
import type { Ports } from '../ports/index.ts';
import {
  type Builder,
  checkEmulation,
  checkReach,
  chooseBuilder,
  diskProblem,
  estimateDisk,
} from '../steps/build/run.ts';
import { readPolicy } from '../steps/gate/run.ts';
import { lookAtRegistries, type RegistryState } from '../steps/preflight/run.ts';
import { adoptProven } from './adopt-proven.ts';
import { type HandedInspection, readHanded } from './handed.ts';
import { takeHandoffs } from './handoff-read.ts';
import type { LookAhead } from './look-ahead.ts';
import type { Progress } from './progress.ts';
import { type PublishReady, preparePublish, rehearsePublish } from './publish.ts';
import { prepareSigning, type Signing } from './signing.ts';
import { type Spared, spareScans } from './spared-scan.ts';
import type { Start } from './start.ts';
import type { Study } from './study.ts';

export type Ready = {
  /** Undefined when nothing is published. */
  readonly publish?: PublishReady;
  /** Undefined when nothing is attested. */
  readonly signing?: Signing;
  readonly state: RegistryState;
  /** Adopted images whose attested verdict spares the second scan, by name. */
  readonly spared: ReadonlyMap<string, Spared>;
  /** What the handoffs that were given hold; empty when there are none. */
  readonly handed: HandedSet;
  /** What is known of handed images that need no second look, by name. */
  readonly inspected: ReadonlyMap<string, HandedInspection>;
  readonly policy: GatePolicy;
  readonly trivy: Tool;
  readonly syft?: Tool;
  /** Undefined when nothing is built here. */
  readonly builder?: Builder;
};

/**
 * Everything that can be wrong is found at once, before the first minute: tools, builder, rights, tags. Throws one error
 * that holds all problems, the plan's included.
 */
export async function preflight(
  start: Start,
  { plan, build }: Study,
  ahead: LookAhead,
  progress: Progress,
  ports: Ports,
): Promise<Ready> {
  const { inputs, parseYaml, reports } = start;
  const problems: Problem[] = [...plan.problems];
  const collect = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      problems.push(...toReleaseError(error).problems);
      return undefined;
    }
  };
  const [policy, trivy, syft, builder, seen, signing, publish] = await Promise.all([
    collect(readPolicy(inputs.gate, parseYaml, ports)),
    collect(ahead.trivy),
    ahead.syft === undefined ? undefined : collect(ahead.syft),
    build === undefined || isBuiltElsewhere(inputs)
      ? undefined
      : collect(chooseBuilder(inputs.build, needsOf(plan), ports, ahead.builder)),
    collect(lookAtRegistries(plan, lookOptions(plan, inputs), ports)),
    collect(prepareSigning(start, plan, ports)),
    collect(preparePublish(start, plan, ports)),
  ]);
  const state =
    seen === undefined || signing === undefined
      ? seen
      : await collect(adoptProven(seen, plan, signing, ports));
  const spared =
    state === undefined || signing === undefined || policy === undefined
      ? undefined
      : await collect(spareScans(plan, state, { gate: inputs.gate, policy, signing }, ports));
  const handed = await collect(takeHandoffs(start, plan, signing, ports));
  const inspected = handed === undefined ? undefined : await collect(readHanded(start, handed, ports));
  if (publish !== undefined) {
    const seen = { ...(state === undefined ? {} : { state }), ...(signing === undefined ? {} : { signing }) };
    await collect(rehearsePublish(publish, plan, seen, ports));
  }
  // What is known already stays at the registries.
  const isAllKnown = plan.images.every(({ name }) => inspected?.has(name) === true);
  const disk = isAllKnown ? [] : await lookAtDisk(reports, plan, ports);
  problems.push(...(state?.problems ?? []), ...disk);
  if (build !== undefined) problems.push(...(await checkReach(build, reachOf(inputs), ports)));
  if (build !== undefined && builder !== undefined) {
    const how = { build, builder, cwd: inputs.workingDirectory };
    problems.push(...(await checkEmulation(plan.images, how, ports)));
  }
  progress.note({
    ...(policy === undefined ? {} : { policy }),
    tools: [trivy, syft].filter((each) => each !== undefined),
  });
  if (problems.length > 0 || policy === undefined || trivy === undefined || state === undefined) {
    // Who reads the plan wants to know what stands in its way.
    progress.note({ plan: { ...plan, problems } });
    throw releaseErrorOf(problems);
  }
  return {
    state,
    spared: spared ?? new Map(),
    handed: handed ?? new Map(),
    inspected: inspected ?? new Map(),
    ...(signing === undefined ? {} : { signing }),
    ...(publish === undefined ? {} : { publish }),
    policy,
    trivy,
    ...(syft === undefined ? {} : { syft }),
    ...(builder === undefined ? {} : { builder }),
  };
}

/** A push right is asked for when this run, or the run that a plan stands for, would push. */
function lookOptions(plan: Plan, { command, fanOut }: Inputs): Parameters<typeof lookAtRegistries>[1] {
  const push = stepDecision(plan, 'push').do;
  const part = command === 'build' && fanOut.shard === undefined;
  return { push: push !== 'skip', probe: push === 'run', part };
}

/** By jobs that have built already, or that will on runners of their own. */
function isBuiltElsewhere({ command, fanOut }: Inputs): boolean {
  if (command === 'plan' && fanOut.runners.length > 0) return true;
  return command !== 'build' && fanOut.handoffs.length > 0;
}

function reachOf({ build, workspace, workingDirectory }: Inputs): Parameters<typeof checkReach>[1] {
  return { workspace, cwd: workingDirectory, granted: Object.values(build.secretFiles) };
}

function needsOf(plan: Plan): Parameters<typeof chooseBuilder>[1] {
  const platforms = plan.images
    .filter((image) => image.source.kind === 'bake')
    .map((image) => image.platforms);
  return {
    platforms: [...new Set(platforms.flat().map((p) => formatPlatform(p)))],
    multiPlatform: platforms.some((each) => each.length > 1),
  };
}

async function lookAtDisk(folder: string, plan: Plan, ports: Ports): Promise<readonly Problem[]> {
  const images = plan.images.map(({ platforms, parents }) => ({
    platforms: platforms.length,
    parents: parents.length,
  }));
  const wanted = estimateDisk({ images, known: 0 });
  const found = diskProblem(folder, await ports.files.freeBytes(folder), wanted);
  return found === undefined || stepDecision(plan, 'build').do !== 'run' ? [] : [found];
}
