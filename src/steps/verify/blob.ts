import { digestOf, hexOf } from '../../model/digest.ts';
import type { Check, IdentityPolicy } from '../../model/verification.ts';
import type { BundleProof, BundleVerifier } from '../../ports/sigstore.ts';
import { check } from './expected.ts';
import { identityChecks } from './identity.ts';
import { readStatement } from './statement.ts';

export type BlobRequest = {
  /** For reports: the name of the file. */
  readonly name: string;
  readonly artifact: Uint8Array;
  readonly bundle: Uint8Array;
  readonly identity: IdentityPolicy | 'key';
  readonly verifier: BundleVerifier;
};

export type BlobVerdict = { readonly ok: boolean; readonly checks: readonly Check[] };

/**
 * Whether a file is signed by whom it must be: by `cosign sign-blob`, or by a statement that has it as a subject
 * (`cosign attest-blob`). Never throws for what is in the bytes.
 */
export async function verifyBlob(request: BlobRequest): Promise<BlobVerdict> {
  const { name, artifact, bundle, identity, verifier } = request;
  const plain = await verifier.prove(bundle, artifact);
  const proof =
    !plain.ok && plain.fault === 'payload-type-wrong'
      ? aboutArtifact(await verifier.prove(bundle), artifact)
      : plain;
  const proven = check({
    id: 'blob.bundle',
    title: `${name}: signature, certificate, log`,
    expected: 'proven by the trusted root or key',
    actual: proof.ok ? 'proven' : `${proof.fault}: ${proof.message}`,
    ok: proof.ok,
    fault: proof.ok ? 'signature-invalid' : proof.fault,
  });
  if (!proof.ok) return { ok: false, checks: [proven] };
  const checks = [
    proven,
    ...identityChecks({ id: 'blob', title: name }, proof.bundle.identity, { identity }),
  ];
  return { ok: checks.every(({ ok }) => ok), checks };
}

function aboutArtifact(proof: BundleProof, artifact: Uint8Array): BundleProof {
  if (!proof.ok) return proof;
  const subjects = readStatement(proof.bundle.payload)?.subjects ?? [];
  if (subjects.includes(hexOf(digestOf(artifact)))) return proof;
  return { ok: false, fault: 'signature-invalid', message: 'its statement is about other bytes' };
}
