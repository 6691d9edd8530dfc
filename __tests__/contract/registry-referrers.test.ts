import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUNDLE_TYPE } from '../../src/model/attestation.ts';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { digestOf, hexOf } from '../../src/model/digest.ts';
import { encodeJson, MEDIA } from '../../src/model/manifest.ts';
import type { DigestRef, Repository } from '../../src/model/reference.ts';
import { aReferrer } from '../helpers/a-signed.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const IMAGE: Descriptor = { mediaType: MEDIA.ociIndex, digest: digestOf('an image'), size: 400 };
const EMPTY = 'application/vnd.oci.empty.v1+json';
const TAG = `sha256-${hexOf(IMAGE.digest)}`;

describe('referrers of a registry of ours', () => {
  let registry: RunningRegistry | undefined;

  afterEach(() => registry?.stop());

  async function start(options: RegistryOptions) {
    registry = await startRegistry(options);
    const repository = { registry: registry.host, path: 'acme/app' };
    const client = testClient();
    return { running: registry, repository, client, subject: { repository, digest: IMAGE.digest } };
  }

  async function fill(client: ReturnType<typeof testClient>, subject: DigestRef, count: number) {
    const referrers = Array.from({ length: count }, () => aReferrer(IMAGE));
    await client.attach(subject, referrers);
    return referrers.map(({ descriptor }) => descriptor.digest).sort();
  }

  it('follows three pages', async () => {
    const { client, subject, running } = await start({ referrers: { page: 4 } });
    const attached = await fill(client, subject, 10);
    const before = running.requests.length;
    const listed = await client.referrers(subject, BUNDLE_TYPE);
    expect(listed.map(({ digest }) => digest).sort()).toEqual(attached);
    const pages = running.requests.slice(before).filter(({ path }) => path.includes('/referrers/'));
    expect(pages.map(({ path }) => path.replace(/.*\?/, ''))).toEqual([
      `artifactType=${encodeURIComponent(BUNDLE_TYPE)}`,
      `artifactType=${encodeURIComponent(BUNDLE_TYPE)}&start=4`,
      `artifactType=${encodeURIComponent(BUNDLE_TYPE)}&start=8`,
    ]);
  });

  it.each([
    ['that filters by itself', { referrers: true }],
    ['that ignores filters', { referrers: { filters: false } }],
    ['without the API', { referrers: false }],
  ])('gives one type only from a registry %s', async (_, options) => {
    const { client, subject } = await start(options);
    const [attached] = await fill(client, subject, 1);
    const [listed, ...more] = await client.referrers(subject, BUNDLE_TYPE);
    expect(more).toEqual([]);
    expect(listed).toMatchObject({ digest: attached, artifactType: BUNDLE_TYPE });
    expect(listed?.annotations?.['dev.sigstore.bundle.predicateType']).toBe('https://slsa.dev/provenance/v1');
    expect(await client.referrers(subject, 'application/x-other')).toEqual([]);
    expect(await client.referrers(subject)).toHaveLength(1);
  });

  it('is empty for an image without any, also in a repository that does not exist', async () => {
    for (const referrers of [true, false]) {
      const { client, subject, running } = await start({ referrers });
      expect(await client.referrers(subject)).toEqual([]);
      await running.stop();
    }
    registry = undefined;
  });

  it('asks the manifest where the list does not tell the type, as cosign lists by tag', async () => {
    const { client, subject, repository } = await start({ referrers: false });
    const own = aReferrer(IMAGE);
    const other = aReferrer({ ...IMAGE, digest: digestOf('another image') });
    await client.attach(subject, [own]);
    await client.attach({ repository, digest: digestOf('another image') }, [other]);
    const named = (digest: string) => ({
      mediaType: MEDIA.ociManifest,
      digest,
      size: 9,
      artifactType: EMPTY,
    });
    const digests = [own, other].map(({ manifest }) => manifest.descriptor.digest);
    const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: digests.map(named) };
    await client.putManifest({ repository, tag: TAG }, encodeJson(index, MEDIA.ociIndex));
    const listed = await client.referrers(subject, BUNDLE_TYPE);
    expect(listed.map(({ digest }) => digest)).toEqual([own.manifest.descriptor.digest]);
    expect(listed[0]?.annotations).toEqual(own.descriptor.annotations);
    expect(await client.referrers(subject)).toHaveLength(2);
  });

  it('merges the API and the tag by digest', async () => {
    const { client, subject, repository } = await start({});
    const [own = ''] = await fill(client, subject, 1);
    const byTag = aReferrer(IMAGE);
    const holder = { repository, digest: digestOf('holder') };
    await client.attach(holder, [byTag]);
    const entries = [own, byTag.manifest.descriptor.digest].map((digest) => ({
      ...byTag.descriptor,
      digest,
    }));
    const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: entries };
    await client.putManifest({ repository, tag: TAG }, encodeJson(index, MEDIA.ociIndex));
    const listed = await client.referrers(subject, BUNDLE_TYPE);
    expect(listed.map(({ digest }) => digest)).toEqual(
      [own, byTag.manifest.descriptor.digest].sort((a) => (a === own ? -1 : 1)),
    );
  });
});

type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown };

describe('referrers of a hostile registry', () => {
  let server: Server;
  let repository: Repository;
  let subject: DigestRef;
  let replies: (path: string) => Reply | undefined;
  let paths: string[];

  beforeEach(async () => {
    paths = [];
    replies = () => undefined;
    server = createServer((request, response) => {
      const path = request.url ?? '';
      paths.push(path);
      const { status = 200, headers = {}, body } = replies(path) ?? { status: 404, body: {} };
      response.writeHead(status, { 'content-type': MEDIA.ociIndex, ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    repository = { registry: `127.0.0.1:${(server.address() as AddressInfo).port}`, path: 'acme/app' };
    subject = { repository, digest: IMAGE.digest };
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  const entry = (name: string, more: object = {}) => ({
    mediaType: MEDIA.ociManifest,
    digest: digestOf(name),
    size: 700,
    artifactType: BUNDLE_TYPE,
    ...more,
  });
  const list = (manifests: readonly unknown[]) => ({
    schemaVersion: 2,
    mediaType: MEDIA.ociIndex,
    manifests,
  });
  const byApi = (reply: Reply) => (path: string) => (path.includes('/referrers/') ? reply : undefined);

  it('a referrer that is listed twice is one', async () => {
    replies = byApi({ body: list([entry('a'), entry('b'), entry('a', { size: 1 })]) });
    const listed = await testClient().referrers(subject, BUNDLE_TYPE);
    expect(listed.map(({ digest, size }) => [digest, size])).toEqual([
      [digestOf('a'), 700],
      [digestOf('b'), 700],
    ]);
  });

  it('what cannot be followed is left out', async () => {
    const broken = [7, null, {}, entry('x', { digest: 'sha512:00' }), entry('y', { size: -1 })];
    replies = byApi({ body: list([...broken, entry('a')]) });
    expect((await testClient().referrers(subject)).map(({ digest }) => digest)).toEqual([digestOf('a')]);
  });

  it('10,000 of them are refused', async () => {
    const many = Array.from({ length: 10_000 }, (_, each) => entry(`${each}`));
    replies = byApi({ body: list(many) });
    await expect(testClient().referrers(subject)).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('more than 5000 referrers'),
    });
  });

  it('pages without end are refused', async () => {
    const next = { link: `</v2/acme/app/referrers/${IMAGE.digest}?again=1>; rel="next"` };
    replies = byApi({ body: list([]), headers: next });
    await expect(testClient().referrers(subject)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(paths.length).toBeLessThan(300);
  });

  it('a page of 5 MB is refused', async () => {
    replies = byApi({ body: list([entry('a', { annotations: { pad: 'x'.repeat(5_000_000) } })]) });
    await expect(testClient().referrers(subject)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });

  it('a next page on another host is not asked', async () => {
    replies = byApi({ body: list([]), headers: { link: '<https://elsewhere.example.com/v2/>; rel="next"' } });
    await expect(testClient().referrers(subject)).rejects.toMatchObject({
      message: expect.stringContaining('elsewhere.example.com'),
    });
  });

  it('a manifest of another subject, or none at all, has no kind', async () => {
    const of = (digest: string) =>
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA.ociManifest,
        artifactType: BUNDLE_TYPE,
        config: { mediaType: EMPTY, digest: digestOf('{}'), size: 2 },
        layers: [],
        subject: { mediaType: MEDIA.ociIndex, digest, size: 400 },
      });
    const manifests = [of(digestOf('a sibling')), of(IMAGE.digest)];
    const entries = manifests.map((text) => entry(text, { artifactType: EMPTY }));
    replies = (path) => {
      if (path.includes('/referrers/'))
        return { body: list([...entries, entry('gone', { artifactType: '' })]) };
      const body = manifests.find((text) => path.endsWith(digestOf(text)));
      return body === undefined ? undefined : { body, headers: { 'content-type': MEDIA.ociManifest } };
    };
    const listed = await testClient().referrers(subject, BUNDLE_TYPE);
    expect(listed.map(({ digest }) => digest)).toEqual([digestOf(manifests[1] ?? '')]);
  });

  it.each([
    ['404', { status: 404, body: 'page not found' }],
    ['400', { status: 400, body: {} }],
    ['405', { status: 405, body: {} }],
    ['a page for people', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['an image manifest', { status: 200, body: { schemaVersion: 2, config: {}, layers: [] } }],
  ])('%s in place of a list: the tag counts', async (_, reply: Reply) => {
    replies = (path) => {
      if (path.includes('/referrers/')) return reply;
      return path.endsWith(`/manifests/${TAG}`) ? { body: list([entry('by tag')]) } : undefined;
    };
    expect((await testClient().referrers(subject)).map(({ digest }) => digest)).toEqual([digestOf('by tag')]);
  });

  it('a tag that holds an image instead of a list holds no referrers', async () => {
    const headers = { 'content-type': MEDIA.ociManifest };
    const image = { schemaVersion: 2, config: entry('config'), layers: [] };
    replies = (path) => (path.endsWith(TAG) ? { headers, body: image } : undefined);
    expect(await testClient().referrers(subject)).toEqual([]);
  });

  it('trouble that stays is an error, not an empty list', async () => {
    replies = byApi({ status: 503, body: {} });
    await expect(testClient().referrers(subject)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });
});

describe('small blobs', () => {
  it('are read whole and checked, and large ones not at all', async () => {
    const registry = await startRegistry();
    try {
      const repository = { registry: registry.host, path: 'acme/app' };
      const client = testClient();
      const referrer = aReferrer(IMAGE);
      await client.attach({ repository, digest: IMAGE.digest }, [referrer]);
      const bundle = referrer.blobs.find(({ descriptor }) => descriptor.mediaType === BUNDLE_TYPE);
      if (bundle === undefined) throw new Error('no bundle');
      const { descriptor, bytes } = bundle;
      expect(Buffer.from(await client.readBlob(repository, descriptor, 10_000))).toEqual(Buffer.from(bytes));
      const before = registry.requests.length;
      await expect(client.readBlob(repository, descriptor, bytes.length - 1)).rejects.toThrow(RangeError);
      expect(registry.requests).toHaveLength(before);
      const liar = { ...descriptor, size: bytes.length - 1 };
      await expect(client.readBlob(repository, liar, 10_000)).rejects.toMatchObject({
        code: 'REGISTRY_UNAVAILABLE',
      });
      registry.faults.add({ when: { path: /\/blobs\// }, effect: { do: 'corrupt' } });
      await expect(client.readBlob(repository, descriptor, 10_000)).rejects.toMatchObject({
        code: 'DIGEST_MISMATCH',
      });
      const gone = { ...descriptor, digest: digestOf('gone') };
      await expect(client.readBlob(repository, gone, 10_000)).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
      });
    } finally {
      await registry.stop();
    }
  });
});
