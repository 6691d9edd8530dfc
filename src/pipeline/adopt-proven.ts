import { mapLimit } from '../model/concurrency.ts';
import type { Plan } from '../model/plan.ts';
import type { Ports } from '../ports/index.ts';
import type { Adoption, RegistryState } from '../steps/preflight/run.ts';
import { verifyImage } from '../steps/verify/run.ts';
import type { Signing } from './signing.ts';

const IMAGES_AT_ONCE = 3;

/**
 * With attestations on, annotations are no proof: an earlier run's image is adopted only when its provenance says, by this
 * repository, workflow and commit, that it was built here (or when the key that signs this run has signed it). Any other is built again, and its digest compared.
 */
export async function adoptProven(
  state: RegistryState,
  plan: Plan,
  { identity, claims, verifier }: Signing,
  ports: Ports,
): Promise<RegistryState> {
  // A key without an identity beside it makes no provenance: then its signature is the proof.
  const proof = claims === undefined ? 'signature' : 'provenance';
  const commit = claims === undefined ? {} : { commit: claims.sha };
  const entries = await mapLimit(
    [...state.adoptions],
    IMAGES_AT_ONCE,
    async ([name, adoption]): Promise<readonly [string, Adoption]> => {
      if (adoption.do !== 'adopt') return [name, adoption];
      const { report } = await verifyImage(
        {
          image: name,
          reference: adoption.from,
          policy: { require: [proof], identity, members: 'each', ...commit },
          verifier: await verifier(),
        },
        ports,
      );
      if (report.ok) return [name, adoption];
      ports.log.info(
        `The image ${name} is there as ${adoption.from.digest}, without proof that it was built from ${plan.revision} by this workflow: it is built again and compared.`,
      );
      return [name, { do: 'rebuild', held: adoption.from }];
    },
  );
  return { ...state, adoptions: new Map(entries) };
}
