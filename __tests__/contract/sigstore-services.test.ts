import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GITHUB_CLAIMS, type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { type CosignBench, cosignBench, RELEASE_SAN } from '../helpers/sigstore/cosign.ts';
import { signBundle } from '../helpers/sigstore/sign-bundle.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'ghcr.io/acme/app', digest: { sha256: DIGEST.slice('sha256:'.length) } }],
  predicateType: 'https://cyclonedx.org/bom',
  predicate: { bomFormat: 'CycloneDX' },
};

let oidc: RunningOidc;
let sigstore: RunningSigstore;
let cosign: CosignBench;

beforeAll(async () => {
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  cosign = await cosignBench({ sigstore, oidc });
});

afterEach(() => {
  oidc.heal();
  sigstore.heal();
});

afterAll(async () => {
  await cosign.remove();
  await sigstore.stop();
  await oidc.stop();
});

const signed = () => signBundle({ sigstore, oidc }, STATEMENT);
const parsed = (bundle: Uint8Array) => JSON.parse(Buffer.from(bundle).toString());

describe('the certificate', () => {
  const issue = async (): Promise<X509Certificate> => {
    const { verificationMaterial } = parsed(await signed());
    return new X509Certificate(Buffer.from(verificationMaterial.certificate.rawBytes, 'base64'));
  };

  /** Extensions of 1.3.6.1.4.1.57264.1, as https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md has them. */
  const EXTENSIONS: readonly (readonly [number, string])[] = [
    [1, 'https://token.actions.githubusercontent.com'],
    [2, 'push'],
    [3, GITHUB_CLAIMS.sha],
    [4, 'Release'],
    [5, 'Acme/Modules'],
    [6, 'refs/tags/v1.2.3'],
    [8, 'https://token.actions.githubusercontent.com'],
    [9, 'https://github.com/Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3'],
    [10, GITHUB_CLAIMS.job_workflow_sha],
    [11, 'github-hosted'],
    [12, 'https://github.com/Acme/Modules'],
    [13, GITHUB_CLAIMS.sha],
    [14, 'refs/tags/v1.2.3'],
    [15, '700100'],
    [16, 'https://github.com/Acme'],
    [17, '700200'],
    [18, 'https://github.com/Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3'],
    [19, GITHUB_CLAIMS.workflow_sha],
    [20, 'push'],
    [21, 'https://github.com/Acme/Modules/actions/runs/4242/attempts/1'],
    [22, 'public'],
  ];

  it('holds what the token claims', async () => {
    const certificate = await issue();
    expect(certificate.subjectAltName).toBe(`URI:${RELEASE_SAN}`);
    for (const [number, value] of EXTENSIONS) {
      // 1 to 6 are bare bytes, the later ones DER strings: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
      const oid = Buffer.from([0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01, number]);
      const text = Buffer.from(value);
      const inner = number < 7 ? text : Buffer.from([0x0c, text.length, ...text]);
      const extension = Buffer.from([...oid, 0x04, inner.length, ...inner]);
      expect([number, certificate.raw.includes(extension)]).toEqual([number, true]);
    }
  });

  it('is of the workflow that holds the job, wherever that is', async () => {
    const reusable = 'Acme/Shared/.github/workflows/build.yml@refs/heads/main';
    oidc.setClaims({ job_workflow_ref: reusable, repository: 'Acme/Caller' });
    const certificate = await issue();
    expect(certificate.subjectAltName).toBe(`URI:https://github.com/${reusable}`);
    expect(certificate.raw.includes('https://github.com/Acme/Caller')).toBe(true);
    oidc.setClaims(GITHUB_CLAIMS);
  });

  const WRONG: Readonly<Record<string, () => string>> = {
    'another audience': () => oidc.token('https://github.com/Acme'),
    'an expired token': () => oidc.token('sigstore', { exp: Math.floor(Date.now() / 1000) - 1 }),
    'another issuer': () => oidc.token('sigstore', { iss: 'https://issuer.example.com' }),
    'a token with another signature': () => {
      const [head, body] = oidc.token().split('.');
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const signature = sign('sha256', Buffer.from(`${head}.${body}`), privateKey).toString('base64url');
      return `${head}.${body}.${signature}`;
    },
    'no token': () => '',
  };

  it.each(Object.entries(WRONG))('is not given for %s', async (_, token) => {
    const credentials = { oidcIdentityToken: token() };
    const response = await fetch(`${sigstore.url}/api/v2/signingCert`, {
      method: 'POST',
      body: JSON.stringify({ credentials }),
    });
    expect(response.status).toBe(401);
  });

  it('is not given to one who does not hold the key', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const proof = sign('sha256', Buffer.from(GITHUB_CLAIMS.sub), other.privateKey).toString('base64');
    const content = publicKey.export({ format: 'pem', type: 'spki' });
    const response = await fetch(`${sigstore.url}/api/v2/signingCert`, {
      method: 'POST',
      body: JSON.stringify({
        credentials: { oidcIdentityToken: oidc.token() },
        publicKeyRequest: { publicKey: { algorithm: 'ECDSA', content }, proofOfPossession: proof },
      }),
    });
    expect(response.status).toBe(400);
  });
});

describe('what goes wrong on demand', () => {
  it.each(['fulcio', 'rekor', 'tsa'] as const)('%s answers 500 so many times, then well', async (service) => {
    sigstore.fail({ service, status: 500, times: 2 });
    await expect(signed()).rejects.toThrow();
    await expect(signed()).rejects.toThrow();
    await expect(signed()).resolves.toBeDefined();
  });

  it('a service is down for a time', async () => {
    sigstore.fail({ service: 'fulcio', status: 0, milliseconds: 60_000 });
    await expect(signed()).rejects.toThrow();
    sigstore.heal();
    sigstore.fail({ service: 'fulcio', status: 500, milliseconds: 0 });
    await expect(signed()).resolves.toBeDefined();
  });

  it('Rekor says 409 and has the entry', async () => {
    const before = sigstore.logSize;
    sigstore.fail({ service: 'rekor', status: 409, times: 1 });
    const bundle = await signed();
    expect(await cosign.verifyBlobAttestation(bundle, 'cyclonedx', DIGEST)).toMatchObject({ code: 0 });
    expect(sigstore.logSize).toBe(before + 1);
    expect(sigstore.requests.slice(-3)).toContainEqual(
      expect.objectContaining({ service: 'rekor', method: 'GET', status: 200 }),
    );
  });

  it('Rekor loses its answer, and finds the entry when it is sent again', async () => {
    const entry = await dsseEntry();
    sigstore.fail({ service: 'rekor', status: 0, times: 1, afterWork: true });
    await expect(post(entry)).rejects.toThrow();
    const again = await post(entry);
    expect(again.status).toBe(409);
    const found = await fetch(`${sigstore.url}${again.headers.get('location')}`);
    expect(Object.keys((await found.json()) as object)).toEqual([
      again.headers.get('location')?.split('/').pop(),
    ]);
  });

  it('Rekor takes no entry whose signature is wrong', async () => {
    const entry = await dsseEntry('{"another":"payload"}');
    expect((await post(entry)).status).toBe(400);
  });

  it('answers are slow', async () => {
    sigstore.delay('rekor', 60_000);
    const impatient = { signal: AbortSignal.timeout(50) };
    await expect(fetch(`${sigstore.url}/api/v1/log`, impatient)).rejects.toThrow('timeout');
    sigstore.heal();
    await expect(signed()).resolves.toBeDefined();
  });

  const post = (entry: unknown) =>
    fetch(`${sigstore.url}/api/v1/log/entries`, { method: 'POST', body: JSON.stringify(entry) });

  async function dsseEntry(payload = '{}'): Promise<unknown> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const type = 'application/vnd.in-toto+json';
    const sig = sign('sha256', Buffer.from(`DSSEv1 ${type.length} ${type} 2 {}`), privateKey);
    const envelope = {
      payload: Buffer.from(payload).toString('base64'),
      payloadType: type,
      signatures: [{ sig: sig.toString('base64') }],
    };
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const verifiers = [Buffer.from(pem).toString('base64')];
    const proposedContent = { envelope: JSON.stringify(envelope), verifiers };
    return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent } };
  }
});

describe('the issuer', () => {
  const ask = (token: string) =>
    fetch(`${oidc.env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sigstore`, {
      headers: { authorization: `Bearer ${token}` },
    });

  it('gives the runner a token that its key proves', async () => {
    const response = await ask(oidc.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
    const [head = '', body = '', signature = ''] = ((await response.json()) as { value: string }).value.split(
      '.',
    );
    const jwks = await (await fetch(`${oidc.url}/.well-known/jwks`)).json();
    const [jwk] = (jwks as { keys: JsonWebKey[] }).keys;
    const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
    const data = Buffer.from(`${head}.${body}`);
    expect(verify('sha256', data, key, Buffer.from(signature, 'base64url'))).toBe(true);
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    expect(claims).toMatchObject({ ...GITHUB_CLAIMS, aud: 'sigstore', iss: oidc.issuer });
    expect(oidc.requests.at(-1)).toEqual({ audience: 'sigstore', status: 200 });
  });

  it('gives none to a stranger, and fails on demand', async () => {
    expect((await ask('stranger')).status).toBe(401);
    oidc.failWith(500, 1);
    expect((await ask(oidc.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN)).status).toBe(500);
    oidc.failWith(403);
    for (let time = 0; time < 3; time += 1)
      expect((await ask(oidc.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN)).status).toBe(403);
    oidc.heal();
    expect((await ask(oidc.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN)).status).toBe(200);
  });
});
