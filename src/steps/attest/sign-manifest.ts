import { PAYLOAD_TYPE, PREDICATES, STATEMENT_TYPE, type Statement } from '../../model/attestation.ts';
import { hexOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { type DigestRef, formatReference, formatRepository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import type { Signer } from '../../ports/sigstore.ts';
import { payloadOf } from './keep.ts';
import { referrerOf } from './referrer.ts';
import { SIGNATURE } from './signature.ts';

/**
 * Signs one manifest that is no image (the record of a channel), and stores the signature beside it as cosign looks for it.
 * Throws SIGSTORE_UNAVAILABLE, OIDC_MISSING, ATTESTATION_NOT_READABLE, REGISTRY_*.
 */
export async function signManifest(
  ref: DigestRef,
  signer: Signer,
  { clock, registry }: Pick<Ports, 'clock' | 'registry'>,
): Promise<void> {
  const descriptor = await registry.resolve(ref);
  if (descriptor === undefined)
    throw new ReleaseError(
      'REGISTRY_NOT_FOUND',
      `what is to be signed is not there: ${formatReference(ref)}`,
    );
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: formatRepository(ref.repository), digest: { sha256: hexOf(ref.digest) } }],
    predicateType: PREDICATES.signature,
    predicate: SIGNATURE,
  };
  const signed = await signer.sign(payloadOf({ statement }), PAYLOAD_TYPE);
  const about = {
    image: formatReference(ref),
    kind: 'signature',
    subject: ref.digest,
    registryOnly: true,
  } as const;
  await registry.attach(ref, [referrerOf({ ...about, ...signed, statement }, descriptor, clock.now())]);
}
