import { verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { requestCertificate } from '../../../../src/adapters/sigstore/fulcio.ts';
import { signingKey } from '../../../../src/adapters/sigstore/signing-key.ts';
import { type FakeHttp, fakeHttp } from '../../../helpers/fake-http.ts';
import { createCertificate } from '../../../helpers/registry/certificate.ts';

const { privateKey, certificatePem } = createCertificate();
const key = signingKey(privateKey);
const other = createCertificate().certificatePem;

function jwt(claims: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

const TOKEN = jwt({ sub: 'repo:Acme/Modules:ref:refs/tags/v1.2.3' });

function request(http: FakeHttp, token = TOKEN) {
  if (key === undefined) throw new Error('RSA is no key');
  return requestCertificate({
    http,
    fulcio: new URL('https://fulcio.example.com/ca/'),
    key,
    token: async () => token,
  });
}

const chain = (...certificates: readonly string[]) => ({ chain: { certificates } });
const answering = (body: unknown, status = 201) => fakeHttp(() => ({ status, body }));

it('asks with the token, the key and a proof that it is held', async () => {
  const http = answering({ signedCertificateEmbeddedSct: chain(certificatePem, other) });
  const certificate = await request(http);
  expect(certificate.pem).toBe(certificatePem);
  const [sent] = http.requests;
  expect(sent?.url.href).toBe('https://fulcio.example.com/ca/api/v2/signingCert');
  const { credentials, publicKeyRequest } = JSON.parse(String(sent?.body));
  expect(credentials).toEqual({ oidcIdentityToken: TOKEN });
  const { publicKey, proofOfPossession } = publicKeyRequest;
  const subject = Buffer.from('repo:Acme/Modules:ref:refs/tags/v1.2.3');
  expect(verify('sha256', subject, publicKey.content, Buffer.from(proofOfPossession, 'base64'))).toBe(true);
});

it('takes a certificate without SCT, as the CA of GitHub makes them', async () => {
  const http = answering({ signedCertificateDetachedSct: chain(certificatePem) });
  expect((await request(http)).pem).toBe(certificatePem);
});

describe('answers that are not believed', () => {
  it.each([
    ['no JSON', '<html>', 'it holds no certificate'],
    ['nothing', {}, 'it holds no certificate'],
    ['an empty chain', { signedCertificateEmbeddedSct: chain() }, 'it holds no certificate'],
    ['a certificate that is none', { signedCertificateEmbeddedSct: chain('-----BEGIN') }, 'cannot be read'],
    ['a certificate for another key', { signedCertificateEmbeddedSct: chain(other) }, 'for another key'],
    [
      'the wanted one behind another',
      { signedCertificateEmbeddedSct: chain(other, certificatePem) },
      'another key',
    ],
    ['a number', 42, 'it holds no certificate'],
  ])('%s', async (_, body, words) => {
    await expect(request(answering(body))).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      message: expect.stringContaining(words),
    });
  });

  it('a redirect', async () => {
    const http = fakeHttp(() => ({ status: 307, headers: { location: 'https://evil.example.com' } }));
    await expect(request(http)).rejects.toMatchObject({ message: expect.stringContaining('status 307') });
    expect(http.requests).toHaveLength(1);
  });

  it('at most 128 kB are read', async () => {
    const http = answering({ signedCertificateEmbeddedSct: chain(certificatePem) });
    await request(http);
    expect(http.requests[0]?.options.limit).toBe(128 * 1024);
  });
});

describe('failures', () => {
  it.each([
    ['the token', TOKEN],
    ['a part of the token', TOKEN.slice(0, 60)],
    ['the token over two lines', `${TOKEN.slice(0, 40)}\n${TOKEN.slice(40, 90)}`],
  ])('tell what Fulcio says, but not %s', async (_, quoted) => {
    const http = answering({ code: 3, message: `bad\u001b[31m token: ${quoted}\r\n::error::x` }, 400);
    const error = await request(http).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'SIGSTORE_UNAVAILABLE' });
    expect(String(error)).toContain('https://fulcio.example.com/ca/api/v2/signingCert: status 400: bad');
    expect(String(error)).not.toContain(TOKEN.slice(0, 30));
    expect(String(error)).not.toContain(TOKEN.slice(50, 80));
    expect(String(error)).not.toMatch(/\p{Cc}/u);
  });

  it('do not repeat a page', async () => {
    const http = answering('<!DOCTYPE html><title>Bad gateway</title>', 502);
    await expect(request(http)).rejects.toMatchObject({ message: expect.stringMatching(/status 502$/) });
  });

  it('are short', async () => {
    const error = await request(answering('x'.repeat(100_000), 500)).catch((caught: unknown) => caught);
    expect(String(error).length).toBeLessThan(400);
  });

  it.each([
    ['without a subject', jwt({})],
    [
      'with an address that is not verified, and no subject',
      jwt({ email: 'a@example.com', email_verified: false }),
    ],
    ['that is none', 'a.b.c'],
  ])('a token %s is not sent', async (_, token) => {
    const http = answering({});
    const error = await request(http, token).catch((caught: unknown) => caught);
    expect(String(error)).toContain('it names no subject');
    expect(String(error)).not.toContain(token);
    expect(http.requests).toEqual([]);
  });
});
