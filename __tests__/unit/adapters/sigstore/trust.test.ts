import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { githubTufRoot } from '../../../../src/adapters/sigstore/github-tuf-root.ts';
import { PUBLIC_GOOD_ROOT } from '../../../../src/adapters/sigstore/public-good-root.ts';
import { readTrust } from '../../../../src/adapters/sigstore/trust.ts';
import { createBundleMaker } from '../../../helpers/bundle-maker.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';

type Answers = Map<string, string>;

let server: Server;
let answers: Answers;
let asked: string[];
let failures: number;
let cacheFolder: string;
let url: string;

beforeEach(async () => {
  answers = new Map();
  asked = [];
  failures = 0;
  cacheFolder = await mkdtemp(join(tmpdir(), 'tuf-'));
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const text = answers.get(request.url ?? '');
    failures -= 1;
    if (failures >= 0) return void response.writeHead(503).end();
    return void response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  await rm(cacheFolder, { recursive: true, force: true });
});

/** A TUF repository with one key for everything and one target. https://theupdateframework.github.io/specification/latest/ */
function publish(target: string): string {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const hex = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } };
  const keyid = createHash('sha256').update(canonical(key)).digest('hex');
  const expires = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
  const common = { spec_version: '1.0.31', version: 1, expires };
  const signed = (body: object): string => {
    const whole = { ...common, ...body };
    const sig = sign(null, Buffer.from(canonical(whole)), privateKey).toString('hex');
    return JSON.stringify({ signatures: [{ keyid, sig }], signed: whole });
  };
  const role = { keyids: [keyid], threshold: 1 };
  const roles = { root: role, timestamp: role, snapshot: role, targets: role };
  const root = signed({ _type: 'root', consistent_snapshot: true, keys: { [keyid]: key }, roles });
  const sha256 = createHash('sha256').update(target).digest('hex');
  const length = Buffer.byteLength(target);
  answers.set(
    '/1.targets.json',
    signed({ _type: 'targets', targets: { 'trusted_root.json': { length, hashes: { sha256 } } } }),
  );
  answers.set('/1.snapshot.json', signed({ _type: 'snapshot', meta: { 'targets.json': { version: 1 } } }));
  answers.set('/timestamp.json', signed({ _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } }));
  answers.set(`/targets/${sha256}.trusted_root.json`, target);
  return root;
}

function canonical(value: unknown): string {
  // Canonical JSON has line ends as they are.
  if (typeof value !== 'object' || value === null) return JSON.stringify(value).replaceAll('\\n', '\n');
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}

describe('a root fetched by TUF', () => {
  const waits: number[] = [];
  const clock = { sleep: async (milliseconds: number) => void waits.push(milliseconds) };
  const trust = (root: string, instance: 'public-good' | 'github' = 'public-good') =>
    readTrust(
      { kind: 'keyless', instance },
      { cacheFolder, clock, log: fakeLog(), mirror: { url, root }, delays: [10, 20] },
    );

  it('is that of the repository, and demands what its instance promises', async () => {
    const root = publish((await createBundleMaker()).trustedRoot());
    const { material, thresholds, kind } = await trust(root);
    expect(kind).toBe('keyless');
    expect(material.certificateAuthorities).toHaveLength(1);
    expect(thresholds).toEqual({ tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 });
    expect((await trust(root, 'github')).thresholds).toEqual({
      tlogThreshold: 0,
      ctlogThreshold: 0,
      timestampThreshold: 1,
    });
  });

  it('in a hurry is asked for once, and then the one that ships with us does', async () => {
    const root = publish((await createBundleMaker()).trustedRoot());
    const hasty = (instance: 'public-good' | 'github') =>
      readTrust(
        { kind: 'keyless', instance, hasty: true },
        { cacheFolder, clock, log: fakeLog(), mirror: { url, root }, delays: [10, 20] },
      );
    expect((await hasty('public-good')).material.certificateAuthorities).toHaveLength(1);
    await rm(cacheFolder, { recursive: true, force: true });
    waits.length = 0;
    failures = 1000;
    const shipped = await hasty('public-good');
    // Those of the public-good instance: two generations of its authority.
    expect(shipped.material.certificateAuthorities.length).toBeGreaterThan(1);
    await expect(hasty('github')).rejects.toMatchObject({ code: 'SIGSTORE_UNAVAILABLE' });
    expect(waits).toEqual([]);
  });

  it('that ships with us is the one of @sigstore/tuf', () => {
    const require = createRequire(import.meta.url);
    const seeds = JSON.parse(readFileSync(require.resolve('@sigstore/tuf/seeds.json'), 'utf8'));
    const { targets } = seeds['https://tuf-repo-cdn.sigstore.dev'];
    const carried = Buffer.from(targets['trusted_root.json'], 'base64').toString();
    expect(JSON.parse(PUBLIC_GOOD_ROOT)).toEqual(JSON.parse(carried));
  });

  it('is kept: the next run fetches no target again', async () => {
    const root = publish((await createBundleMaker()).trustedRoot());
    await trust(root);
    asked.length = 0;
    await trust(root);
    expect(asked.filter((path) => path.startsWith('/targets/'))).toEqual([]);
  });

  it('signed by others is refused', async () => {
    publish((await createBundleMaker()).trustedRoot());
    await expect(trust(githubTufRoot())).rejects.toMatchObject({ code: 'SIGSTORE_UNAVAILABLE' });
  });

  it('that is not there in spite of all attempts: SIGSTORE_UNAVAILABLE', async () => {
    waits.length = 0;
    await expect(trust(githubTufRoot(), 'github')).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      message: `the trusted root at ${url} cannot be fetched`,
      hint: expect.stringContaining('sigstore-trusted-root'),
    });
    expect(waits).toEqual([10, 20]);
  });
});

describe('a root that is given', () => {
  it.each([
    [[], { tlogThreshold: 1, ctlogThreshold: 1 }],
    [['tlogs'], { tlogThreshold: 0, ctlogThreshold: 1 }],
    [['tlogs', 'ctlogs'], { tlogThreshold: 0, ctlogThreshold: 0 }],
  ] as const)('without %j demands %j', async (without, expected) => {
    const trustedRoot = (await createBundleMaker()).trustedRoot(without);
    const options = { cacheFolder, clock: { sleep: async () => undefined } };
    const { thresholds } = await readTrust({ kind: 'keyless', instance: 'private', trustedRoot }, options);
    expect(thresholds).toEqual({ ...expected, timestampThreshold: 1 });
    expect(asked).toEqual([]);
  });
});

it("GitHub's root is signed by enough of its own keys", async () => {
  const { signatures, signed } = JSON.parse(githubTufRoot());
  const { createPublicKey, verify } = await import('node:crypto');
  const good = signatures.filter(({ keyid, sig }: { keyid: string; sig: string }) => {
    if (!signed.roles.root.keyids.includes(keyid)) return false;
    const key = createPublicKey(signed.keys[keyid].keyval.public);
    return verify('sha256', Buffer.from(canonical(signed)), key, Buffer.from(sig, 'hex'));
  });
  expect(good.length).toBeGreaterThanOrEqual(signed.roles.root.threshold);
});
