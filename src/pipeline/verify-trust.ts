import { ReleaseError } from '../model/errors.ts';
import type { AttestInputs } from '../model/inputs.ts';
import type { Ports } from '../ports/index.ts';
import type { BundleVerifier } from '../ports/sigstore.ts';
import { eitherVerifier } from '../steps/verify/run.ts';

/**
 * Whom to believe, by the inputs: the given key (a private one stands for its public half), the given trusted root, or the
 * root of an instance, which is fetched when the first bundle is there (`hasty`: once, and an older one does). Throws INPUT_INVALID for the user's files at once.
 */
export async function verifierFor(
  { instance, trustedRoot, key }: AttestInputs,
  { files, sigstore }: Pick<Ports, 'files' | 'sigstore'>,
  patience: 'patient' | 'hasty' = 'patient',
): Promise<BundleVerifier> {
  if (key !== undefined) {
    const publicKey = /BEGIN PUBLIC KEY/.test(key.pem)
      ? key.pem
      : (await sigstore.signer({ kind: 'key', key: key.pem, password: key.password })).publicKey;
    if (publicKey === undefined) throw new ReleaseError('INTERNAL', 'a signer by key without a public key');
    return sigstore.verifier({ kind: 'key', publicKey });
  }
  if (trustedRoot !== undefined) {
    const text = await files.readTextIfExists(trustedRoot);
    if (text === undefined)
      throw new ReleaseError(
        'INPUT_INVALID',
        `input \`sigstore-trusted-root\`: there is no such file: ${trustedRoot}`,
      );
    return sigstore.verifier({ kind: 'keyless', instance: 'private', trustedRoot: text });
  }
  const hasty = patience === 'hasty' ? ({ hasty: true } as const) : {};
  const publicGood = () => sigstore.verifier({ kind: 'keyless', instance: 'public-good', ...hasty });
  const github = () => sigstore.verifier({ kind: 'keyless', instance: 'github', ...hasty });
  if (instance === 'public-good') return eitherVerifier([publicGood]);
  return eitherVerifier(instance === 'github' ? [github] : [publicGood, github]);
}
