import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ReleaseError } from '../../model/errors.ts';
import { isCosignKey, openCosignKey } from './cosign-key.ts';
import { type SigningKey, signingKey } from './signing-key.ts';

/**
 * A private key in PEM: cosign's own encrypted form, PKCS#8 (plain or encrypted), SEC 1 or PKCS#1. Throws INPUT_INVALID,
 * without a word of the key or the password.
 */
export async function loadKey(pem: string, password: string): Promise<SigningKey> {
  const key = signingKey(await open(pem, password));
  if (key === undefined)
    throw new ReleaseError(
      'INPUT_INVALID',
      'input `cosign-key`: keys of this kind cannot sign for Sigstore',
      {
        hint: 'Give an ECDSA key (P-256, P-384 or P-521), an Ed25519 key, or an RSA key of 2048, 3072 or 4096 bits.',
      },
    );
  return key;
}

async function open(pem: string, password: string): Promise<KeyObject> {
  if (isCosignKey(pem)) {
    const der = await openCosignKey(pem, password);
    return readKey(() => createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }), pem);
  }
  return readKey(() => createPrivateKey({ key: pem, format: 'pem', passphrase: password }), pem);
}

/** What OpenSSL says of a key stays here. */
function readKey(read: () => KeyObject, pem: string): KeyObject {
  try {
    return read();
  } catch {
    const encrypted = /ENCRYPTED/.test(pem);
    const what = encrypted ? 'it cannot be read with `cosign-password`' : 'it is no private key in PEM';
    throw new ReleaseError('INPUT_INVALID', `input \`cosign-key\`: ${what}`);
  }
}
