import { type Problem, problem, ReleaseError, releaseErrorOf } from '../../model/errors.ts';
import type { CommandResult } from '../../ports/exec.ts';
import type { Ports } from '../../ports/index.ts';
import { buildError } from './failure.ts';
import { type Graph, standsOn } from './graph.ts';
import { type Failure, isDisconnected, type TargetFailure } from './progress.ts';

/** What one call of bake left that did not end well. */
export type FailedRound = {
  readonly failure: Failure;
  readonly failures: readonly TargetFailure[];
  readonly result: CommandResult;
};

export type Rest = {
  /** The targets that were to be built. */
  readonly targets: readonly string[];
  readonly graph: Graph;
  /** Builds these without an export: it is only asked which of them fail. Undefined when all went well. */
  readonly tryOthers: (targets: readonly string[]) => Promise<FailedRound | undefined>;
};

/**
 * The error of a build that did not end well. bake ends all targets with the first that fails, so those that do not stand
 * on it are built again (what was done comes from the builder's cache), until every target that fails is known. A failure
 * that is of no one target, such as a full disk or a builder that is gone, ends the search.
 */
export async function allFailures(
  first: FailedRound,
  { targets, graph, tryOthers }: Rest,
  { log }: Pick<Ports, 'log'>,
): Promise<ReleaseError> {
  const failed = new Map<string, ReleaseError>();
  let ended: ReleaseError | undefined;
  let others = targets;
  for (let round: FailedRound | undefined = first; round !== undefined; ) {
    const found = failuresByTarget(round, graph);
    if (found === undefined || [...found.keys()].every((target) => failed.has(target))) {
      ended = buildError(round.failure, round.result);
      break;
    }
    for (const [target, error] of found) failed.set(target, error);
    others = targets.filter((name) => !failed.has(name) && parentOf(name, failed, graph) === undefined);
    if (others.length === 0) break;
    log.info(
      `The build of ${list([...found.keys()])} failed. What does not stand on it is still built, so that all failures are known: ${list(others)}.`,
    );
    round = await tryOthers(others);
  }
  if (ended === undefined && others.length > 0)
    log.info(`Built well, and not released because of what failed: ${list(others)}.`);
  const stopped = targets.flatMap((name) => notBuilt(name, failed, graph));
  return together([...failed], stopped, ended);
}

/** What each failing target says; undefined when it is not the targets' fault. */
function failuresByTarget(
  { failures, result }: FailedRound,
  graph: Graph,
): ReadonlyMap<string, ReleaseError> | undefined {
  // Ended by a signal: nobody wants more of it.
  if (failures.length === 0 || result.exitCode >= 128) return undefined;
  const names = new Set(failures.map(({ target }) => target));
  // A child shows the failing step of its parent as one of its own.
  const own = failures.filter(({ target }) => standsOn(graph, target, names) === undefined);
  const errors = own.map((each) => [each.target, buildError(each, result)] as const);
  const isTheirs = own.every(
    ({ step, error }, i) => errors[i]?.[1].code === 'BUILD_FAILED' && !isOfTheBuilder(step, error),
  );
  return isTheirs ? new Map(errors) : undefined;
}

/** The connection to the builder, or what it does with the bytes when they are made. */
function isOfTheBuilder(step: string | undefined, error: string): boolean {
  return (
    /^(?:\[[^\]]*\] )?(?:exporting|importing|sending|copying) /.test(step ?? '') ||
    isDisconnected(error) ||
    /code = DeadlineExceeded|listing workers|no builder/i.test(error)
  );
}

function parentOf(name: string, failed: ReadonlyMap<string, unknown>, graph: Graph): string | undefined {
  return standsOn(graph, name, new Set(failed.keys()));
}

function notBuilt(name: string, failed: ReadonlyMap<string, unknown>, graph: Graph): readonly Problem[] {
  const parent = failed.has(name) ? undefined : parentOf(name, failed, graph);
  if (parent === undefined) return [];
  const hint = `Make ${parent} build first; ${name} is built on it.`;
  return [problem('BUILD_FAILED', `${name} was not built, because its parent ${parent} failed`, hint)];
}

/** The one error as it is; several as one, with the last lines of each as its cause. */
function together(
  failed: readonly (readonly [string, ReleaseError])[],
  stopped: readonly Problem[],
  ended: ReleaseError | undefined,
): ReleaseError {
  const errors = [...failed.map(([, error]) => error), ...(ended === undefined ? [] : [ended])];
  const [only] = errors;
  if (only !== undefined && errors.length === 1 && stopped.length === 0) return only;
  const problems = [...errors.flatMap((error) => error.problems), ...stopped];
  const { code, hint, message } = releaseErrorOf(problems);
  const said = failed.map(
    ([target, { cause }]) => `${target}: ${cause instanceof Error ? cause.message : ''}`,
  );
  const cause = ended ?? new Error(said.join('\n'));
  return new ReleaseError(code, message, { hint, problems, cause });
}

function list(names: readonly string[]): string {
  return names.join(', ');
}
