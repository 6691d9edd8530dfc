import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import type { Digest } from '../../src/model/digest.ts';
import { GITHUB_CLAIMS, type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { testClient } from '../helpers/registry/client.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import { type CosignBench, cosignBench, RELEASE_SAN } from '../helpers/sigstore/cosign.ts';
import { signBundle } from '../helpers/sigstore/sign-bundle.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const CYCLONEDX = 'https://cyclonedx.org/bom';
const PASSWORD = { COSIGN_PASSWORD: 'pass' };
const OTHER_SAN = RELEASE_SAN.replace('Acme/Modules', 'Acme/Other');

/** A statement as this action writes them. */
function statementFor(digest: string = DIGEST, predicateType: string = CYCLONEDX): unknown {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'ghcr.io/acme/app', digest: { sha256: digest.slice('sha256:'.length) } }],
    predicateType,
    predicate: { bomFormat: 'CycloneDX' },
  };
}

let oidc: RunningOidc;
let sigstore: RunningSigstore;
let cosign: CosignBench;

beforeAll(async () => {
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  cosign = await cosignBench({ sigstore, oidc });
  for (const name of ['cosign', 'other'])
    await cosign.run(['generate-key-pair', '--output-key-prefix', name], PASSWORD);
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

const signed = (options = {}) => signBundle({ sigstore, oidc }, statementFor(), options);
const parsed = (bundle: Uint8Array) => JSON.parse(Buffer.from(bundle).toString());
const bytes = (bundle: unknown): Uint8Array => Buffer.from(JSON.stringify(bundle));

const REGISTRIES = {
  'the embedded registry': () => startRegistry(),
  'the embedded registry without referrers API': () => startRegistry({ referrers: false }),
  distribution: () => startDistribution(),
} as const;

describe.each(Object.entries(REGISTRIES))('cosign, keyless against the stand-in, on %s', (_, start) => {
  let registry: Awaited<ReturnType<typeof start>>;
  let stage: Stage;

  beforeAll(async () => {
    registry = await start();
    stage = await createStage();
  });

  afterAll(async () => {
    await registry.stop();
    await stage.remove();
  });

  /** A new image in the registry: `host/name@sha256:…`. */
  async function pushImage(path: string): Promise<string> {
    const client = testClient();
    const repository = { registry: registry.host, path };
    const manifest = await stage.image();
    const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString());
    for (const blob of [config, ...layers]) await client.pushBlob(repository, blob, stage.path(blob), []);
    const digest: Digest = manifest.descriptor.digest;
    await client.putManifest({ repository, digest }, manifest);
    return `${registry.host}/${path}@${digest}`;
  }

  it.each([
    ['log entry and timestamp', {}, []],
    ['log entry alone', { tsa: false }, []],
    ['timestamp alone', { rekor: false }, ['--insecure-ignore-tlog', '--use-signed-timestamps']],
  ])('signs and verifies by digest: %s', async (name, services, flags) => {
    const ref = await pushImage(`sign/${name.replaceAll(' ', '-')}`);
    expect(await cosign.sign(ref, services)).toMatchObject({ code: 0 });
    expect(await cosign.verify(ref, ...flags)).toMatchObject({ code: 0 });
    const stranger = await cosign.verify(ref, ...flags, ...cosign.identity(OTHER_SAN));
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toContain('no matching CertificateIdentity');
  });

  it('finds no signature on the sibling of a signed image', async () => {
    const ref = await pushImage('sibling/app');
    const sibling = await pushImage('sibling/app');
    expect(await cosign.sign(ref)).toMatchObject({ code: 0 });
    expect(await cosign.verify(sibling)).toMatchObject({ code: 10 });
  });

  it('attests and finds each predicate by its type', async () => {
    const ref = await pushImage('attest/app');
    expect(await cosign.attest(ref, 'cyclonedx', { bomFormat: 'CycloneDX' })).toMatchObject({ code: 0 });
    expect(await cosign.attest(ref, 'spdxjson', { spdxVersion: 'SPDX-2.3' })).toMatchObject({ code: 0 });
    const { stdout } = await cosign.verifyAttestation(ref, 'cyclonedx');
    const [envelope = '', ...others] = stdout.trim().split('\n');
    expect(others).toEqual([]);
    const statement = JSON.parse(Buffer.from(JSON.parse(envelope).payload, 'base64').toString());
    expect(statement.predicateType).toBe(CYCLONEDX);
    expect(await cosign.verifyAttestation(ref, 'spdxjson')).toMatchObject({ code: 0 });
    expect(await cosign.verifyAttestation(ref, 'vuln')).toMatchObject({ code: 1 });
  });

  /** An image signed by one of the keys; without a service in the signing config there is no log entry. */
  async function signedByKey(name: string, config: string): Promise<string> {
    const ref = await pushImage(`keyed/${name}`);
    await writeFile(join(cosign.folder, 'config.json'), config);
    const how = ['--signing-config', 'config.json', '--trusted-root', 'root.json', '--allow-http-registry'];
    const run = await cosign.run(['sign', '-y', '--key', `${name}.key`, ...how, ref], PASSWORD);
    expect(run).toMatchObject({ code: 0 });
    return ref;
  }

  const NO_SERVICE = JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' });

  it('signs by key with a log entry', async () => {
    const ref = await signedByKey('cosign', sigstore.signingConfig());
    expect(await cosign.verify(ref, '--key', 'cosign.pub')).toMatchObject({ code: 0 });
  });

  it('signs by key alone', async () => {
    const ref = await signedByKey('cosign', NO_SERVICE);
    const verified = await cosign.verify(ref, '--key', 'cosign.pub', '--insecure-ignore-tlog');
    expect(verified).toMatchObject({ code: 0 });
    expect(await cosign.verify(ref, '--key', 'cosign.pub')).toMatchObject({ code: 1 });
  });

  it('refuses what another key signed', async () => {
    const ref = await signedByKey('other', NO_SERVICE);
    const stranger = await cosign.verify(ref, '--key', 'cosign.pub', '--insecure-ignore-tlog');
    expect(stranger).toMatchObject({ code: 1 });
  });
});

describe('a bundle of @sigstore/sign, judged by cosign verify-blob-attestation', () => {
  const judge = (bundle: Uint8Array, ...flags: readonly string[]) =>
    cosign.verifyBlobAttestation(bundle, 'cyclonedx', DIGEST, ...flags);

  it.each([
    ['log entry and timestamp', {}, []],
    ['log entry alone', { tsa: false }, []],
    ['an entry of the intoto kind', { entryType: 'intoto' }, []],
    ['both, timestamp asked for', {}, ['--use-signed-timestamps']],
    ['timestamp alone', { rekor: false }, ['--insecure-ignore-tlog', '--use-signed-timestamps']],
  ])('accepted: %s', async (_, options, flags) => {
    expect(await judge(await signed(options), ...flags)).toMatchObject({ code: 0 });
  });

  it('is found in a log of any size', async () => {
    for (let entry = 0; entry < 9; entry += 1) expect(await judge(await signed())).toMatchObject({ code: 0 });
    expect(parsed(await signed()).verificationMaterial.tlogEntries[0].inclusionProof.hashes).not.toEqual([]);
  });

  type Bend = (bundle: ReturnType<typeof parsed>) => void;
  const BENT: Readonly<Record<string, Bend>> = {
    'another payload': ({ dsseEnvelope }) => {
      const other = { ...(statementFor() as object), predicate: {} };
      dsseEnvelope.payload = Buffer.from(JSON.stringify(other)).toString('base64');
    },
    'no log entry': ({ verificationMaterial }) => {
      delete verificationMaterial.tlogEntries;
    },
    'a bent inclusion proof': ({ verificationMaterial }) => {
      const { inclusionProof } = verificationMaterial.tlogEntries[0];
      inclusionProof.hashes[0] = createHash('sha256').digest('base64');
    },
    'a bent promise': ({ verificationMaterial }) => {
      const [entry] = verificationMaterial.tlogEntries;
      entry.integratedTime = String(Number(entry.integratedTime) + 1);
    },
  };

  it.each(Object.entries(BENT))('refused: %s', async (_, bend) => {
    const bundle = parsed(await signed());
    expect(await judge(bytes(bundle))).toMatchObject({ code: 0 });
    bend(bundle);
    expect(await judge(bytes(bundle))).toMatchObject({ code: 1 });
  });

  it('refused: another identity, another subject, another predicate', async () => {
    const bundle = await signed();
    expect(await judge(bundle, ...cosign.identity(OTHER_SAN))).toMatchObject({ code: 1 });
    const sibling = `sha256:${'cd'.repeat(32)}`;
    expect(await cosign.verifyBlobAttestation(bundle, 'cyclonedx', sibling)).toMatchObject({ code: 1 });
    expect(await cosign.verifyBlobAttestation(bundle, 'vuln', DIGEST)).toMatchObject({ code: 1 });
  });

  it('refused: another trust root', async () => {
    const other = await startSigstore({ issuer: oidc.url });
    const judgeOfOther = await cosignBench({ sigstore: other, oidc });
    const bundle = await signed();
    expect(await judgeOfOther.verifyBlobAttestation(bundle, 'cyclonedx', DIGEST)).toMatchObject({ code: 1 });
    await judgeOfOther.remove();
    await other.stop();
  });

  it('refused: a certificate that had expired when it was used', async () => {
    sigstore.setFulcioClock(-3 * 3_600_000);
    const bundle = await signed();
    const { code, stderr } = await judge(bundle);
    expect(code).toBe(1);
    expect(stderr).toContain('certificate');
    sigstore.heal();
    expect(await judge(await signed())).toMatchObject({ code: 0 });
  });
});

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
    sigstore.delay('tsa', 300);
    const started = performance.now();
    await signed();
    expect(performance.now() - started).toBeGreaterThan(250);
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
