import { PREDICATES, type SignedStatement, type StatementDraft } from '../../model/attestation.ts';
import type { PushedImage } from '../../model/image.ts';
import { type Repository, sameRepository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { storeInRegistries } from './store-registry.ts';

/** What an earlier run has signed, read back and proven. */
export type KnownEvidence = Pick<SignedStatement, 'image' | 'kind' | 'subject' | 'bundle'> & {
  /** Where such evidence is. */
  readonly at: readonly Repository[];
};

/** Whether it was said already, of this image: equal bytes under another name are another image. */
export function isKnown(
  { image, kind, subject }: Pick<StatementDraft, 'image' | 'kind' | 'subject'>,
  known: readonly KnownEvidence[],
): boolean {
  return known.some((each) => each.image === image && each.kind === kind && each.subject === subject);
}

/**
 * Brings each bundle to the registries of its image that lack one of its kind, so that nothing is signed twice, and what
 * this run did not build and may not sign has its evidence everywhere. Returns how many were lacking somewhere.
 */
export async function spreadEvidence(
  known: readonly KnownEvidence[],
  images: readonly PushedImage[],
  created: Date,
  ports: Pick<Ports, 'clock' | 'log' | 'registry'>,
): Promise<number> {
  const all = known.map((each) => ({ ...each, statement: { predicateType: PREDICATES[each.kind] } }));
  const lacks = ({ at }: KnownEvidence, repository: Repository): boolean =>
    !at.some((place) => sameRepository(place, repository));
  const stored = await storeInRegistries(all, images, created, ports, lacks);
  if (stored.size > 0)
    ports.log.info(`${stored.size} attestations were brought to the registries that lacked them.`);
  return stored.size;
}
