import { type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { ReleaseError } from '../../model/errors.ts';
import { readJson } from './json.ts';

const FRAME =
  /^\s*-----BEGIN (ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----\s*$/;

/** Base64 of so many bytes. */
function bytes(least: number, most: number) {
  return z.pipe(
    z.string().check(z.maxLength(2 * most + 4), z.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
    z.transform((text, context) => {
      const decoded = Buffer.from(text, 'base64');
      if (decoded.length >= least && decoded.length <= most) return decoded;
      context.issues.push({ code: 'custom', message: 'bytes', input: text });
      return z.NEVER;
    }),
  );
}

/**
 * https://github.com/secure-systems-lab/go-securesystemslib/tree/main/encrypted: scrypt makes a key of the password, with
 * which NaCl's secretbox (XSalsa20-Poly1305) holds the PKCS#8 key. The bounds keep a hostile key from eating the machine.
 */
const sealed = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    params: z.object({
      N: z.int().check(z.minimum(2 ** 10), z.maximum(2 ** 17)),
      r: z.int().check(z.minimum(1), z.maximum(8)),
      p: z.int().check(z.minimum(1), z.maximum(16)),
    }),
    salt: bytes(8, 128),
  }),
  cipher: z.object({ name: z.literal('nacl/secretbox'), nonce: bytes(24, 24) }),
  ciphertext: bytes(17, 16_384),
});

const KEY_BYTES = 32;
const scryptKey = promisify<string, Uint8Array, number, ScryptOptions, Uint8Array>(scrypt);

export function isCosignKey(pem: string): boolean {
  return FRAME.test(pem);
}

/** The PKCS#8 key (DER) in a key file of cosign. Throws INPUT_INVALID. */
export async function openCosignKey(pem: string, password: string): Promise<Uint8Array> {
  const body = FRAME.exec(pem)?.[2] ?? '';
  const box = readJson(sealed, Buffer.from(body, 'base64'));
  if (box === undefined)
    throw new ReleaseError('INPUT_INVALID', 'input `cosign-key`: it is not as cosign writes encrypted keys', {
      hint: 'Make the key with `cosign generate-key-pair`, and give the whole of cosign.key.',
    });
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  const key = await derive(password, box.kdf.salt, box.kdf.params);
  try {
    return xsalsa20poly1305(key, box.cipher.nonce).decrypt(box.ciphertext);
  } catch {
    throw new ReleaseError('INPUT_INVALID', 'input `cosign-key`: `cosign-password` does not open it', {
      hint: 'Give the password that the key was made with (COSIGN_PASSWORD of `cosign generate-key-pair`).',
    });
  }
}

type Params = z.infer<typeof sealed>['kdf']['params'];

async function derive(password: string, salt: Uint8Array, { N, r, p }: Params): Promise<Uint8Array> {
  // https://www.rfc-editor.org/rfc/rfc7914#section-2: N blocks of 128 r bytes, and some.
  const maxmem = 128 * r * (N + p + 2) + 1024 * 1024;
  try {
    return await scryptKey(password, salt, KEY_BYTES, { N, r, p, maxmem });
  } catch (cause) {
    const message = 'input `cosign-key`: its scrypt parameters cannot be used';
    throw new ReleaseError('INPUT_INVALID', message, { cause });
  }
}
