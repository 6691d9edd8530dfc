import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../src/adapters/http/http.ts';
import { createOidc } from '../../src/adapters/oidc/oidc.ts';
import { createSigstore } from '../../src/adapters/sigstore/sigstore.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Http } from '../../src/ports/http.ts';
import type { Signer, SigningSpec } from '../../src/ports/sigstore.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { quickClock } from '../helpers/quick-clock.ts';
import { type CosignBench, cosignBench, RELEASE_SAN } from '../helpers/sigstore/cosign.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';

/** Bundles made by our adapter against the stand-in, judged by the real cosign. */

const TYPE = 'application/vnd.in-toto+json';
const PREDICATE = 'https://example.com/predicate';
const SHA256 = 'ab'.repeat(32);

let oidc: RunningOidc;
let sigstore: RunningSigstore;
let cosign: CosignBench;

beforeAll(async () => {
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  cosign = await cosignBench({ sigstore, oidc });
});
afterEach(() => {
  sigstore.heal();
  oidc.heal();
});
afterAll(async () => {
  await Promise.all([cosign.remove(), sigstore.stop(), oidc.stop()]);
});

type Services = Parameters<RunningSigstore['signingConfig']>[0];

const atStandIn = (services: Services = {}) =>
  ({ instance: 'private', signingConfig: sigstore.signingConfig(services) }) as const;

function signerOf(spec: SigningSpec, clock: Clock = quickClock()): Promise<Signer> {
  const log = fakeLog();
  const http = createHttp({ clock, log, env: {} });
  const own = createOidc({ env: oidc.env, clock, http, log });
  return createSigstore({ clock, log, http, oidc: own, tufCache: cosign.folder }).signer(spec);
}

const keyless = (services?: Services, clock?: Clock) =>
  signerOf({ kind: 'keyless', ...atStandIn(services) }, clock);

function statement(name = 'ghcr.io/acme/app'): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name, digest: { sha256: SHA256 } }],
      predicateType: PREDICATE,
      predicate: { name },
    }),
  );
}

const sign = (signer: Signer, name?: string) => signer.sign(statement(name), TYPE);

/** Green, or what the real cosign complains of. */
async function judged(bundle: Uint8Array, ...flags: readonly string[]): Promise<string> {
  const { code, stderr } = await cosign.verifyBlobAttestation(bundle, PREDICATE, SHA256, ...flags);
  return code === 0 ? 'green' : stderr;
}

function materialOf(bundle: Uint8Array) {
  return JSON.parse(Buffer.from(bundle).toString()).verificationMaterial;
}

const slept = ({ pauses }: { readonly pauses: readonly number[] }) => pauses.reduce((sum, ms) => sum + ms, 0);

describe('keyless', () => {
  it.each([
    ['log and timestamp', { rekor: true, tsa: true }, []],
    ['a log alone', { rekor: true, tsa: false }, []],
    ['a log of tiles (Rekor v2) and timestamp', { rekor: 'v2', tsa: true }, ['--use-signed-timestamps']],
    [
      'a timestamp alone, as GitHub has it',
      { rekor: false, tsa: true },
      ['--use-signed-timestamps', '--insecure-ignore-tlog'],
    ],
  ] as const)('cosign accepts a bundle with %s', async (_, services, flags) => {
    const { bundle, logIndex } = await sign(await keyless(services));
    expect(await judged(bundle, ...flags)).toBe('green');
    const { certificate, tlogEntries, timestampVerificationData } = materialOf(bundle);
    expect(certificate.rawBytes).toMatch(/^MII/);
    expect(tlogEntries?.[0]?.logIndex).toBe(logIndex);
    expect(logIndex !== undefined).toBe(services.rekor !== false);
    expect(timestampVerificationData !== undefined).toBe(services.tsa);
  });

  it('cosign refuses it for another signer and under another root', async () => {
    const { bundle } = await sign(await keyless());
    const other = RELEASE_SAN.replace('release.yml', 'other.yml');
    expect(await judged(bundle, ...cosign.identity(other))).toContain('expected SAN value');
    const stranger = await startSigstore({ issuer: oidc.url });
    await writeFile(join(cosign.folder, 'other.json'), stranger.trustedRoot);
    await stranger.stop();
    expect(await judged(bundle, ...cosign.identity(), '--trusted-root', 'other.json')).toContain(
      'not enough verified log entries',
    );
  });

  it('50 statements at once take one token and one certificate', async () => {
    const [before, tokens] = [sigstore.counts().fulcio, oidc.requests.length];
    const signer = await keyless();
    const names = Array.from({ length: 50 }, (_, index) => `ghcr.io/acme/app-${index}`);
    const signed = await Promise.all(names.map((name) => sign(signer, name)));
    expect(sigstore.counts().fulcio - before).toBe(1);
    expect(oidc.requests.length - tokens).toBe(1);
    const certificates = signed.map(({ bundle }) => materialOf(bundle).certificate.rawBytes);
    expect(new Set(certificates).size).toBe(1);
    expect(new Set(signed.map(({ logIndex }) => logIndex)).size).toBe(50);
    for (const { bundle } of [...signed.slice(0, 2), ...signed.slice(-2)])
      expect(await judged(bundle)).toBe('green');
  });
});

describe('the instances that everybody can use', () => {
  /** All hosts lead to the stand-in; who was asked is told. */
  async function askedBy(spec: SigningSpec) {
    const hosts = new Set<string>();
    const [clock, log] = [quickClock(), fakeLog()];
    const real = createHttp({ clock, log, env: {} });
    const http: Http = {
      exchange: (make, options) =>
        real.exchange(async () => {
          const request = await make();
          hosts.add(request.url.origin);
          return { ...request, url: new URL(request.url.pathname, sigstore.url) };
        }, options),
    };
    const own = createOidc({ env: oidc.env, clock: quickClock(), http: real, log });
    const adapter = createSigstore({ clock, log, http, oidc: own, tufCache: cosign.folder });
    const { bundle } = await sign(await adapter.signer(spec));
    return { hosts: [...hosts].sort(), bundle };
  }

  it('public-good: certificate and public log', async () => {
    const { hosts, bundle } = await askedBy({ kind: 'keyless', instance: 'public-good' });
    expect(hosts).toEqual(['https://fulcio.sigstore.dev', 'https://rekor.sigstore.dev']);
    expect(await judged(bundle)).toBe('green');
  });

  it('github: nothing gets into a public log', async () => {
    const { hosts, bundle } = await askedBy({ kind: 'keyless', instance: 'github' });
    expect(hosts).toEqual(['https://fulcio.githubapp.com', 'https://timestamp.githubapp.com']);
    expect(await judged(bundle, '--use-signed-timestamps', '--insecure-ignore-tlog')).toBe('green');
  });

  it('by key and public-good: the public log alone', async () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { hosts } = await askedBy({ kind: 'key', key, password: '', instance: 'public-good' });
    expect(hosts).toEqual(['https://rekor.sigstore.dev']);
  });
});

describe('signing configs that cannot prove the time or the signer', () => {
  it.each([
    ['no Fulcio', { caUrls: [] }, 1, '`caUrls` names no Fulcio'],
    ['neither log nor timestamps', { rekorTlogUrls: [], tsaUrls: [] }, 1, 'nobody tells the time of signing'],
    ['a log without time alone', { tsaUrls: [] }, 2, 'nobody tells the time of signing'],
  ])('%s', async (_, change, version, words) => {
    const config = { ...JSON.parse(sigstore.signingConfig()), ...change };
    for (const log of config.rekorTlogUrls) log.majorApiVersion = version;
    const spec = { kind: 'keyless', instance: 'private', signingConfig: JSON.stringify(config) } as const;
    await expect(signerOf(spec)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(words),
    });
  });
});

describe('a signing config beside a trusted root', () => {
  type Change = Readonly<Record<string, unknown>>;
  const made = (config: Change, root: Change, version = 1): Promise<Signer> => {
    const services = { ...JSON.parse(sigstore.signingConfig()), ...config };
    for (const log of services.rekorTlogUrls) log.majorApiVersion = version;
    const trusted = { ...JSON.parse(sigstore.trustedRoot), ...root };
    return signerOf({
      kind: 'keyless',
      instance: 'private',
      signingConfig: JSON.stringify(services),
      trustedRoot: JSON.stringify(trusted),
    });
  };
  const noLog = { rekorTlogUrls: [] };

  it.each<[string, Change, Change, number, string]>([
    ['that names a log, without one', noLog, {}, 1, '`sigstore-trusted-root` names one'],
    [
      'that knows no timestamps, with a log without time',
      {},
      { timestampAuthorities: [] },
      2,
      'nobody whose time',
    ],
    [
      'that knows no timestamps, with nothing else',
      noLog,
      { tlogs: [], timestampAuthorities: [] },
      1,
      'nobody whose time',
    ],
    ['that knows no log, with a log alone', { tsaUrls: [] }, { tlogs: [] }, 1, 'nobody whose time'],
  ])('%s, is refused before anything is signed', async (_, config, root, version, words) => {
    const before = sigstore.requests.length;
    await expect(made(config, root, version)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(words),
      hint: expect.stringMatching(/log|authority/),
    });
    expect(sigstore.requests.length).toBe(before);
  });

  it.each<[string, Change, Change, number]>([
    ['that fits', {}, {}, 1],
    ['that has no log either', noLog, { tlogs: [] }, 1],
    ['that knows the log alone, which tells the time', {}, { timestampAuthorities: [] }, 1],
    ['that fits, with a log that tells no time', {}, {}, 2],
  ])('%s, is taken', async (_, config, root, version) => {
    expect(await made(config, root, version)).toMatchObject({ sign: expect.any(Function) });
  });

  it('that is none is refused at once', async () => {
    await expect(made({}, { certificateAuthorities: [] })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('services in trouble', () => {
  it('Fulcio answers 500 for about a minute', async () => {
    const clock = quickClock();
    sigstore.fail({ service: 'fulcio', status: 500, times: 7 });
    const { bundle } = await sign(await keyless({}, clock));
    expect(await judged(bundle)).toBe('green');
    expect(clock.pauses).toHaveLength(7);
    expect(slept(clock)).toBeGreaterThan(40_000);
  });

  it.each(['fulcio', 'rekor', 'tsa'] as const)('%s is given the time that it asks for', async (service) => {
    const clock = quickClock();
    sigstore.fail({ service, status: 429, times: 1, headers: { 'retry-after': '40' } });
    await sign(await keyless({}, clock));
    expect(clock.pauses[0]).toBeGreaterThanOrEqual(40_000);
  });

  it('an answer of the log that is lost after the work ends with the entry that is there', async () => {
    const before = sigstore.logSize;
    sigstore.fail({ service: 'rekor', status: 0, times: 1, afterWork: true });
    const { bundle } = await sign(await keyless());
    expect(await judged(bundle)).toBe('green');
    expect(sigstore.logSize - before).toBe(1);
  });

  it('409 of the log is an entry', async () => {
    sigstore.fail({ service: 'rekor', status: 409, times: 1 });
    const { bundle } = await sign(await keyless());
    expect(await judged(bundle)).toBe('green');
  });

  it.each([
    ['tsa', 'The timestamp authority', '/api/v1/timestamp'],
    ['rekor', 'The transparency log', '/api/v1/log/entries'],
    ['fulcio', 'Fulcio', '/api/v2/signingCert'],
  ] as const)('%s stays down', async (service, name, path) => {
    const clock = quickClock();
    const signer = await keyless({}, clock);
    sigstore.fail({ service, status: 503 });
    const words = expect.stringMatching(
      new RegExp(`^${name} did not do its work after \\d+ attempts: ${sigstore.url}${path}: status 503`),
    );
    await expect(sign(signer)).rejects.toMatchObject({ code: 'SIGSTORE_UNAVAILABLE', message: words });
    expect(slept(clock)).toBeGreaterThan(240_000);
    sigstore.heal();
    expect(await judged((await sign(signer)).bundle)).toBe('green');
  });

  it('a certificate that runs out while the log is down is replaced', async () => {
    const clock = quickClock();
    const signer = await keyless({}, clock);
    const before = sigstore.counts().fulcio;
    const first = await sign(signer);
    await clock.sleep(8 * 60_000);
    sigstore.fail({ service: 'rekor', status: 503, times: 8 });
    const second = await sign(signer);
    expect(sigstore.counts().fulcio - before).toBe(2);
    expect(materialOf(second.bundle).certificate).not.toEqual(materialOf(first.bundle).certificate);
    expect(await judged(second.bundle)).toBe('green');
  });
});

describe('by key', () => {
  const PEM = { type: 'pkcs8', format: 'pem' } as const;
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey.export(PEM);
  const KEYS = [
    ['ECDSA P-256', ec('P-256')],
    ['ECDSA P-384', ec('P-384')],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey.export(PEM)],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(PEM)],
  ] as const;
  const byKey = (key: string | Buffer) => ({ kind: 'key', key: String(key), password: '' }) as const;

  /** As a user with nothing but the public key. */
  async function judgedByKey(
    bundle: Uint8Array,
    signer: Signer,
    ...flags: readonly string[]
  ): Promise<string> {
    await writeFile(join(cosign.folder, 'mine.pub'), signer.publicKey ?? '');
    await writeFile(join(cosign.folder, 'bundle.json'), bundle);
    const subject = ['--type', PREDICATE, '--digest', SHA256, '--digestAlg', 'sha256'];
    const args = ['--key', 'mine.pub', '--bundle', 'bundle.json', ...subject, ...flags];
    const { code, stderr } = await cosign.run(['verify-blob-attestation', ...args]);
    return code === 0 ? 'green' : stderr;
  }

  it.each(KEYS)('cosign accepts %s without a log, which asks nobody', async (_, key) => {
    const before = sigstore.requests.length;
    const signer = await signerOf(byKey(key));
    const { bundle, logIndex } = await sign(signer);
    expect(await judgedByKey(bundle, signer, '--insecure-ignore-tlog')).toBe('green');
    expect(logIndex).toBeUndefined();
    expect(sigstore.requests.length).toBe(before);
  });

  it.each(KEYS)('cosign accepts %s with a log', async (_, key) => {
    const signer = await signerOf({ ...byKey(key), ...atStandIn() });
    const { bundle } = await sign(signer);
    expect(await judgedByKey(bundle, signer, '--trusted-root', 'root.json')).toBe('green');
  });

  it.each([KEYS[0], KEYS[3]])(
    'cosign accepts %s with a log of tiles (Rekor v2) and timestamp',
    async (_, key) => {
      const signer = await signerOf({ ...byKey(key), ...atStandIn({ rekor: 'v2' }) });
      const { bundle } = await sign(signer);
      const flags = ['--trusted-root', 'root.json', '--use-signed-timestamps'];
      expect(await judgedByKey(bundle, signer, ...flags)).toBe('green');
    },
  );

  it.each([KEYS[1], KEYS[2]])('a log of tiles (Rekor v2) is not asked to take %s', async (_, key) => {
    await expect(signerOf({ ...byKey(key), ...atStandIn({ rekor: 'v2' }) })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  it('cosign does not find a log entry where there is none', async () => {
    const signer = await signerOf(byKey(KEYS[0][1]));
    const { bundle } = await sign(signer);
    expect(await judgedByKey(bundle, signer, '--trusted-root', 'root.json')).toContain(
      'not enough verified log entries',
    );
  });

  it('a key that signs alike each time finds its entry in the log', async () => {
    const signer = await signerOf({ ...byKey(KEYS[2][1]), ...atStandIn({ tsa: false }) });
    const [first, again] = [await sign(signer), await sign(signer)];
    expect(again.logIndex).toBe(first.logIndex);
    expect(await judgedByKey(again.bundle, signer, '--trusted-root', 'root.json')).toBe('green');
  });

  it("opens cosign's own keys with their password alone", async () => {
    await cosign.run(['generate-key-pair'], { COSIGN_PASSWORD: 'correct horse' });
    const key = await readFile(join(cosign.folder, 'cosign.key'), 'utf8');
    const signer = await signerOf({ kind: 'key', key, password: 'correct horse' });
    expect(signer.publicKey).toBe(await readFile(join(cosign.folder, 'cosign.pub'), 'utf8'));
    const { bundle } = await sign(signer);
    expect(await judgedByKey(bundle, signer, '--insecure-ignore-tlog')).toBe('green');
    await expect(signerOf({ kind: 'key', key, password: 'wrong' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'input `cosign-key`: `cosign-password` does not open it',
    });
  });
});
