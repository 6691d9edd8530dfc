import { type Attestation, PREDICATES, type StatementDraft } from '../../model/attestation.ts';
import { mapLimit } from '../../model/concurrency.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PushedImage } from '../../model/image.ts';
import { type DigestRef, type Repository, sameRepository } from '../../model/reference.ts';
import type { Draft, Storable } from './referrer.ts';
import { LIMITS } from './slim.ts';
import { arrived, type StoreOptions, type StorePorts, storeAttestations } from './store.ts';

/** What an earlier run has signed, read back and proven. */
export type KnownEvidence = Omit<Storable, 'statement' | 'registryOnly' | 'path'> & {
  /** The manifests that hold such evidence, one for each registry that has it. */
  readonly at: readonly DigestRef[];
};

/** Whether it was said already, of this image: equal bytes under another name are another image. */
export function isKnown(
  { image, kind, subject }: Pick<StatementDraft, 'image' | 'kind' | 'subject'>,
  known: readonly KnownEvidence[],
): boolean {
  return known.some((each) => each.image === image && each.kind === kind && each.subject === subject);
}

/**
 * Brings each bundle to the stores that lack one of its kind, so that nothing is signed twice, and what this run did not
 * build and may not sign has its evidence everywhere; as files all of them are there again. Returns all of them.
 */
export async function spreadEvidence(
  known: readonly KnownEvidence[],
  images: readonly PushedImage[],
  options: StoreOptions,
  ports: StorePorts,
): Promise<readonly Attestation[]> {
  const unstored = options.stores.includes('github') ? await notInGitHub(known, options, ports) : [];
  const lacks = ({ at }: Pick<KnownEvidence, 'at'>, repository: Repository): boolean =>
    !at.some((place) => sameRepository(place.repository, repository));
  const signed = known.map((each) => ({
    ...each,
    statement: { predicateType: PREDICATES[each.kind] },
    registryOnly: isLarge(each),
  }));
  const knownOf = new Map<Draft, KnownEvidence>(signed.map((each) => [each, each]));
  const stored = await storeAttestations(arrived(signed), images, options, ports, {
    registry: (draft, repository) => lacks(knownOf.get(draft) ?? { at: [] }, repository),
    github: (draft) => unstored.some((bundle) => bundle === knownOf.get(draft)?.bundle),
  });
  const isBrought = ({ referrers, url }: Attestation) => referrers.length > 0 || url !== undefined;
  const count = stored.filter(isBrought).length;
  if (count > 0) ports.log.info(`${count} attestations were brought to the stores that lacked them.`);
  return stored.map((each, index) => ({
    ...each,
    referrers: [...(signed[index]?.at ?? []), ...each.referrers],
    ...(isBrought(each) ? {} : { known: true }),
  }));
}

const LOOKS_AT_ONCE = 4;

/** The bundles that GitHub's store should have and has not. */
async function notInGitHub(
  known: readonly KnownEvidence[],
  { repository, githubMayRefuse = false }: StoreOptions,
  { github, log }: Pick<StorePorts, 'github' | 'log'>,
): Promise<readonly Uint8Array[]> {
  const fitting = known.filter((each) => !isLarge(each));
  try {
    const isThere = await mapLimit(fitting, LOOKS_AT_ONCE, ({ subject, bundle }) =>
      github.hasAttestation(repository, subject, bundle),
    );
    return fitting.filter((_, at) => isThere[at] !== true).map(({ bundle }) => bundle);
  } catch (error) {
    if (!(githubMayRefuse && error instanceof ReleaseError && error.code === 'GITHUB_REFUSED')) throw error;
    log.warning(`GitHub's store was not asked for attestations: ${error.message}. ${error.hint}`);
    return [];
  }
}

/** The payload of a bundle is in base64: four characters for three bytes. */
function isLarge({ bundle }: Pick<KnownEvidence, 'bundle'>): boolean {
  return bundle.byteLength * 0.75 > LIMITS.github;
}
