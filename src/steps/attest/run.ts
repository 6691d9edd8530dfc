import {
  type Attestation,
  PAYLOAD_TYPE,
  type SignedStatement,
  type StatementDraft,
} from '../../model/attestation.ts';
import { createSlots } from '../../model/concurrency.ts';
import type { Signer } from '../../ports/sigstore.ts';
import { payloadOf } from './keep.ts';
import { isKnown, type KnownEvidence, spreadEvidence } from './known.ts';
import type { Coming } from './referrer.ts';
import { type DraftInput, draftStatements } from './statements.ts';
import { type StoreOptions, type StorePorts, storeAttestations } from './store.ts';

export { requireSameCommit, serverOf } from './identity.ts';
export { dropStatements, keepStatements, listAudience, listPayload, type Voucher } from './keep.ts';
export { notKept } from './kept.ts';
export { requireOrigin, requireSameSigner } from './kept-origin.ts';
export type { KnownEvidence } from './known.ts';
export { publicInputs } from './parameters.ts';
export { byproductsOf, parseRecord, type RecordedImage, type ReleaseRecord } from './record.ts';
export { signManifest } from './sign-manifest.ts';
export type { EvidenceFile, PlatformEvidence } from './statements.ts';
export type { AttestStore } from './store.ts';
export { readKept, readVoucher, requireSameRelease, requireSubjects, takeStatements } from './take.ts';

export type AttestRequest = Omit<DraftInput, 'github'> & {
  readonly signer: Signer;
  readonly store: StoreOptions;
  readonly known: readonly KnownEvidence[];
  /** What the run that built was about to sign, proven: signed as it is, in place of what this run would say of the same. */
  readonly kept?: readonly StatementDraft[];
  /** Called with all that is to be signed, before the first signature. */
  readonly beforeSigning?: (drafts: readonly StatementDraft[]) => Promise<void>;
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
  const { images, store, known, kept = [] } = request;
  const own = draftStatements({ ...request, github: store.stores.includes('github') });
  const all = [...kept, ...own.filter((draft) => !kept.some((each) => isSame(each, draft)))];
  const drafts = all.filter((draft) => !isKnown(draft, known));
  if (drafts.length < all.length)
    ports.log.info(`${all.length - drafts.length} of ${all.length} attestations are there already.`);
  const brought = await spreadEvidence(known, images, store, ports);
  if (drafts.length > 0) await request.beforeSigning?.(drafts);
  return [...brought, ...(await attestDrafts(drafts, request, ports))];
}

function isSame(a: StatementDraft, b: StatementDraft): boolean {
  return a.image === b.image && a.kind === b.kind && a.subject === b.subject;
}

/** Signs all of these with one identity, so many at once, and stores each as soon as it is signed. */
export async function attestDrafts(
  drafts: readonly StatementDraft[],
  { images, store, signer }: Pick<AttestRequest, 'images' | 'store' | 'signer'>,
  ports: StorePorts,
): Promise<readonly Attestation[]> {
  const attestations = await storeAttestations(signAll(drafts, signer), images, store, ports);
  ports.log.info(`Signed and stored ${attestations.length} attestations of ${images.length} images.`);
  return attestations;
}

/** In their order. After the first failure nothing more is signed. */
function signAll(drafts: readonly StatementDraft[], signer: Signer): readonly Coming[] {
  const slots = createSlots(SIGNED_AT_ONCE);
  let failure: { readonly error: unknown } | undefined;
  const sign = async (draft: StatementDraft): Promise<SignedStatement> => {
    if (failure !== undefined) throw failure.error;
    try {
      return { ...draft, ...(await signer.sign(payloadOf(draft), PAYLOAD_TYPE)) };
    } catch (error) {
      failure ??= { error };
      throw failure.error;
    }
  };
  return drafts.map((draft) => ({ draft, signed: slots(() => sign(draft)) }));
}
