import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createOidc } from '../../../../src/adapters/oidc/oidc.ts';
import { fakeHttp } from '../../../helpers/fake-http.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { GITHUB_CLAIMS, GITHUB_ISSUER } from '../../../helpers/oidc/oidc.ts';

const NOW = new Date('2026-11-21T20:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const AUDIENCE = `module-release:sha256:${'a'.repeat(64)}`;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const JWK = { ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of an hour ago, as GitHub's are. */
function aToken(claims: object = {}, head: object = {}, key = privateKey): string {
  const times = { iat: SECONDS - 3600, nbf: SECONDS - 4200, exp: SECONDS - 3300 };
  const body = { iss: GITHUB_ISSUER, aud: AUDIENCE, ...times, ...GITHUB_CLAIMS, ...claims };
  const text = `${part({ typ: 'JWT', alg: 'RS256', kid: 'one', ...head })}.${part(body)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

type Issuer = {
  readonly issuer?: string;
  readonly configuration?: object;
  readonly keys?: readonly unknown[];
};

/** The issuer's two documents, at the addresses where its name puts them. */
function prove(token: string, { issuer = GITHUB_ISSUER, configuration, keys = [JWK] }: Issuer = {}) {
  const at = `${issuer}/.well-known`;
  const http = fakeHttp(({ url }) => {
    if (url.href === `${at}/openid-configuration`)
      return { status: 200, body: configuration ?? { issuer, jwks_uri: `${at}/jwks` } };
    return url.href === `${at}/jwks` ? { status: 200, body: { keys } } : { status: 404 };
  });
  const clock = { now: () => NOW, elapsed: () => 0, sleep: async () => undefined };
  const oidc = createOidc({ env: {}, clock, http, log: fakeLog() });
  return { proof: oidc.prove(token, { issuer, audience: AUDIENCE }), http };
}

describe('a token that is kept', () => {
  it('is believed after its time, with what it says of its run', async () => {
    const { proof, http } = prove(aToken());
    expect(await proof).toMatchObject({
      ok: true,
      claims: { repository: 'Acme/Modules', ref: 'refs/tags/v1.2.3', runId: '4242' },
    });
    expect(http.requests.map(({ url, options }) => [url.pathname, options.limit])).toEqual([
      ['/.well-known/openid-configuration', 256 * 1024],
      ['/.well-known/jwks', 256 * 1024],
    ]);
  });

  it.each([
    'https://ghes.example.com/_services/token',
    'https://token.actions.acme.ghe.com',
    `${GITHUB_ISSUER}/acme`,
  ])('is that of an issuer with a path too: %s', async (issuer) => {
    expect(await prove(aToken({ iss: issuer }), { issuer }).proof).toMatchObject({ ok: true });
  });

  it('is judged by the key that it names, among others of any kind', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const keys = [{ kty: 'EC', kid: 'one', crv: 'P-256' }, 'no key', { ...other, kid: 'two' }, JWK];
    expect(await prove(aToken(), { keys }).proof).toMatchObject({ ok: true });
  });
});

describe('a token that is not believed', () => {
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const WRONG: readonly (readonly [string, string, string, Issuer?])[] = [
    ['form of the token', 'of two parts', aToken().split('.').slice(0, 2).join('.')],
    ['form of the token', 'of four parts', `${aToken()}.e30`],
    ['form of the token', 'without a key id', aToken({}, { kid: undefined })],
    ['form of the token', 'with an extension that must be understood', aToken({}, { crit: ['b64'] })],
    ['form of the token', 'that is no token of a job', aToken({ repository: undefined })],
    ['form of the token', 'that is too long', aToken({ more: 'x'.repeat(40_000) })],
    ['form of the token', 'for two audiences', aToken({ aud: [AUDIENCE, 'sigstore'] })],
    ['algorithm of the token', 'by no algorithm', aToken({}, { alg: 'none' })],
    ['algorithm of the token', 'by a secret', aToken({}, { alg: 'HS256' })],
    ['algorithm of the token', 'by another algorithm', aToken({}, { alg: 'PS256' })],
    ['issuer of the token', 'of another issuer', aToken({ iss: 'https://token.example.com' })],
    ['audience of the token', 'for Fulcio', aToken({ aud: 'sigstore' })],
    ['audience of the token', 'for a longer audience', aToken({ aud: `${AUDIENCE} ` })],
    ['key of the token', 'of a key that is gone', aToken(), { keys: [] }],
    ['key of the token', 'of a key that is there twice', aToken(), { keys: [JWK, JWK] }],
    ['key of the token', 'of a key for encryption', aToken(), { keys: [{ ...JWK, use: 'enc' }] }],
    ['key of the token', 'of a key for another algorithm', aToken(), { keys: [{ ...JWK, alg: 'RS512' }] }],
    [
      'key of the token',
      'of a key that is too short',
      aToken({}, {}, short.privateKey),
      { keys: [{ ...short.publicKey.export({ format: 'jwk' }), kid: 'one' }] },
    ],
    ['key of the token', 'of a key that is none', aToken(), { keys: [{ ...JWK, n: '', e: '' }] }],
    ['signature of the token', 'signed by another', aToken({}, {}, stranger.privateKey)],
    [
      'signature of the token',
      'that was edited',
      aToken().replace(/\.[\w-]+\./, `.${aToken({ run_id: '1' }).split('.')[1]}.`),
    ],
    ['times of the token', 'of tomorrow', aToken({ iat: SECONDS + 3600, exp: SECONDS + 3900 })],
    ['times of the token', 'of a year', aToken({ exp: SECONDS + 365 * 86_400 })],
    ['times of the token', 'that ends before it begins', aToken({ exp: SECONDS - 3601 })],
  ];

  it.each(WRONG.map(([check, what, token, issuer = {}]) => [check, what, token, issuer] as const))(
    '%s: one %s',
    async (check, _, token, issuer) => {
      expect(await prove(token, issuer).proof).toMatchObject({ ok: false, check });
    },
  );

  it('is not sent anywhere', async () => {
    const { proof, http } = prove(aToken());
    await proof;
    expect(JSON.stringify(http.requests)).not.toContain('eyJ');
  });
});

describe('keys that cannot be had', () => {
  it.each<[string, Issuer, RegExp]>([
    ['no configuration', { configuration: { keys: [] } }, /not what the protocol promises/],
    [
      'that of another issuer',
      { configuration: { issuer: 'https://x.example.com', jwks_uri: 'https://x' } },
      /another issuer/,
    ],
    [
      'plain http',
      { configuration: { issuer: GITHUB_ISSUER, jwks_uri: 'http://keys.example.com' } },
      /no https address: http:\/\/keys/,
    ],
    [
      'a file',
      { configuration: { issuer: GITHUB_ISSUER, jwks_uri: 'file:///etc/keys' } },
      /no https address/,
    ],
    [
      'keys at a place that has none',
      { configuration: { issuer: GITHUB_ISSUER, jwks_uri: `${GITHUB_ISSUER}/gone` } },
      /gone: status 404/,
    ],
    ['a thousand keys', { keys: Array.from({ length: 1000 }, () => JWK) }, /not what the protocol promises/],
  ])('%s', async (_, issuer, message) => {
    await expect(prove(aToken(), issuer).proof).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      message: expect.stringMatching(message),
    });
  });
});
