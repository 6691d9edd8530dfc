import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { toBase64 } from './json.ts';

/** A private key that makes signatures in the way that verifiers expect of its kind. */
export type SigningKey = {
  /** ECDSA signatures are in DER. */
  sign(bytes: Uint8Array): Uint8Array;
  /** PEM (SPKI). */
  readonly publicKey: string;
  /** DER (SPKI). */
  readonly publicKeyBytes: Uint8Array;
  /** Name of the algorithm in Rekor v2's requests. */
  readonly details: string;
  /** Rekor v2 takes only kinds of keys that sign a digest, each with its own hash. */
  readonly fitsLogV2: boolean;
  /** What bundles call the key: the SHA-256 of its DER in base64, as cosign has it. */
  readonly hint: string;
};

type Algorithm = { readonly hash: 'sha256' | null; readonly details: string };

/** The key, or undefined when keys of its kind have no place in Sigstore. */
export function signingKey(key: KeyObject): SigningKey | undefined {
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) return undefined;
  const open = createPublicKey(key);
  const publicKeyBytes = open.export({ format: 'der', type: 'spki' });
  return {
    sign: (bytes) => sign(algorithm.hash, bytes, key),
    publicKey: open.export({ format: 'pem', type: 'spki' }).toString(),
    publicKeyBytes,
    details: algorithm.details,
    fitsLogV2: /_P256_|_RSA_/.test(algorithm.details),
    hint: toBase64(createHash('sha256').update(publicKeyBytes).digest()),
  };
}

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'PKIX_ECDSA_P256_SHA_256',
  secp384r1: 'PKIX_ECDSA_P384_SHA_256',
  secp521r1: 'PKIX_ECDSA_P521_SHA_256',
};

/**
 * SHA-256 for the larger curves too: verifiers that are given a bare public key (cosign 3.1, sigstore-js) take it for all
 * of them. https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md
 */
function algorithmOf(key: KeyObject): Algorithm | undefined {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return { hash: null, details: 'PKIX_ED25519' };
    case 'rsa':
      return [2048, 3072, 4096].includes(modulusLength)
        ? { hash: 'sha256', details: `PKIX_RSA_PKCS1V15_${modulusLength}_SHA256` }
        : undefined;
    case 'ec': {
      const details = CURVES[namedCurve];
      return details === undefined ? undefined : { hash: 'sha256', details };
    }
    default:
      return undefined;
  }
}
