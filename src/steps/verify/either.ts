import type { BundleProof, BundleVerifier } from '../../ports/sigstore.ts';

/**
 * Believes what one of several judges believes, asked in order, each made when it is first needed: images of public and of
 * private repositories are signed with different instances of Sigstore. Of several refusals the one of the judge that knows
 * the signer's certificate is told.
 */
export function eitherVerifier(judges: readonly (() => Promise<BundleVerifier>)[]): BundleVerifier {
  const made = new Map<number, Promise<BundleVerifier>>();
  const judge = (index: number, make: () => Promise<BundleVerifier>): Promise<BundleVerifier> => {
    const known = made.get(index) ?? make();
    made.set(index, known);
    return known;
  };
  return {
    async prove(bytes, artifact) {
      const refusals: BundleProof[] = [];
      for (const [index, make] of judges.entries()) {
        const proof = await (await judge(index, make)).prove(bytes, artifact);
        if (proof.ok || isFinal(proof)) return proof;
        refusals.push(proof);
      }
      const [first] = refusals;
      const told =
        refusals.findLast((proof) => !proof.ok && proof.fault !== 'certificate-untrusted') ?? first;
      return told ?? { ok: false, fault: 'certificate-untrusted', message: 'nobody is trusted' };
    },
  };
}

/** What is wrong with the bytes is wrong for everyone. */
function isFinal(proof: BundleProof): boolean {
  if (proof.ok) return true;
  switch (proof.fault) {
    case 'bundle-malformed':
    case 'bundle-too-large':
    case 'media-type-wrong':
    case 'payload-type-wrong':
    case 'signature-invalid':
      return true;
    default:
      return false;
  }
}
