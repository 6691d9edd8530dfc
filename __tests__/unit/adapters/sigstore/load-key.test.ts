import { createPublicKey, generateKeyPairSync, scryptSync, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { loadKey } from '../../../../src/adapters/sigstore/load-key.ts';

const PKCS8 = { type: 'pkcs8', format: 'pem' } as const;
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const EC = ec('P-256');

const BOX = {
  kdf: { name: 'scrypt', params: { N: 1024, r: 8, p: 1 }, salt: Buffer.alloc(32, 1).toString('base64') },
  cipher: { name: 'nacl/secretbox', nonce: Buffer.alloc(24, 2).toString('base64') },
};

function pem(label: string, body: unknown): string {
  const base64 = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
}

/** As cosign writes it, with little work for scrypt. */
function cosignKey(change: object = {}, label = 'ENCRYPTED SIGSTORE PRIVATE KEY', content?: Buffer): string {
  const key = scryptSync('pass word', Buffer.alloc(32, 1), 32, { N: 1024, r: 8, p: 1 });
  const der = content ?? EC.export({ type: 'pkcs8', format: 'der' });
  const ciphertext = Buffer.from(xsalsa20poly1305(key, Buffer.alloc(24, 2)).encrypt(der)).toString('base64');
  return pem(label, { ...BOX, ciphertext, ...change });
}

describe('kinds of keys', () => {
  it.each([
    ['ECDSA P-256', EC, 'sha256'],
    ['ECDSA P-384', ec('P-384'), 'sha256'],
    ['ECDSA P-521', ec('P-521'), 'sha256'],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey, null],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'sha256'],
  ] as const)('%s signs', async (_, key, hash) => {
    const loaded = await loadKey(key.export(PKCS8).toString(), '');
    expect(loaded.publicKey).toBe(createPublicKey(key).export({ type: 'spki', format: 'pem' }));
    expect(verify(hash, Buffer.from('x'), loaded.publicKey, loaded.sign(Buffer.from('x')))).toBe(true);
    expect(loaded.hint).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  });

  it.each([
    ['secp256k1', ec('secp256k1')],
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
    ['X25519', generateKeyPairSync('x25519').privateKey],
  ])('%s is refused', async (_, key) => {
    await expect(loadKey(key.export(PKCS8).toString(), '')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'input `cosign-key`: keys of this kind cannot sign for Sigstore',
    });
  });
});

describe('forms of keys', () => {
  const expected = createPublicKey(EC).export({ type: 'spki', format: 'pem' });

  it.each([
    ['PKCS#8', EC.export(PKCS8).toString(), ''],
    ['SEC 1', EC.export({ type: 'sec1', format: 'pem' }).toString(), ''],
    ['lines ended as on Windows', EC.export(PKCS8).toString().replaceAll('\n', '\r\n'), ''],
    ['plain, though a password is given', EC.export(PKCS8).toString(), 'pass word'],
    [
      'encrypted PKCS#8',
      EC.export({ ...PKCS8, cipher: 'aes-256-cbc', passphrase: 'pass word' }).toString(),
      'pass word',
    ],
    ['of cosign', cosignKey(), 'pass word'],
    ['of an older cosign', cosignKey({}, 'ENCRYPTED COSIGN PRIVATE KEY'), 'pass word'],
    ['of cosign without the last line break', cosignKey().trim(), 'pass word'],
  ])('%s', async (_, key, password) => {
    expect((await loadKey(key, password)).publicKey).toBe(expected);
  });
});

describe('what is refused, without a word of it', () => {
  const encrypted = EC.export({ ...PKCS8, cipher: 'aes-256-cbc', passphrase: 'pass word' }).toString();
  const opened = '`cosign-password` does not open it';
  const shape = 'it is not as cosign writes encrypted keys';
  const params = (change: object) => ({ kdf: { ...BOX.kdf, params: { N: 1024, r: 8, p: 1, ...change } } });

  it.each([
    ['a wrong password', cosignKey(), 'hunter2', opened],
    ['no password', cosignKey(), '', opened],
    ['a wrong password for PKCS#8', encrypted, 'hunter2', 'it cannot be read with `cosign-password`'],
    ['no password for PKCS#8', encrypted, '', 'it cannot be read with `cosign-password`'],
    [
      'changed bytes',
      cosignKey({ ciphertext: Buffer.alloc(200, 7).toString('base64') }),
      'pass word',
      opened,
    ],
    ['a box without a key', cosignKey({}, undefined, Buffer.from('hello')), 'pass word', 'it cannot be read'],
    ['another cipher', cosignKey({ cipher: { ...BOX.cipher, name: 'aes' } }), 'pass word', shape],
    ['a short nonce', cosignKey({ cipher: { ...BOX.cipher, nonce: 'AAAA' } }), 'pass word', shape],
    ['scrypt that eats the machine', cosignKey(params({ N: 2 ** 30 })), 'pass word', shape],
    ['scrypt that takes for ever', cosignKey(params({ p: 1_000_000 })), 'pass word', shape],
    [
      'a parameter that is no power of two',
      cosignKey(params({ N: 1500 })),
      'pass word',
      'its scrypt parameters',
    ],
    ['a huge box', cosignKey({ ciphertext: 'A'.repeat(100_000) }), 'pass word', shape],
    ['no JSON', pem('ENCRYPTED SIGSTORE PRIVATE KEY', 'hello'), 'pass word', shape],
    [
      'a public key',
      createPublicKey(EC).export({ type: 'spki', format: 'pem' }).toString(),
      '',
      'no private key',
    ],
    ['garbage', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', '', 'no private key'],
  ])('%s', async (_, key, password, words) => {
    const error = await loadKey(key, password).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining(words) });
    expect(String(error)).not.toContain('hunter2');
  });
});
