import { mapLimit } from '../../model/concurrency.ts';
import { type Problem, toReleaseError } from '../../model/errors.ts';
import { decodeManifest } from '../../model/manifest.ts';
import type { Plan, PlannedImage } from '../../model/plan.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { type Adoption, decideAdoption, type HeldTag, immutableRefs } from './adoption.ts';

export { compareBrought } from './adoption.ts';

export type RegistryState = {
  readonly adoptions: ReadonlyMap<string, Adoption>;
  readonly problems: readonly Problem[];
};

type LookPorts = Pick<Ports, 'registry'>;

/**
 * Looks at every registry of the plan before anything is built: may we push, and what do the immutable tags hold. All
 * problems come back together. `probe` allows an empty upload session, opened and deleted (never in a dry run).
 */
export async function lookAtRegistries(
  plan: Plan,
  options: { readonly push: boolean; readonly probe: boolean },
  ports: LookPorts,
): Promise<RegistryState> {
  const rights = options.push ? checkRights(plan, options.probe, ports) : Promise.resolve([]);
  const [forbidden, states] = await Promise.all([
    rights,
    mapLimit(plan.images, 8, (image) => lookAtImage(image, plan, ports)),
  ]);
  const adoptions = new Map<string, Adoption>();
  const problems: Problem[] = [...forbidden];
  for (const [i, image] of plan.images.entries()) {
    const state = states[i];
    if (state === undefined) continue;
    if (state.do === 'refuse') problems.push(...state.problems);
    adoptions.set(image.name, state);
  }
  return { adoptions, problems: withoutRepeats(problems) };
}

async function checkRights(plan: Plan, probe: boolean, ports: LookPorts): Promise<readonly Problem[]> {
  const repositories = distinctRepositories(plan.images.flatMap((image) => image.repositories));
  const found = await mapLimit(repositories, 8, async (repository) => {
    try {
      await ports.registry.checkPush(repository, probe);
      return [];
    } catch (error) {
      return toReleaseError(error).problems;
    }
  });
  return found.flat();
}

async function lookAtImage(image: PlannedImage, plan: Plan, ports: LookPorts): Promise<Adoption> {
  try {
    const held = await mapLimit(
      immutableRefs(image),
      4,
      async ({ ref, rule }): Promise<readonly HeldTag[]> => {
        const manifest = await ports.registry.getManifest(ref);
        if (manifest === undefined) return [];
        const { annotations } = decodeManifest(manifest.bytes);
        return [{ ref, rule, digest: manifest.descriptor.digest, annotations }];
      },
    );
    return decideAdoption(image, plan.revision, held.flat());
  } catch (error) {
    return { do: 'refuse', problems: toReleaseError(error).problems };
  }
}

function distinctRepositories(repositories: readonly Repository[]): readonly Repository[] {
  return [...new Map(repositories.map((r) => [formatRepository(r), r])).values()];
}

/** A registry that is down says so for every image; once is enough. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((p) => [`${p.code} ${p.message}`, p])).values()];
}
