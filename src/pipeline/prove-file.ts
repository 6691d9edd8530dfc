import type { Ports } from '../ports/index.ts';
import type { BundleVerifier } from '../ports/sigstore.ts';
import type { ProveFile } from '../steps/tools/run.ts';
import { verifyBlob } from '../steps/verify/run.ts';

/**
 * Judges files of vendors by the public-good instance, which they sign with, whatever this run signs with. Its root is
 * fetched once, when it is needed.
 */
export function fileProver({ sigstore }: Pick<Ports, 'sigstore'>): ProveFile {
  let verifier: Promise<BundleVerifier> | undefined;
  return async ({ name, bytes, bundle, identity }) => {
    verifier ??= sigstore.verifier({ kind: 'keyless', instance: 'public-good' });
    const request = { name, artifact: bytes, bundle, identity, verifier: await verifier };
    const { checks } = await verifyBlob(request);
    const wrong = checks.filter(({ ok }) => !ok);
    if (wrong.length === 0) return undefined;
    return wrong.map(({ title, expected, actual }) => `${title}: ${actual}, expected ${expected}`).join('; ');
  };
}
