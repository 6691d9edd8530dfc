import {
  type Attestation,
  PAYLOAD_TYPE,
  type SignedStatement,
  type StatementDraft,
} from '../../model/attestation.ts';
import { mapLimit } from '../../model/concurrency.ts';
import type { Signer } from '../../ports/sigstore.ts';
import { isKnown, type KnownEvidence, spreadEvidence } from './known.ts';
import { type DraftInput, draftStatements } from './statements.ts';
import { type StoreOptions, type StorePorts, storeAttestations } from './store.ts';

export { requireSameCommit, serverOf } from './identity.ts';
export type { KnownEvidence } from './known.ts';
export { publicInputs } from './parameters.ts';
export { byproductsOf, parseRecord, type RecordedImage, type ReleaseRecord } from './record.ts';
export { signManifest } from './sign-manifest.ts';
export type { EvidenceFile, PlatformEvidence } from './statements.ts';
export type { AttestStore } from './store.ts';

export type AttestRequest = Omit<DraftInput, 'github'> & {
  readonly signer: Signer;
  readonly store: StoreOptions;
  readonly known: readonly KnownEvidence[];
};

/** Signing waits for Sigstore's services; more at once is met with 429. */
const SIGNED_AT_ONCE = 8;

/**
 * Signs all that is to be said of the images and is not said yet, with one identity, and stores it where its readers look.
 * Throws SIGSTORE_UNAVAILABLE, OIDC_MISSING, ATTESTATION_NOT_READABLE, COMMIT_MISMATCH, GITHUB_REFUSED, REGISTRY_*.
 */
export async function attestImages(
  request: AttestRequest,
  ports: StorePorts,
): Promise<readonly Attestation[]> {
  const { images, store, known } = request;
  const all = draftStatements({ ...request, github: store.stores.includes('github') });
  const drafts = all.filter((draft) => !isKnown(draft, known));
  if (drafts.length < all.length)
    ports.log.info(`${all.length - drafts.length} of ${all.length} attestations are there already.`);
  const brought = await spreadEvidence(known, images, store, ports);
  return [...brought, ...(await attestDrafts(drafts, request, ports))];
}

/** Signs all of these with one identity, so many at once, and stores them. */
export async function attestDrafts(
  drafts: readonly StatementDraft[],
  { images, store, signer }: Pick<AttestRequest, 'images' | 'store' | 'signer'>,
  ports: StorePorts,
): Promise<readonly Attestation[]> {
  const signed = await mapLimit(drafts, SIGNED_AT_ONCE, (draft) => sign(draft, signer));
  const attestations = await storeAttestations(signed, images, store, ports);
  ports.log.info(`Signed and stored ${attestations.length} attestations of ${images.length} images.`);
  return attestations;
}

async function sign(draft: StatementDraft, signer: Signer): Promise<SignedStatement> {
  const payload = new TextEncoder().encode(JSON.stringify(draft.statement));
  return { ...draft, ...(await signer.sign(payload, PAYLOAD_TYPE)) };
}
