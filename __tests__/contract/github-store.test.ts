import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type RunningStore,
  type StoreOptions,
  startGitHubStore,
} from '../helpers/github-store/github-store.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

function bundleFor(predicateType = 'https://slsa.dev/provenance/v1', digest = DIGEST) {
  const statement = { subject: [{ digest: { sha256: digest.slice(7) } }], predicateType };
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { certificate: { rawBytes: 'AAAA' } },
    dsseEnvelope: { payload: Buffer.from(JSON.stringify(statement)).toString('base64'), signatures: [] },
  };
}

let store: RunningStore;
afterEach(() => store.stop());

async function start(options: StoreOptions = {}): Promise<void> {
  store = await startGitHubStore(options);
}

// biome-ignore lint/suspicious/noExplicitAny: answers of GitHub's API.
type Answer = { readonly status: number; readonly body: any; readonly link: string | null };

async function call(path: string, body?: unknown, token: string | undefined = store.token): Promise<Answer> {
  const response = await fetch(path.startsWith('http') ? path : `${store.url}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: await response.json(), link: response.headers.get('link') };
}

const POST = '/repos/Acme/Modules/attestations';
const GET = `/repos/acme/modules/attestations/${DIGEST}`;

describe("the stand-in of GitHub's attestation store", () => {
  it('stores a bundle, gives its id and lists it by each of its subjects', async () => {
    await start({ inline: true });
    const { status, body } = await call(POST, { bundle: bundleFor() });
    expect([status, body]).toEqual([201, { id: expect.any(Number) }]);
    const listed = await call(GET);
    expect(listed.body.attestations).toEqual([
      expect.objectContaining({ bundle: bundleFor(), repository_id: 700100 }),
    ]);
    expect(store.stored('acme/modules')).toHaveLength(1);
    expect((await call(`/repos/Acme/Modules/attestations/sha256:${'cd'.repeat(32)}`)).status).toBe(404);
  });

  it('gives bundles by reference, compressed, and to nobody who sends a token there', async () => {
    await start();
    await call(POST, { bundle: bundleFor() });
    const [{ bundle, bundle_url }] = (await call(GET)).body.attestations;
    expect(bundle).toBeNull();
    expect((await call(bundle_url)).status).toBe(403);
    const response = await fetch(bundle_url);
    expect(response.headers.get('content-type')).toBe('application/x-snappy');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(JSON.parse(uncompress(bytes).toString())).toEqual(bundleFor());
    expect(bytes.length).toBeLessThan(JSON.stringify(bundleFor()).length);
  });

  it('pages, newest first, and filters by predicate type', async () => {
    await start({ inline: true, pageSize: 2 });
    const types = ['a', 'b', 'a', 'c', 'a'];
    for (const type of types) await call(POST, { bundle: bundleFor(type) });
    const pages: number[] = [];
    for (let path: string | undefined = `${GET}?per_page=100`; path !== undefined; ) {
      const page = await call(path);
      pages.push(page.body.attestations.length);
      path = /<([^>]+)>; rel="next"/.exec(page.link ?? '')?.[1];
    }
    expect(pages).toEqual([2, 2, 1]);
    expect((await call(`${GET}?predicate_type=b`)).body.attestations).toHaveLength(1);
  });

  it.each<readonly [string, StoreOptions, number, string]>([
    ['no permission', { permission: 'none' }, 403, 'Resource not accessible by integration'],
    ['read permission', { permission: 'read' }, 403, 'Resource not accessible by integration'],
    [
      'a private repository without the plan',
      { repositories: { 'Acme/Modules': { id: 1, available: false } } },
      422,
      'Feature not available',
    ],
    ['an unknown repository', { repositories: {} }, 404, 'Not Found'],
    ['a body over the limit', { bodyLimit: 100 }, 422, 'too large'],
  ])('refuses: %s', async (_, options, status, message) => {
    await start(options);
    const answer = await call(POST, { bundle: bundleFor() });
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(message)]);
  });

  it('refuses strangers and what is no bundle', async () => {
    await start();
    expect((await call(POST, { bundle: bundleFor() }, 'stranger')).status).toBe(401);
    expect((await call(POST, { bundle: { ...bundleFor(), mediaType: 'text/plain' } })).status).toBe(422);
    expect((await call(POST, { bundle: { ...bundleFor(), dsseEnvelope: { payload: 'e30=' } } })).status).toBe(
      422,
    );
    expect((await call(POST, {})).status).toBe(422);
    expect(store.stored('Acme/Modules')).toEqual([]);
  });

  it('fails on demand', async () => {
    await start();
    store.faults.add({
      when: { method: 'POST' },
      times: 2,
      effect: { do: 'answer', status: 500, body: '{}' },
    });
    expect((await call(POST, { bundle: bundleFor() })).status).toBe(500);
    expect((await call(POST, { bundle: bundleFor() })).status).toBe(500);
    expect((await call(POST, { bundle: bundleFor() })).status).toBe(201);
    expect(store.requests.map(({ status }) => status)).toEqual([500, 500, 201]);
  });
});

/** The two elements that the stand-in's compressor writes. https://github.com/google/snappy/blob/main/format_description.txt */
function uncompress(bytes: Buffer): Buffer {
  const out: number[] = [];
  let at = 0;
  while ((bytes[at] ?? 0) >= 0x80) at += 1;
  at += 1;
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at);
    const word = bytes.readUInt16LE(at + 1);
    at += 3;
    if ((tag & 3) === 0) {
      out.push(...bytes.subarray(at, at + word + 1));
      at += word + 1;
    } else for (let left = (tag >> 2) + 1; left > 0; left -= 1) out.push(out[out.length - word] ?? 0);
  }
  return Buffer.from(out);
}
