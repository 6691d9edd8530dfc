import { type AttestationKind, BUNDLE_TYPE, PREDICATES } from '../../model/attestation.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { decodeManifest } from '../../model/manifest.ts';
import type { DigestRef } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { PREDICATE_ANNOTATION } from './referrer.ts';

/** The youngest, as lists grow at their end. */
const MOST = 200;

/**
 * The bundles that say of themselves to be of our kinds, by kind. Whoever may push can write such a list, so this tells
 * what to verify and what is certainly missing; never that evidence is good.
 */
export async function presentKinds(
  subject: DigestRef,
  { registry }: Pick<Ports, 'registry'>,
): Promise<ReadonlyMap<AttestationKind, readonly Descriptor[]>> {
  const present = new Map<AttestationKind, Descriptor[]>();
  for (const listed of (await registry.referrers(subject, BUNDLE_TYPE)).slice(-MOST)) {
    const type = listed.annotations?.[PREDICATE_ANNOTATION] ?? (await askedType(subject, listed, registry));
    const kind = kindOf(type);
    if (kind !== undefined) present.set(kind, [...(present.get(kind) ?? []), listed]);
  }
  return present;
}

/** Lists may leave annotations out; the manifest has them. */
async function askedType(
  { repository }: DigestRef,
  { digest }: Descriptor,
  registry: Ports['registry'],
): Promise<string | undefined> {
  const manifest = await registry.getManifest({ repository, digest });
  if (manifest === undefined) return undefined;
  try {
    return decodeManifest(manifest.bytes).annotations[PREDICATE_ANNOTATION];
  } catch {
    return undefined;
  }
}

const KINDS: readonly AttestationKind[] = ['provenance', 'cyclonedx', 'spdx', 'scan', 'signature'];

function kindOf(predicateType: string | undefined): AttestationKind | undefined {
  return KINDS.find((kind) => PREDICATES[kind] === predicateType);
}
