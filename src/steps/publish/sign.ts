import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
} from 'node:crypto';
import { promisify } from 'node:util';
import { ReleaseError } from '../../model/errors.ts';
import { canonicalJson, type JsonObject } from '../../model/json.ts';
import type { PublishIdentity } from '../../model/publish.ts';

/** Signs the manifests of one run. */
export type ManifestSigner = PublishIdentity & {
  sign(manifest: JsonObject): JsonObject;
};

const BITS = 4096;
/** Verifiers of the platform take no weaker ones, and shorter ones leave no room for the salt. */
const FEWEST_BITS = 2048;

/** The key of the input `publish-key`; throws INPUT_INVALID without a word of the key. */
export function loadSigner(pem: string): ManifestSigner {
  const key = readKey(pem);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa')
    throw refusal(
      `the value (not shown) is a key of type ${key.asymmetricKeyType}, and the platform takes RSA`,
    );
  if (bits < FEWEST_BITS)
    throw refusal(`the value (not shown) is an RSA key of ${bits} bits, which is too short`);
  return signerOf(key, 'given');
}

/** A key for this run alone: it lives in memory, and ends with the process. */
export async function generateSigner(): Promise<ManifestSigner> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: BITS,
    publicExponent: 65537,
  });
  return signerOf(privateKey, 'generated');
}

function signerOf(key: KeyObject, origin: PublishIdentity['origin']): ManifestSigner {
  const publicKey = createPublicKey(key);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const fingerprint = createHash('sha256').update(der).digest('base64');
  return {
    publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
    fingerprint,
    origin,
    sign: (manifest) => ({
      ...manifest,
      signature: signBytes(canonicalJson(manifest), key),
      publicKey: der.toString('base64'),
      keyFingerprint: fingerprint,
      signatureAlgorithm: 'RSA-PSS',
      hashAlgorithm: 'SHA-256',
    }),
  };
}

/** The longest salt that fits, which every generation of the platform's verifier takes. https://www.rfc-editor.org/rfc/rfc8017#section-8.1 */
function signBytes(text: string, key: KeyObject): string {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_MAX_SIGN;
  return sign('sha256', Buffer.from(text), { key, padding, saltLength }).toString('base64');
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The library's message may quote what it could not read.
    throw refusal('the value (not shown) cannot be read as a private key without a password');
  }
}

function refusal(why: string): ReleaseError {
  return new ReleaseError('INPUT_INVALID', `input \`publish-key\`: ${why}`, {
    hint: 'Give the text of a PKCS#8 key, such as `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096` makes.',
  });
}
