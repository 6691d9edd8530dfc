import { type Problem, releaseErrorOf, toReleaseError } from '../model/errors.ts';
import type { Inputs } from '../model/inputs.ts';
import { type Plan, stepDecision } from '../model/plan.ts';
import type { GatePolicy } from '../model/scan.ts';
import type { Tool } from '../model/tool.ts';
import type { Ports } from '../ports/index.ts';
import { type Builder, chooseBuilder } from '../steps/build/run.ts';
import { readPolicy } from '../steps/gate/run.ts';
import { lookAtRegistries, type RegistryState } from '../steps/preflight/run.ts';
import type { LookAhead } from './look-ahead.ts';
import { buildProblems, diskProblems, isBuiltElsewhere, needsOf } from './preflight-build.ts';
import { type Collect, type Known, lookAtKnown } from './preflight-known.ts';
import type { Progress } from './progress.ts';
import { type PublishReady, preparePublish, rehearsePublish } from './publish.ts';
import { prepareSigning, type Signing } from './signing.ts';
import type { Start } from './start.ts';
import type { Study } from './study.ts';

export type Ready = Omit<Known, 'state'> & {
  /** Undefined when nothing is published. */
  readonly publish?: PublishReady;
  /** Undefined when nothing is attested. */
  readonly signing?: Signing;
  readonly state: RegistryState;
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
  studied: Study,
  ahead: LookAhead,
  progress: Progress,
  ports: Ports,
): Promise<Ready> {
  const { plan, build } = studied;
  const problems: Problem[] = [...plan.problems];
  const collect: Collect = async (work) => {
    try {
      return await work;
    } catch (error) {
      problems.push(...toReleaseError(error).problems);
      return undefined;
    }
  };
  const { seen, policy, trivy, syft, builder, signing, publish } = await askAll(
    start,
    studied,
    ahead,
    collect,
    ports,
  );
  const known = await lookAtKnown(start, plan, { seen, signing, policy }, collect, ports);
  const { state, inspected } = known;
  if (publish !== undefined) {
    const about = {
      ...(state === undefined ? {} : { state }),
      ...(signing === undefined ? {} : { signing }),
    };
    await collect(rehearsePublish(publish, plan, about, ports));
  }
  problems.push(...(state?.problems ?? []));
  // What is known already stays at the registries.
  if (!plan.images.every(({ name }) => inspected.has(name)))
    problems.push(...(await diskProblems(start.reports, plan, ports)));
  problems.push(...(await buildProblems(plan, build, builder, start.inputs, ports)));
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
    ...known,
    state,
    ...(signing === undefined ? {} : { signing }),
    ...(publish === undefined ? {} : { publish }),
    policy,
    trivy,
    ...(syft === undefined ? {} : { syft }),
    ...(builder === undefined ? {} : { builder }),
  };
}

/** All that does not wait for each other; undefined is what is not needed, or could not be had. */
async function askAll(
  start: Start,
  { plan, build }: Study,
  ahead: LookAhead,
  collect: Collect,
  ports: Ports,
) {
  const { inputs, parseYaml } = start;
  const isBuilt = build !== undefined && !isBuiltElsewhere(inputs);
  const [policy, trivy, syft, builder, seen, signing, publish] = await Promise.all([
    collect(readPolicy(inputs.gate, parseYaml, ports)),
    collect(ahead.trivy),
    ahead.syft === undefined ? undefined : collect(ahead.syft),
    isBuilt ? collect(chooseBuilder(inputs.build, needsOf(plan), ports, ahead.builder)) : undefined,
    collect(lookAtRegistries(plan, lookOptions(plan, inputs), ports)),
    collect(prepareSigning(start, plan, ports)),
    collect(preparePublish(start, plan, ports)),
  ]);
  return { policy, trivy, syft, builder, seen, signing, publish };
}

/** A push right is asked for when this run, or the run that a plan stands for, would push. */
function lookOptions(plan: Plan, { command, fanOut }: Inputs): Parameters<typeof lookAtRegistries>[1] {
  const push = stepDecision(plan, 'push').do;
  const part = command === 'build' && fanOut.shard === undefined;
  return { push: push !== 'skip', probe: push === 'run', part };
}
