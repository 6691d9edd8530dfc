import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import type { BuiltImage } from '../../src/model/image.ts';
import type { Encoded } from '../../src/model/manifest.ts';
import type { PlannedImage, PlannedTag } from '../../src/model/plan.ts';
import { provenByVerdict } from '../../src/model/proven.ts';
import { passGate } from '../../src/model/scan.ts';
import { pushImages } from '../../src/steps/push/run.ts';
import { tagImages } from '../../src/steps/tag/run.ts';
import {
  AMD64,
  ARM64,
  aBuiltImage,
  anInspection,
  aPlan,
  aPlannedImage,
  aVerdict,
  VERSION_TAG,
} from '../helpers/a-release.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';

/** Push and tag over the real client: five images on one base, two platforms, two registries. */
const LATEST: PlannedTag = { tag: 'latest', kind: 'moving', rule: 'forward', from: 'aliases' };
const files = { ...memoryFiles(), read: (path: string) => readFile(path) };

let stage: Stage;
let first: RunningRegistry;
let second: Awaited<ReturnType<typeof startDistribution>>;

beforeEach(async () => {
  stage = await createStage();
  first = await startRegistry();
  second = await startDistribution();
});

afterEach(async () => {
  await first.stop();
  await second.stop();
  await stage.remove();
});

async function family(): Promise<readonly BuiltImage[]> {
  const shared = await stage.layer(200_000);
  const images: BuiltImage[] = [];
  for (const name of ['base', 'runtime', 'codex', 'claude', 'alone']) {
    const members: Encoded[] = [];
    for (const platform of [AMD64, ARM64]) {
      const own = await stage.layer(2000);
      const layers = name === 'alone' ? [own] : [shared, own];
      members.push(await stage.image({ platform, layers }));
    }
    const index = await stage.index(
      members.map(({ descriptor }, i) => ({ ...descriptor, platform: [AMD64, ARM64][i]! })),
    );
    images.push(aBuiltImage(planned(name), { store: stage.store, top: index.descriptor }));
  }
  return images;
}

function planned(name: string): PlannedImage {
  const repositories = [first.host, second.host].map((registry) => ({ registry, path: `acme/${name}` }));
  return aPlannedImage(name, { repositories, tags: [VERSION_TAG, LATEST] });
}

async function release(images: readonly BuiltImage[]) {
  const clean = passGate(
    images.map((image) => anInspection(image)),
    aVerdict(),
  );
  const ports = { registry: testClient(), files, log: fakeLog() };
  const pushed = await pushImages(clean, ports);
  return { pushed, tagged: () => tagImages(provenByVerdict(pushed, aVerdict()), aPlan(), ports) };
}

const uploads = () =>
  first.requests.filter(({ method, bodyBytes }) => method === 'PUT' && bodyBytes >= 200_000);

describe('a set of images', () => {
  it('ends with equal digests at both registries, and what it shares is sent once to each', async () => {
    const images = await family();
    const { pushed, tagged } = await release(images);
    expect(uploads()).toHaveLength(1);
    expect(Object.values(first.catalogue()).every(({ tags }) => Object.keys(tags).length === 0)).toBe(true);
    for (const image of await tagged())
      expect(new Set(image.tags.map(({ outcome }) => outcome))).toEqual(new Set(['created']));
    const judge = testClient();
    for (const { planned: image, top } of images)
      for (const repository of image.repositories)
        for (const tag of ['1.2.3', 'latest'])
          expect((await judge.resolve({ repository, tag }))?.digest).toBe(top.digest);
    const sum = pushed.reduce((all, { blobs }) => all + blobs.mounted, 0);
    // The shared layer, in three more images at each of two registries.
    expect(sum).toBe(6);
  });

  it('is finished by the next run, on any machine, when one was cut off anywhere', async () => {
    const images = await family();
    const total = await countRequests(images);
    for (const cut of [3, Math.floor(total / 3), Math.floor(total / 2), total - 5]) {
      await first.stop();
      first = await startRegistry();
      const again = images.map((image) => ({ ...image, planned: planned(image.planned.name) }));
      first.faults.add({ when: {}, skip: cut, times: 10_000, effect: { do: 'answer', status: 403 } });
      await expect(release(again).then(({ tagged }) => tagged())).rejects.toMatchObject({ kind: 'registry' });
      first.faults.clear();
      const { tagged } = await release(again);
      await tagged();
      const { digest } = again[4]!.top;
      expect(first.catalogue()['acme/alone']?.tags).toEqual({ '1.2.3': digest, latest: digest });
      expect(Object.keys(first.catalogue())).toHaveLength(5);
    }
  });

  it('changes nothing the second time', async () => {
    const images = await family();
    await (await release(images)).tagged();
    const before = first.requests.length;
    const { pushed, tagged } = await release(images);
    expect(pushed.every(({ blobs }) => blobs.uploaded + blobs.mounted === 0)).toBe(true);
    expect((await tagged()).flatMap(({ tags }) => tags).every(({ outcome }) => outcome === 'unchanged')).toBe(
      true,
    );
    const methods = new Set(first.requests.slice(before).map(({ method }) => method));
    expect(methods).toEqual(new Set(['GET', 'HEAD']));
  });

  it('moves nothing when one immutable tag is taken at one registry', async () => {
    const images = await family();
    const stranger = await stage.image();
    const client = testClient();
    const repository = { registry: second.host, path: 'acme/claude' };
    for (const blob of JSON.parse(Buffer.from(stranger.bytes).toString()).layers)
      await client.pushBlob(repository, blob, stage.path(blob), []);
    const { config } = JSON.parse(Buffer.from(stranger.bytes).toString());
    await client.pushBlob(repository, config, stage.path(config), []);
    await client.putManifest({ repository, tag: '1.2.3' }, stranger);
    const { tagged } = await release(images);
    await expect(tagged()).rejects.toMatchObject({
      code: 'TAG_IMMUTABLE',
      message: expect.stringContaining(`${second.host}/acme/claude:1.2.3`),
    });
    expect(Object.values(first.catalogue()).flatMap(({ tags }) => Object.keys(tags))).toEqual([]);
  });
});

/** How many requests a whole release makes at the first registry. */
async function countRequests(images: readonly BuiltImage[]): Promise<number> {
  await (await release(images)).tagged();
  return first.requests.length;
}

it('a blob that was looked for and found is not looked for again, and one that is not there is sent', async () => {
  const client = testClient();
  const repository = { registry: first.host, path: 'acme/looked-for' };
  const [there, lost] = [await stage.layer(2000), await stage.layer(2000)];
  await testClient().pushBlob(repository, there, stage.path(there), []);
  expect(await client.hasBlob(repository, there)).toBe(true);
  expect(await client.hasBlob(repository, lost)).toBe(false);
  const before = first.requests.length;
  expect(await client.pushBlob(repository, there, stage.path(there), [])).toBe('existing');
  expect(first.requests.slice(before)).toEqual([]);
  expect(await client.pushBlob(repository, lost, stage.path(lost), [])).toBe('uploaded');
  expect(await testClient().hasBlob(repository, lost)).toBe(true);
});
