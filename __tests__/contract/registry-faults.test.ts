import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { READ_BACK, RETRY } from '../../src/adapters/registry/retry.ts';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { digestOf } from '../../src/model/digest.ts';
import { decodeManifest, type Encoded } from '../../src/model/manifest.ts';
import type { Repository } from '../../src/model/reference.ts';
import { type TestClient, testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import { TokenService } from '../helpers/registry/token-service.ts';

const users = { robot: 'robot-password' };
const SESSION = /\/blobs\/uploads\/[^/?]+\?/;
const BLOB = /\/blobs\/sha256/;
const MANIFEST = /\/manifests\//;

let stage: Stage;
let folder: string;
let tokens: TokenService;
let registry: RunningRegistry;
let repository: Repository;
let client: TestClient;

beforeEach(async () => {
  stage = await createStage();
  folder = await mkdtemp(join(tmpdir(), 'pulled-'));
  tokens = new TokenService({ users });
  registry = await startRegistry({ auth: { kind: 'token', tokens } });
  repository = { registry: registry.host, path: 'acme/app' };
  client = newClient();
});

afterEach(async () => {
  expect(registry.faults.pending).toEqual([]);
  await registry.stop();
  await stage.remove();
  await rm(folder, { recursive: true, force: true });
});

function newClient(options: Parameters<typeof testClient>[0] = {}): TestClient {
  return testClient({
    credentials: [{ registry: registry.host, username: 'robot', password: users.robot }],
    ...options,
  });
}

async function pushImage(image: Encoded, tag: string): Promise<void> {
  const manifest = decodeManifest(image.bytes);
  const blobs: readonly Descriptor[] =
    manifest.kind === 'manifest' ? [manifest.config, ...manifest.layers] : [];
  for (const blob of blobs) await client.pushBlob(repository, blob, stage.path(blob), []);
  await client.putManifest({ repository, tag }, image);
}

const requests = (method: string, path: RegExp) =>
  registry.requests.filter((request) => request.method === method && path.test(request.path));

describe('a registry that is busy', () => {
  it('is given the time that it asks for in seconds', async () => {
    const effect = { do: 'answer', status: 429, headers: { 'retry-after': '7' } } as const;
    registry.faults.add({ when: { method: 'POST' }, effect });
    const blob = await stage.layer();
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    expect(client.waits).toHaveLength(1);
    expect(client.waits[0]).toBeGreaterThanOrEqual(7000);
  });

  it('is given the time that it asks for as a date', async () => {
    const date = new Date(Date.now() + 20_000).toUTCString();
    const effect = { do: 'answer', status: 503, headers: { 'retry-after': date } } as const;
    registry.faults.add({ when: { method: 'HEAD' }, effect });
    expect(await client.resolve({ repository, tag: 'v1' })).toBeUndefined();
    expect(client.waits[0]).toBeGreaterThan(15_000);
  });

  it('is left alone at once when it asks for more time than a run has', async () => {
    const effect = { do: 'answer', status: 429, headers: { 'retry-after': '21600' } } as const;
    registry.faults.add({ when: { method: 'HEAD' }, effect });
    await expect(client.resolve({ repository, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('429'),
    });
    expect(client.waits).toEqual([]);
  });

  it('is given up after a bounded number of attempts, with longer waits each time', async () => {
    registry.faults.add({
      when: { method: 'HEAD' },
      times: RETRY.attempts,
      effect: { do: 'answer', status: 503 },
    });
    await expect(client.resolve({ repository, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining(`HEAD ${registry.host}/acme/app: 503`),
    });
    expect(client.waits).toHaveLength(RETRY.attempts - 1);
    expect([...client.waits].sort((a, b) => a - b)).toEqual(client.waits);
  });

  it.each([
    ['HEAD', BLOB],
    ['POST', /uploads/],
    ['PUT', SESSION],
    ['PUT', MANIFEST],
    ['HEAD', MANIFEST],
    ['GET', /^\/v2\/$/],
    ['GET', /^\/token/],
  ])('may fail once with 500 at %s %s', async (method, path) => {
    registry.faults.add({ when: { method, path }, effect: { do: 'answer', status: 500 } });
    const image = await stage.image();
    await pushImage(image, 'v1');
    const read = await newClient().getManifest({ repository, tag: 'v1' });
    expect(read?.descriptor).toEqual(image.descriptor);
  });
});

describe('a connection that breaks in an upload', () => {
  it('is followed by the rest of the bytes only', async () => {
    const blob = await stage.layer(5_000_000);
    registry.faults.add({
      when: { method: 'PUT', path: SESSION },
      effect: { do: 'drop', afterBytes: 2_000_000 },
    });
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    expect(requests('PATCH', SESSION).map(({ bodyBytes }) => bodyBytes)).toEqual([3_000_000]);
    expect(digestOf(await registry.store.blobBytes(blob.digest))).toBe(blob.digest);
  });

  it('is followed by all of them where the session is lost', async () => {
    const blob = await stage.layer(3_000_000);
    registry.faults.add({
      when: { method: 'PUT', path: SESSION },
      effect: { do: 'drop', afterBytes: 1_000_000 },
    });
    const body = JSON.stringify({ errors: [{ code: 'BLOB_UPLOAD_UNKNOWN' }] });
    registry.faults.add({
      when: { method: 'GET', path: SESSION },
      effect: { do: 'answer', status: 404, body },
    });
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    expect(requests('PUT', SESSION).map(({ bodyBytes }) => bodyBytes)).toEqual([1_000_000, 3_000_000]);
  });

  it('is followed by all of them where the registry has something else in the session', async () => {
    const blob = await stage.layer(3_000_000);
    registry.faults.add({
      when: { method: 'PUT', path: SESSION },
      effect: { do: 'drop', afterBytes: 1_000_000 },
    });
    const effect = { do: 'header', name: 'range', value: '0-499999' } as const;
    registry.faults.add({ when: { method: 'GET', path: SESSION }, effect });
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    expect(digestOf(await registry.store.blobBytes(blob.digest))).toBe(blob.digest);
  });

  it('does not send a blob again whose answer alone was lost', async () => {
    const blob = await stage.layer(1_000_000);
    registry.faults.add({
      when: { method: 'PUT', path: SESSION },
      effect: { do: 'drop', afterBytes: 1_000_000 },
    });
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    expect(requests('PATCH', SESSION)).toEqual([]);
    expect(requests('PUT', SESSION).map(({ bodyBytes }) => bodyBytes)).toEqual([1_000_000, 0]);
  });

  it('is an error when it happens again and again, and the next run can finish', async () => {
    const blob = await stage.layer(1_000_000);
    registry.faults.add({
      when: { method: 'POST' },
      times: RETRY.attempts,
      effect: { do: 'drop', afterBytes: 0 },
    });
    const push = client.pushBlob(repository, blob, stage.path(blob), []);
    await expect(push).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE', kind: 'registry' });
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
  });

  it('starts anew where the session is forgotten between two requests', async () => {
    const blob = await stage.layer();
    const body = JSON.stringify({
      errors: [{ code: 'BLOB_UPLOAD_UNKNOWN', message: 'unknown to registry' }],
    });
    registry.faults.add({
      when: { method: 'PUT', path: SESSION },
      effect: { do: 'answer', status: 404, body },
    });
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    expect(requests('POST', /uploads/)).toHaveLength(2);
  });
});

describe('an answer that comes before the whole body was sent', () => {
  it('is taken, and not more is sent than was under way', async () => {
    const blob = await stage.layer(64 * 1024 * 1024);
    const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'quota exceeded' }] });
    registry.faults.add({
      when: { method: 'PUT', path: SESSION },
      effect: { do: 'answer', status: 403, body },
    });
    await expect(client.pushBlob(repository, blob, stage.path(blob), [])).rejects.toMatchObject({
      code: 'REGISTRY_FORBIDDEN',
      message: expect.stringContaining('quota exceeded'),
    });
  });
});

describe('what comes back altered', () => {
  it('a cut blob is continued where it ended', async () => {
    const blob = await stage.layer(3_000_000);
    await client.pushBlob(repository, blob, stage.path(blob), []);
    registry.faults.add({
      when: { method: 'GET', path: BLOB },
      effect: { do: 'truncate', bytes: 1_000_000 },
    });
    await client.pullBlob(repository, blob, join(folder, 'blob'));
    expect(digestOf(await readFile(join(folder, 'blob')))).toBe(blob.digest);
    expect(requests('GET', BLOB).map(({ status }) => status)).toEqual([200, 206]);
  });

  it.each([
    ['the registry knows no ranges', { do: 'ignore-range' }],
    ['another range comes', { do: 'header', name: 'content-range', value: 'bytes 0-499999/500000' }],
  ] as const)('a cut blob is read again from its start where %s', async (_, effect) => {
    const blob = await stage.layer(500_000);
    await client.pushBlob(repository, blob, stage.path(blob), []);
    const when = { method: 'GET', path: BLOB };
    registry.faults.add({ when, effect: { do: 'truncate', bytes: 100_000 } });
    registry.faults.add({ when, skip: 1, effect });
    await client.pullBlob(repository, blob, join(folder, 'blob'));
    expect(digestOf(await readFile(join(folder, 'blob')))).toBe(blob.digest);
  });

  it('an altered blob is refused, and no file is left', async () => {
    const blob = await stage.layer(200_000);
    await client.pushBlob(repository, blob, stage.path(blob), []);
    registry.faults.add({ when: { method: 'GET', path: BLOB }, effect: { do: 'corrupt' } });
    const pull = client.pullBlob(repository, blob, join(folder, 'blob'));
    await expect(pull).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('a blob that is longer than it should be is refused before it fills the disk', async () => {
    const blob = await stage.layer(200_000);
    await client.pushBlob(repository, blob, stage.path(blob), []);
    const pull = client.pullBlob(repository, { ...blob, size: 1000 }, join(folder, 'blob'));
    await expect(pull).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('a cut manifest is read again', async () => {
    const image = await stage.image();
    await pushImage(image, 'v1');
    registry.faults.add({ when: { method: 'GET', path: MANIFEST }, effect: { do: 'truncate', bytes: 20 } });
    expect((await client.getManifest({ repository, tag: 'v1' }))?.descriptor).toEqual(image.descriptor);
  });

  it('an altered manifest is refused, by tag and by digest', async () => {
    const image = await stage.image();
    await pushImage(image, 'v1');
    registry.faults.add({ when: { method: 'GET', path: MANIFEST }, times: 2, effect: { do: 'corrupt' } });
    const { digest } = image.descriptor;
    for (const ref of [
      { repository, tag: 'v1' },
      { repository, digest },
    ])
      await expect(client.getManifest(ref)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it.each([
    ['GET', MANIFEST, () => client.getManifest({ repository, tag: 'v1' })],
    [
      'PUT',
      MANIFEST,
      async () => client.putManifest({ repository, tag: 'v2' }, await stage.image({ layers: [] })),
    ],
  ] as const)('a wrong digest in the header of %s is refused', async (method, path, act) => {
    const image = await stage.image({ layers: [] });
    await pushImage(image, 'v1');
    const value = digestOf('another');
    const effect = { do: 'header', name: 'docker-content-digest', value } as const;
    registry.faults.add({ when: { method, path }, effect });
    await expect(act()).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringContaining(value),
    });
  });

  it('a wrong digest for what was asked by digest is refused', async () => {
    const image = await stage.image();
    await pushImage(image, 'v1');
    const effect = { do: 'header', name: 'docker-content-digest', value: digestOf('another') } as const;
    registry.faults.add({ when: { method: 'HEAD', path: MANIFEST }, effect });
    const { digest } = image.descriptor;
    await expect(client.resolve({ repository, digest })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('a wrong digest for an uploaded blob is refused', async () => {
    const blob = await stage.layer();
    const effect = { do: 'header', name: 'docker-content-digest', value: digestOf('another') } as const;
    registry.faults.add({ when: { method: 'PUT', path: SESSION }, effect });
    const push = client.pushBlob(repository, blob, stage.path(blob), []);
    await expect(push).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('a manifest without its usual headers is read to know what it is', async () => {
    const image = await stage.image();
    await pushImage(image, 'v1');
    const effect = { do: 'header', name: 'docker-content-digest', value: '' } as const;
    registry.faults.add({ when: { method: 'HEAD', path: MANIFEST }, effect });
    expect(await client.resolve({ repository, tag: 'v1' })).toEqual(image.descriptor);
  });

  it('a manifest beyond 4 MiB is not read', async () => {
    const body = ' '.repeat(5 * 1024 * 1024);
    registry.faults.add({
      when: { method: 'GET', path: MANIFEST },
      effect: { do: 'answer', status: 200, body },
    });
    await expect(client.getManifest({ repository, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('larger than'),
    });
  });

  it('something that is no manifest is refused', async () => {
    const effect = { do: 'answer', status: 200, body: '<html>Welcome</html>' } as const;
    registry.faults.add({ when: { method: 'GET', path: MANIFEST }, effect });
    await expect(client.getManifest({ repository, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
  });
});

describe('a token that is no longer good', () => {
  it('is renewed, and the request repeated', async () => {
    const first = await stage.layer();
    await client.pushBlob(repository, first, stage.path(first), []);
    tokens.revokeAll();
    const second = await stage.layer();
    expect(await client.pushBlob(repository, second, stage.path(second), [])).toBe('uploaded');
    expect(tokens.requests).toHaveLength(2);
  });

  it('is renewed in the middle of an upload', async () => {
    const blob = await stage.layer(2_000_000);
    registry.faults.add({ when: { method: 'PUT', path: SESSION }, effect: { do: 'unauthorized' } });
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    expect(digestOf(await registry.store.blobBytes(blob.digest))).toBe(blob.digest);
  });

  it('is renewed once for a request, not for ever', async () => {
    registry.faults.add({ when: { method: 'POST' }, times: 2, effect: { do: 'unauthorized' } });
    const blob = await stage.layer();
    const push = client.pushBlob(repository, blob, stage.path(blob), []);
    await expect(push).rejects.toMatchObject({ code: 'REGISTRY_LOGIN' });
    expect(requests('POST', /uploads/)).toHaveLength(2);
  });

  it('is renewed before it expires', async () => {
    let elapsed = 0;
    const clock = { now: () => new Date(), elapsed: () => elapsed, sleep: async () => undefined };
    const own = newClient({ clock });
    await own.resolve({ repository, tag: 'v1' });
    elapsed = 269_000;
    await own.resolve({ repository, tag: 'v1' });
    expect(tokens.requests).toHaveLength(1);
    elapsed = 271_000;
    await own.resolve({ repository, tag: 'v1' });
    expect(tokens.requests).toHaveLength(2);
  });

  it('is asked for once when many requests need it', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map((tag) => client.resolve({ repository, tag })));
    expect(tokens.requests).toHaveLength(1);
  });
});

describe('a registry that shows its writes late', () => {
  it('is read until it shows them', async () => {
    registry.faults.hideWrites(3);
    const image = await stage.image();
    await pushImage(image, 'v1');
    expect(client.waits).toHaveLength(3);
    registry.faults.clear();
  });

  it('is read again after a moment where it could not answer while it was written', async () => {
    const answer = { do: 'answer', status: 500 } as const;
    registry.faults.add({ when: { method: 'HEAD', path: MANIFEST }, effect: answer });
    await pushImage(await stage.image(), 'v1');
    expect(client.waits).toHaveLength(1);
    expect(client.waits[0]).toBeLessThanOrEqual(READ_BACK.firstDelayMs);
  });

  it('is given the time that it asks for there too', async () => {
    const answer = { do: 'answer', status: 429, headers: { 'retry-after': '60' } } as const;
    registry.faults.add({ when: { method: 'HEAD', path: MANIFEST }, effect: answer });
    await pushImage(await stage.image(), 'v1');
    expect(client.waits[0]).toBeGreaterThanOrEqual(60_000);
  });

  it('is read until it shows a moved tag', async () => {
    await pushImage(await stage.image(), 'latest');
    registry.faults.hideWrites(2);
    await pushImage(await stage.image(), 'latest');
    expect(client.waits).toHaveLength(2);
    registry.faults.clear();
  });

  it('is not believed for ever: a tag that stays where it was', async () => {
    await pushImage(await stage.image(), 'latest');
    registry.faults.hideWrites(100);
    await expect(pushImage(await stage.image(), 'latest')).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringMatching(/latest was written as sha256:\w+ and is read back as sha256:\w+/),
    });
    registry.faults.clear();
  });

  it('is not believed for ever: a manifest that never appears', async () => {
    registry.faults.hideWrites(100);
    await expect(pushImage(await stage.image(), 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
    registry.faults.clear();
  });
});

describe('a registry that does not answer', () => {
  it('is asked again when nothing came for too long', async () => {
    registry.faults.add({ when: { method: 'HEAD' }, effect: { do: 'delay', milliseconds: 30_000 } });
    expect(await newClient({ idleTimeout: 3000 }).resolve({ repository, tag: 'v1' })).toBeUndefined();
    expect(requests('HEAD', MANIFEST)).toHaveLength(2);
  });

  it('is an error after the attempts when nobody listens', async () => {
    const gone = await startRegistry();
    await gone.stop();
    const nobody = { registry: gone.host, path: 'acme/app' };
    await expect(client.resolve({ repository: nobody, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(client.waits).toHaveLength(RETRY.attempts - 1);
  });
});

describe('a registry that redirects', () => {
  it('gets the bytes from the other host, which never sees the token', async () => {
    const blob = await stage.layer();
    await client.pushBlob(repository, blob, stage.path(blob), []);
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      void readFile(stage.path(blob)).then((bytes) => response.end(bytes));
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/signed?secret=abc`;
    const effect = { do: 'answer', status: 307, headers: { location } } as const;
    registry.faults.add({ when: { method: 'GET', path: BLOB }, effect });
    await client.pullBlob(repository, blob, join(folder, 'blob'));
    expect(digestOf(await readFile(join(folder, 'blob')))).toBe(blob.digest);
    expect(seen).toEqual([undefined]);
    other.closeAllConnections();
    other.close();
  });

  it('is not followed in circles', async () => {
    const path = `/v2/acme/app/manifests/v1`;
    const effect = { do: 'answer', status: 307, headers: { location: path } } as const;
    registry.faults.add({ when: { method: 'GET', path: MANIFEST }, times: 6, effect });
    await expect(client.getManifest({ repository, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('redirects'),
    });
  });
});

describe('what a registry says about a failure', () => {
  it('is shown on one line, shortened, without what must stay secret', async () => {
    await client.resolve({ repository, tag: 'v1' });
    const issued = `Bearer ${'t'.repeat(40)}`;
    const message = `no\n::error::way ${issued} robot-password https://host/path?sig=abc#x ${'long '.repeat(200)}`;
    const body = JSON.stringify({ errors: [{ code: 'DENIED', message }] });
    registry.faults.add({ when: { method: 'HEAD' }, times: 2, effect: { do: 'answer', status: 403 } });
    registry.faults.add({
      when: { method: 'GET', path: MANIFEST },
      times: 2,
      effect: { do: 'answer', status: 403, body },
    });
    await expect(client.resolve({ repository, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_FORBIDDEN',
      message: `HEAD ${registry.host}/acme/app: 403`,
    });
    const error = await client.getManifest({ repository, tag: 'v1' }).catch((thrown) => thrown);
    expect(error.message).toMatch(
      /^GET 127\.0\.0\.1:\d+\/acme\/app: 403 DENIED: no ::error::way Bearer \*\*\* \*\*\* https:\/\/host\/path long/,
    );
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).not.toMatch(/\n|sig=abc|robot-password|tttt/);
  });

  it('may be a page of a proxy', async () => {
    const body = '<html><body>Bad Gateway</body></html>';
    registry.faults.add({
      when: { method: 'HEAD' },
      times: RETRY.attempts,
      effect: { do: 'answer', status: 502, body },
    });
    await expect(client.resolve({ repository, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: `HEAD ${registry.host}/acme/app: 502`,
    });
  });
});

/** The methods of the requests for blobs, without those that were sent to the token service first. */
const asked = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = registry.requests.length;
  await work();
  return registry.requests
    .slice(before)
    .filter(({ path, status }) => path.includes('/blobs/') && status !== 401)
    .map(({ method }) => method);
};

describe('a mount that is not granted', () => {
  it.each([403, 404, 405, 500])('with %d means that the bytes are sent', async (status) => {
    const blob = await stage.layer();
    const source = { ...repository, path: 'acme/base' };
    await client.pushBlob(source, blob, stage.path(blob), []);
    registry.faults.add({ when: { method: 'POST', path: /mount=/ }, effect: { do: 'answer', status } });
    expect(await client.pushBlob(repository, blob, stage.path(blob), [source])).toBe('uploaded');
  });

  it('leaves a blob alone that is there, and no session open', async () => {
    const blob = await stage.layer();
    const source = { ...repository, path: 'acme/base' };
    // Another run brought it there.
    await newClient().pushBlob(repository, blob, stage.path(blob), []);
    await client.pushBlob(source, blob, stage.path(blob), []);
    const headers = { location: '/v2/acme/app/blobs/uploads/not-mounted' };
    registry.faults.add({
      when: { method: 'POST', path: /mount=/ },
      effect: { do: 'answer', status: 202, headers },
    });
    const push = () => client.pushBlob(repository, blob, stage.path(blob), [source]);
    expect(await asked(async () => expect(await push()).toBe('existing'))).toEqual([
      'POST',
      'HEAD',
      'DELETE',
    ]);
  });
});

describe('a mount', () => {
  it('of what this run has sent is asked for at once; of what was there, after a look', async () => {
    const [sent, there] = [await stage.layer(), await stage.layer()];
    const source = { ...repository, path: 'acme/base' };
    await newClient().pushBlob(source, there, stage.path(there), []);
    expect(await client.pushBlob(source, sent, stage.path(sent), [])).toBe('uploaded');
    expect(await client.pushBlob(source, there, stage.path(there), [])).toBe('existing');
    const push = (blob: typeof sent) => client.pushBlob(repository, blob, stage.path(blob), [source]);
    expect(await asked(async () => expect(await push(sent)).toBe('mounted'))).toEqual(['POST']);
    expect(await asked(async () => expect(await push(there)).toBe('mounted'))).toEqual(['HEAD', 'POST']);
  });

  it('is not waited for by two repositories that name each other', async () => {
    const blob = await stage.layer();
    const other = { ...repository, path: 'acme/base' };
    const outcomes = await Promise.all([
      client.pushBlob(repository, blob, stage.path(blob), [other]),
      client.pushBlob(other, blob, stage.path(blob), [repository]),
    ]);
    expect(outcomes).toContain('uploaded');
  });
});
