import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import { createClock } from '../../src/adapters/clock/system-clock.ts';
import { RETRY } from '../../src/adapters/registry/retry.ts';
import { SETTLE_MS } from '../../src/adapters/registry/settle.ts';
import { BUNDLE_TYPE } from '../../src/model/attestation.ts';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { digestOf, hexOf } from '../../src/model/digest.ts';
import { encodeJson, MEDIA } from '../../src/model/manifest.ts';
import type { DigestRef, Repository } from '../../src/model/reference.ts';
import type { Referrer } from '../../src/ports/registry.ts';
import { aForeignEntry, aReferrer } from '../helpers/a-signed.ts';
import { BACKENDS, type Backend } from '../helpers/registry/backends.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const IMAGE: Descriptor = { mediaType: MEDIA.ociIndex, digest: digestOf('an image'), size: 400 };
const TAG = `sha256-${hexOf(IMAGE.digest)}`;
const TAG_PATH = new RegExp(`/manifests/${TAG}`);

type Place = { readonly by: 'api' | 'tag'; start(): Promise<Backend> };

const open = ({ host, stop }: { host: string; stop(): Promise<void> }): Backend => ({
  host,
  stop,
  credentials: [],
});

const PLACES: Readonly<Record<string, Place>> = {
  'a registry with the API that does not tell so': {
    by: 'api',
    start: async () => open(await startRegistry({ tellsSubject: false })),
  },
  'a registry without the API': {
    by: 'tag',
    start: async () => open(await startRegistry({ referrers: false })),
  },
  'distribution 2.8': { by: 'tag', start: async () => open(await startDistribution()) },
  ...Object.fromEntries(
    Object.entries(BACKENDS).map(([name, start]): [string, Place] => [
      name,
      { by: name.startsWith('distribution') ? 'tag' : 'api', start },
    ]),
  ),
};

describe.each(Object.entries(PLACES))('at %s', (_, { by, start }) => {
  it('what is attached is listed and read back, once more and twice', async () => {
    const { host, stop, credentials } = await start();
    try {
      const repository = { registry: host, path: 'acme/app' };
      const subject = { repository, digest: IMAGE.digest };
      const client = testClient({ credentials });
      const first = [aReferrer(IMAGE), aReferrer(IMAGE, { kind: 'signature' })];
      const second = [aReferrer(IMAGE, { kind: 'scan' })];
      const all = [...first, ...second];
      const listOf = (referrers: readonly Referrer[]) => referrers.map(({ descriptor }) => descriptor);
      for (const [own, there] of [
        [first, first],
        [second, all],
        [first, all],
      ] as const) {
        const attached = await client.attach(subject, own);
        expect(attached.by).toBe(by);
        expect(attached.listed).toHaveLength(there.length);
        expect(attached.listed).toEqual(expect.arrayContaining(listOf(there)));
      }
      const listed = await testClient({ credentials }).referrers(subject, BUNDLE_TYPE);
      const digests = all.map(({ manifest }) => manifest.descriptor.digest);
      expect(listed.map(({ digest }) => digest).sort()).toEqual([...digests].sort());
      for (const { manifest, blobs, descriptor } of all) {
        expect(listed).toContainEqual(descriptor);
        const { digest } = manifest.descriptor;
        expect((await client.getManifest({ repository, digest }))?.bytes).toEqual(
          Buffer.from(manifest.bytes),
        );
        for (const blob of blobs)
          expect(await client.readBlob(repository, blob.descriptor, 10_000)).toEqual(Buffer.from(blob.bytes));
      }
    } finally {
      await stop();
    }
  });
});

describe('the referrers tag', () => {
  let registry: RunningRegistry;
  let repository: Repository;
  let subject: DigestRef;

  async function start(options: RegistryOptions = {}): Promise<void> {
    registry = await startRegistry({ referrers: false, ...options });
    repository = { registry: registry.host, path: 'acme/app' };
    subject = { repository, digest: IMAGE.digest };
  }

  beforeEach(() => start());
  afterEach(async () => {
    expect(registry.faults.pending).toEqual([]);
    await registry.stop();
  });

  /** Puts the list of another tool there, whatever it names. */
  function plant(document: object): void {
    const { bytes, descriptor } = encodeJson(document, MEDIA.ociIndex);
    const shelf = registry.store.provide('acme/app');
    shelf.manifests.set(descriptor.digest, { bytes: Buffer.from(bytes), mediaType: MEDIA.ociIndex });
    shelf.tags.set(TAG, descriptor.digest);
  }

  /** Makes the registry hold something under a digest, so that lists may name it. */
  function hold(entry: { readonly digest: Descriptor['digest'] }): void {
    const manifest = { bytes: Buffer.from('{}'), mediaType: MEDIA.ociManifest };
    registry.store.provide('acme/app').manifests.set(entry.digest, manifest);
  }

  const writes = () =>
    registry.requests.filter(({ method, path }) => method === 'PUT' && TAG_PATH.test(path));
  const list = (): { manifests: { digest: string }[] } => {
    const shelf = registry.store.provide('acme/app');
    const digest = shelf.tags.get(TAG);
    const bytes = digest === undefined ? undefined : shelf.manifests.get(digest)?.bytes;
    return JSON.parse(bytes?.toString() ?? '{}');
  };
  const digests = (...referrers: Referrer[]) => referrers.map(({ manifest }) => manifest.descriptor.digest);

  it('is written once for all referrers, and looked at last', async () => {
    await testClient().attach(subject, [aReferrer(IMAGE), aReferrer(IMAGE), aReferrer(IMAGE)]);
    expect(writes()).toHaveLength(1);
    expect(list().manifests).toHaveLength(3);
    expect(registry.requests.at(-1)).toMatchObject({ method: 'GET', path: expect.stringMatching(TAG_PATH) });
  });

  it('is all that is asked for, once the first look found no API', async () => {
    const client = testClient();
    const images = ['one', 'two', 'three'].map((name) => ({ ...IMAGE, digest: digestOf(name) }));
    const attached = await Promise.all(
      images.map((image) => client.attach({ repository, digest: image.digest }, [aReferrer(image)])),
    );
    expect(attached.map(({ by }) => by)).toEqual(['tag', 'tag', 'tag']);
    expect(registry.requests.filter(({ path }) => path.includes('/referrers/'))).toHaveLength(1);
    for (const { digest } of images)
      expect(await testClient().referrers({ repository, digest }, BUNDLE_TYPE)).toHaveLength(1);
  });

  it('does not keep anybody from looking, where the first look found the API', async () => {
    await registry.stop();
    await start({ referrers: true, tellsSubject: false });
    const client = testClient();
    const images = ['one', 'two', 'three'].map((name) => ({ ...IMAGE, digest: digestOf(name) }));
    const attached = await Promise.all(
      images.map((image) => client.attach({ repository, digest: image.digest }, [aReferrer(image)])),
    );
    expect(attached.map(({ by }) => by)).toEqual(['api', 'api', 'api']);
    expect(writes()).toEqual([]);
  });

  it('waits for other writers while what arrived is read, and for both', async () => {
    const own = aReferrer(IMAGE);
    const client = testClient();
    const events: string[] = [];
    const [begun, reading] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // The tag is written, waited for and looked at, though nobody has read to the end.
    const looked = registry.faults.come({ path: TAG_PATH }, 3);
    const attaching = client.attach(subject, [own], async () => {
      const { digest } = own.manifest.descriptor;
      expect(await client.getManifest({ repository, digest })).toBeDefined();
      events.push('read');
      begun.resolve();
      await reading.promise;
      events.push('read to the end');
    });
    const attached = attaching.then(() => events.push('attached'));
    await Promise.all([looked, begun.promise]);
    expect(events).toEqual(['read']);
    reading.resolve();
    await attached;
    expect(events).toEqual(['read', 'read to the end', 'attached']);
  });

  it('is written all the same when what arrived cannot be read, and the call fails', async () => {
    const own = aReferrer(IMAGE);
    const failing = testClient().attach(subject, [own], () => Promise.reject(new Error('not readable')));
    await expect(failing).rejects.toThrow('not readable');
    expect(list().manifests.map(({ digest }) => digest)).toEqual(digests(own));
  });

  it('is not written again for what it holds', async () => {
    const own = aReferrer(IMAGE);
    const client = testClient();
    await client.attach(subject, [own]);
    await client.attach(subject, [own]);
    expect(writes()).toHaveLength(1);
  });

  it('keeps what another tool wrote, to the letter', async () => {
    const [one, two] = [aForeignEntry('one'), aForeignEntry('two')];
    for (const entry of [one, two]) hold(entry);
    const foreign = {
      schemaVersion: 2,
      mediaType: MEDIA.ociIndex,
      annotations: { by: 'oras' },
      'x-own': [1],
    };
    plant({ ...foreign, manifests: [one, two] });
    const own = aReferrer(IMAGE);
    await testClient().attach(subject, [own]);
    expect(list()).toEqual({ ...foreign, manifests: [one, two, own.descriptor] });
  });

  it('loses entries that nothing stands behind, where the registry refuses them, and no others', async () => {
    const [alive, dead] = [aForeignEntry('alive'), aForeignEntry('dead')];
    hold(alive);
    plant({ schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [dead, alive] });
    const own = aReferrer(IMAGE);
    await testClient().attach(subject, [own]);
    expect(list().manifests.map(({ digest }) => digest)).toEqual([alive.digest, ...digests(own)]);
  });

  it('is merged again when a tool that does not look overwrites it', async () => {
    const foreign = aForeignEntry('rude');
    hold(foreign);
    const own = aReferrer(IMAGE);
    let overwritten = false;
    const clock = {
      ...createClock(),
      sleep: async () => {
        if (overwritten || !('manifests' in list())) return;
        overwritten = true;
        plant({ schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [foreign] });
      },
    };
    await testClient({ clock }).attach(subject, [own]);
    expect(overwritten).toBe(true);
    expect(
      list()
        .manifests.map(({ digest }) => digest)
        .sort(),
    ).toEqual([foreign.digest, ...digests(own)].sort());
  });

  it('that others overwrite again and again is given up in the end', async () => {
    const foreign = aForeignEntry('rude');
    hold(foreign);
    let count = 0;
    const clock = {
      ...createClock(),
      sleep: async () => {
        count += 1;
        plant({
          schemaVersion: 2,
          mediaType: MEDIA.ociIndex,
          annotations: { n: `${count}` },
          manifests: [foreign],
        });
      },
    };
    await expect(testClient({ clock }).attach(subject, [aReferrer(IMAGE)])).rejects.toMatchObject({
      code: 'ATTESTATION_NOT_READABLE',
      message: expect.stringContaining(TAG),
    });
    expect(writes().length).toBeLessThan(20);
  });

  it('keeps what another writer did from start to end while our write was under way', async () => {
    const seen = Promise.withResolvers<void>();
    const when = { method: 'PUT', path: TAG_PATH };
    const under = registry.faults.come(when);
    registry.faults.add({ when, effect: { do: 'hold', until: seen.promise } });
    const options = { clock: createClock(), random: Math.random };
    const [slow, quick] = [aReferrer(IMAGE), aReferrer(IMAGE)];
    const slowly = testClient(options).attach(subject, [slow]);
    await under;
    await testClient(options).attach(subject, [quick]);
    expect(list().manifests.map(({ digest }) => digest)).toEqual(digests(quick));
    // The slow one looks on; when it looks for the second time, it knows what the first look has shown.
    await registry.faults.come({ method: 'GET', path: TAG_PATH }, 2);
    seen.resolve();
    await slowly;
    expect(list().manifests.map(({ digest }) => digest)).toEqual(digests(slow, quick));
  });

  it('shown late is waited for, and not written again', async () => {
    registry.faults.hideWrites(3);
    const own = aReferrer(IMAGE);
    const waits: number[] = [];
    const clock = {
      ...createClock(),
      sleep: async (milliseconds: number) => {
        // Nobody looks while the write is under way: such a look would be one of the three.
        if (milliseconds < SETTLE_MS) await new Promise(() => undefined);
        waits.push(milliseconds);
      },
    };
    const client = testClient({ clock });
    await client.attach(subject, [own]);
    expect(writes()).toHaveLength(1);
    expect(list().manifests.map(({ digest }) => digest)).toEqual(digests(own));
    expect(waits.filter((wait) => wait >= 1000).length).toBeGreaterThanOrEqual(1);
    // From then on all writers of this run give this registry more time.
    const other = { repository, digest: digestOf('another image') };
    await client.attach(other, [aReferrer({ ...IMAGE, digest: other.digest })]);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(1000);
  });

  it.each([
    [
      'Amazon ECR',
      400,
      'TAG_INVALID',
      "The image tag 'x' already exists and cannot be overwritten because the repository is immutable.",
    ],
    ['Harbor', 412, 'PRECONDITION', 'configured as immutable'],
    ['another', 409, 'CONFLICT', 'no'],
  ])('that must not be overwritten (%s) is explained', async (_, status, code, message) => {
    const body = JSON.stringify({ errors: [{ code, message }] });
    registry.faults.add({ when: { method: 'PUT', path: TAG_PATH }, effect: { do: 'answer', status, body } });
    await expect(testClient().attach(subject, [aReferrer(IMAGE)])).rejects.toMatchObject({
      code: 'ATTESTATION_NOT_READABLE',
      hint: expect.stringContaining('sha256-*'),
    });
  });

  it('that holds an image is left alone', async () => {
    const shelf = registry.store.provide('acme/app');
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config: {}, layers: [] }));
    shelf.manifests.set(digestOf(bytes), { bytes, mediaType: MEDIA.ociManifest });
    shelf.tags.set(TAG, digestOf(bytes));
    await expect(testClient().attach(subject, [aReferrer(IMAGE)])).rejects.toMatchObject({
      code: 'ATTESTATION_NOT_READABLE',
      message: expect.stringContaining('holds something else'),
    });
    expect(writes()).toHaveLength(0);
  });

  it('calls in one process for one image wait for each other', async () => {
    const client = testClient();
    const referrers = Array.from({ length: 12 }, () => aReferrer(IMAGE));
    await Promise.all(referrers.map((referrer) => client.attach(subject, [referrer])));
    expect(writes()).toHaveLength(12);
    expect(list().manifests.map(({ digest }) => digest)).toEqual(digests(...referrers));
  });

  it('after one call that failed the next one works', async () => {
    const client = testClient();
    const answer = { do: 'answer', status: 412 } as const;
    registry.faults.add({ when: { method: 'PUT', path: TAG_PATH }, effect: answer });
    const failing = client.attach(subject, [aReferrer(IMAGE)]);
    const working = client.attach(subject, [aReferrer(IMAGE)]);
    await expect(failing).rejects.toThrow();
    await expect(working).resolves.toMatchObject({ by: 'tag' });
  });

  describe.each([
    ['with the API', true],
    ['without it', false],
  ])('and a registry %s that is busy', (_, referrers) => {
    it.each([
      ['blob upload', 'POST', /\/blobs\/uploads\//],
      ['blob', 'PUT', /\/blobs\/uploads\//],
      ['manifest', 'PUT', /\/manifests\/sha256:/],
      ['list', 'GET', referrers ? /\/referrers\// : TAG_PATH],
      ['last write', 'PUT', referrers ? /\/manifests\/sha256:/ : TAG_PATH],
    ])('%s: 429 with Retry-After is waited out', async (_, method, path) => {
      await registry.stop();
      await start({ referrers });
      const headers = { 'retry-after': '7' };
      registry.faults.add({
        when: { method, path },
        times: 2,
        effect: { do: 'answer', status: 429, headers },
      });
      const client = testClient();
      const own = [aReferrer(IMAGE), aReferrer(IMAGE)];
      await client.attach(subject, own);
      expect(client.waits.filter((wait) => wait >= 7000 && wait < 8000)).toHaveLength(2);
      const listed = await client.referrers(subject, BUNDLE_TYPE);
      expect(listed.map(({ digest }) => digest).sort()).toEqual(digests(...own).sort());
    });
  });

  it('busy for ever is an error in the end', async () => {
    const times = RETRY.attempts;
    registry.faults.add({
      when: { method: 'PUT', path: TAG_PATH },
      times,
      effect: { do: 'answer', status: 429 },
    });
    await expect(testClient().attach(subject, [aReferrer(IMAGE)])).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
  });

  it('whose write was done and whose answer was lost holds nothing twice', async () => {
    registry.faults.add({ when: { method: 'PUT', path: TAG_PATH }, effect: { do: 'mute' } });
    const own = aReferrer(IMAGE);
    await testClient().attach(subject, [own]);
    expect(writes()).toHaveLength(1);
    expect(list().manifests.map(({ digest }) => digest)).toEqual(digests(own));
  });
});

it('a registry that says it lists referrers, and does not, gets the tag as well', async () => {
  const registry = await startRegistry({ referrers: false, tellsSubject: true });
  try {
    const subject = { repository: { registry: registry.host, path: 'acme/app' }, digest: IMAGE.digest };
    const own = aReferrer(IMAGE);
    expect(await testClient().attach(subject, [own])).toEqual({ by: 'tag', listed: [own.descriptor] });
    expect(await testClient().referrers(subject)).toHaveLength(1);
  } finally {
    await registry.stop();
  }
});
