import { digestOf, hexOf } from '../../model/digest.ts';
import type { Check, IdentityPolicy } from '../../model/verification.ts';
import type { BundleProof, BundleVerifier, CertificateIdentity } from '../../ports/sigstore.ts';
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
  /** Only a statement of this type counts. */
  readonly predicateType?: string;
  /** 40 hex digits: the commit of the certificate; undefined = any. */
  readonly commit?: string;
};

export type BlobVerdict = {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** Of a bundle that is proven; undefined when it was signed by key. */
  readonly identity?: CertificateIdentity;
};

/**
 * Whether a file is signed by whom it must be: by `cosign sign-blob`, or by a statement that has it as a subject
 * (`cosign attest-blob`). Never throws for what is in the bytes.
 */
export async function verifyBlob(request: BlobRequest): Promise<BlobVerdict> {
  const { name, identity, commit } = request;
  const proof = await prove(request);
  const proven = check({
    id: 'blob.bundle',
    title: `${name}: signature, certificate, log`,
    expected: 'proven by the trusted root or key',
    actual: proof.ok ? 'proven' : `${proof.fault}: ${proof.message}`,
    ok: proof.ok,
    fault: proof.ok ? 'signature-invalid' : proof.fault,
  });
  if (!proof.ok) return { ok: false, checks: [proven] };
  const signer = proof.bundle.identity;
  const policy = { identity, ...(commit === undefined ? {} : { commit }) };
  const checks = [proven, ...identityChecks({ id: 'blob', title: name }, signer, policy)];
  return {
    ok: checks.every(({ ok }) => ok),
    checks,
    ...(signer === undefined ? {} : { identity: signer }),
  };
}

async function prove({ artifact, bundle, verifier, predicateType }: BlobRequest): Promise<BundleProof> {
  if (predicateType !== undefined)
    return aboutArtifact(await verifier.prove(bundle), artifact, predicateType);
  const plain = await verifier.prove(bundle, artifact);
  return !plain.ok && plain.fault === 'payload-type-wrong'
    ? aboutArtifact(await verifier.prove(bundle), artifact)
    : plain;
}

function aboutArtifact(proof: BundleProof, artifact: Uint8Array, type?: string): BundleProof {
  if (!proof.ok) return proof;
  const statement = readStatement(proof.bundle.payload);
  const wrong = (message: string): BundleProof => ({ ok: false, fault: 'signature-invalid', message });
  if (statement?.subjects.includes(hexOf(digestOf(artifact))) !== true)
    return wrong('its statement is about other bytes');
  return type === undefined || statement.predicateType === type
    ? proof
    : wrong(`its statement is of the type ${statement.predicateType}`);
}
