import type { TrustedSigner } from '../../model/publish.ts';

/** Who has signed the images of this run. */
export type ImageSigner =
  | { readonly kind: 'nobody' }
  /** Subject alternative name and issuer of the certificate. */
  | { readonly kind: 'workflow'; readonly san: string; readonly issuer: string }
  /** PEM of the public key. */
  | { readonly kind: 'key'; readonly publicKey: string };

const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

/**
 * Why the platform will not take our signature, as far as that can be told from here; undefined when one of its signers may
 * match. A kind of signer that we do not know may match.
 */
export function distrust(signer: ImageSigner, trusted: readonly TrustedSigner[]): string | undefined {
  if (trusted.length === 0) return 'it trusts no signer of images for this organization yet';
  const words = trusted.map(({ type }) => type).join(', ');
  if (signer.kind === 'nobody') return `it trusts signed images only (${words}), and this run signs none`;
  if (trusted.some((each) => mayMatch(signer, each))) return undefined;
  const who = signer.kind === 'workflow' ? signer.san : 'the key of `cosign-key`';
  return `none of the signers that it trusts (${words}) matches ${who}`;
}

function mayMatch(signer: Exclude<ImageSigner, { kind: 'nobody' }>, trusted: TrustedSigner): boolean {
  switch (trusted.type) {
    case 'github_actions_oidc':
      if (signer.kind !== 'workflow' || signer.issuer !== (trusted.issuer ?? GITHUB_ISSUER)) return false;
      return trusted.identityRegexp === undefined || matches(trusted.identityRegexp, signer.san);
    case 'cosign_public_key':
      if (signer.kind !== 'key') return false;
      return (
        trusted.publicKey === undefined ||
        withoutBlanks(trusted.publicKey) === withoutBlanks(signer.publicKey)
      );
    default:
      return true;
  }
}

/** A repeated group that repeats inside can take for ever: such a pattern is left to the platform. */
const COSTLY = /\([^)]*[*+{][^)]*\)\s*[*+{]|\\\d/;

/** cosign searches with Go's expressions, which take a few forms more than ours: those may match. */
function matches(pattern: string, text: string): boolean {
  if (pattern.length > 500 || COSTLY.test(pattern)) return true;
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return true;
  }
}

function withoutBlanks(text: string): string {
  return text.replaceAll(/\s+/g, '');
}
