import { mapLimit } from '../../model/concurrency.ts';
import { type ErrorCode, type Problem, toReleaseError } from '../../model/errors.ts';
import type { Plan, PlannedImage } from '../../model/plan.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { type Adoption, decideAdoption, type HeldTag, immutableRefs } from './adoption.ts';
import { annotationsOf } from './annotations.ts';

export { type Adoption, compareBrought, compareRebuilt } from './adoption.ts';
export { releasedBefore } from './released.ts';
export { firstLacking } from './whole.ts';

export type LookOptions = {
  readonly push: boolean;
  /** An empty upload session may be opened and deleted: never in a dry run. */
  readonly probe: boolean;
  /** One platform of many is planned as an image of its own: what the tags hold, the release judges. */
  readonly part?: boolean;
};

export type RegistryState = {
  readonly adoptions: ReadonlyMap<string, Adoption>;
  readonly problems: readonly Problem[];
};

type LookPorts = Pick<Ports, 'registry'>;

/** A problem with the registry that it was met at. */
type Met = { readonly registry: string; readonly problem: Problem };

/** What is true of a registry as a whole, and would be said again for every image and every tag. */
const OF_THE_REGISTRY: readonly ErrorCode[] = ['REGISTRY_LOGIN', 'REGISTRY_UNAVAILABLE'];

/**
 * Looks at every registry of the plan before anything is built: may we push, and what do the immutable tags hold. All
 * problems come back together.
 */
export async function lookAtRegistries(
  plan: Plan,
  options: LookOptions,
  ports: LookPorts,
): Promise<RegistryState> {
  const [rights, looks] = await Promise.all([
    options.push ? checkRights(plan, options.probe, ports) : [],
    mapLimit(plan.images, 8, (image) => lookAtImage(image, plan, options, ports)),
  ]);
  const states = plan.images.flatMap(({ name }, i) => {
    const look = looks[i];
    return look === undefined ? [] : [[name, look] as const];
  });
  const met = [...rights, ...states.flatMap(([, look]) => look.met)];
  const refused = states.flatMap(([, { adoption }]) => (adoption.do === 'refuse' ? adoption.problems : []));
  return {
    adoptions: new Map(states.map(([name, { adoption }]) => [name, adoption])),
    problems: [...withoutRepeats(met), ...refused],
  };
}

/** Whether we may push to all of them: for what writes tags alone. */
export async function rightsProblems(
  plan: Plan,
  probe: boolean,
  ports: LookPorts,
): Promise<readonly Problem[]> {
  return withoutRepeats(await checkRights(plan, probe, ports));
}

async function checkRights(plan: Plan, probe: boolean, ports: LookPorts): Promise<readonly Met[]> {
  const repositories = distinctRepositories(plan.images.flatMap((image) => image.repositories));
  const found = await mapLimit(repositories, 8, async (repository) => {
    try {
      await ports.registry.checkPush(repository, probe);
      return [];
    } catch (error) {
      return metAt(repository, error);
    }
  });
  return found.flat();
}

type Look = { readonly adoption: Adoption; readonly met: readonly Met[] };

/** What cannot be read holds no tag as far as we know; it is a problem of its own. */
async function lookAtImage(
  image: PlannedImage,
  plan: Plan,
  { part }: LookOptions,
  ports: LookPorts,
): Promise<Look> {
  const found = await mapLimit(immutableRefs(image), 4, async ({ ref, rule }) => {
    try {
      const manifest = await ports.registry.getManifest(ref);
      if (manifest === undefined) return { held: [], met: [] };
      const { digest } = manifest.descriptor;
      const tag: HeldTag = { ref, rule, digest, annotations: annotationsOf(manifest) };
      return { held: [tag], met: [] };
    } catch (error) {
      return { held: [], met: metAt(ref.repository, error) };
    }
  });
  const held = found.flatMap((each) => each.held);
  const met = found.flatMap((each) => each.met);
  const adoption = decideAdoption(image, plan.revision, held);
  return { adoption: adoption.do === 'refuse' && part === true ? { do: 'build' } : adoption, met };
}

function metAt({ registry }: Repository, error: unknown): readonly Met[] {
  return toReleaseError(error).problems.map((problem) => ({ registry, problem }));
}

function distinctRepositories(repositories: readonly Repository[]): readonly Repository[] {
  return [...new Map(repositories.map((r) => [formatRepository(r), r])).values()];
}

/** The first of those that say the same. */
function withoutRepeats(met: readonly Met[]): readonly Problem[] {
  const first = new Map<string, Problem>();
  for (const { registry, problem } of met) {
    const about = OF_THE_REGISTRY.includes(problem.code) ? registry : problem.message;
    const key = `${problem.code} ${about}`;
    if (!first.has(key)) first.set(key, problem);
  }
  return [...first.values()];
}
