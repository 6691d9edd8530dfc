import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mapLimit } from '../../src/model/concurrency.ts';
import type { ChannelClaim, ChannelDocument } from '../../src/model/promotion.ts';
import { publishAggregate } from '../../src/steps/promote/aggregate.ts';
import { encodeClaim } from '../../src/steps/promote/record.ts';
import { channelHome, readChannel } from '../../src/steps/promote/run.ts';
import { aReferrer } from '../helpers/a-signed.ts';
import { copyOf } from '../helpers/promote/copies.ts';
import { type ImageSet, imageManifest, itemsOf, pushImages, versionsAt } from '../helpers/promote/images.ts';
import {
  CHANNEL,
  homeOf,
  moveChannel,
  QUICK_TIMES,
  shortClock,
  steppedClock,
} from '../helpers/promote/move.ts';
import { expectSettled, readAggregate } from '../helpers/promote/settled.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const VERSIONS = ['1.0.0', '1.1.0'];
const RETRY = { attempts: 2, firstDelayMs: 1, maxDelayMs: 1, totalMs: 100 };
const DOWN = { do: 'answer', status: 500 } as const;

let registry: RunningRegistry;
let set: ImageSet;

beforeEach(async () => {
  registry = await startRegistry();
  set = { host: registry.host, prefix: 'acme', count: 3 };
  await pushImages(set, VERSIONS, testClient());
});

afterEach(() => registry.stop());

const run = (id: number, attempt = 1) => ({ id: `${id}`, attempt });
const standing = () => versionsAt(set, CHANNEL, VERSIONS, testClient());

/** One tag cannot be written. */
function blockThird(): void {
  const when = { method: 'PUT', path: /app-3\/manifests\/prod$/ };
  registry.faults.add({ when, times: Infinity, effect: DOWN });
}

/** Two of three images at 1.1.0, with the journal of the run that did it. */
async function leaveInPart(): Promise<void> {
  await moveChannel({ set, version: '1.0.0', run: run(1) }, testClient());
  blockThird();
  const when = { method: 'GET', path: /app-[12]\/manifests\/sha256/ };
  // What moved cannot be put back: what it came from cannot be read.
  registry.faults.add({ when, times: Infinity, skip: 2, effect: DOWN });
  const move = { set, version: '1.1.0', run: run(2) };
  await expect(moveChannel(move, testClient({ retry: RETRY }))).rejects.toMatchObject({
    code: 'PROMOTION_INCOMPLETE',
    message: expect.stringMatching(/app-1:prod at sha256:.*app-2:prod at sha256:.*app-3:prod at sha256:/),
  });
  registry.faults.clear();
  expect(await standing()).toEqual(['1.1.0', '1.1.0', '1.0.0']);
}

describe('the first promotion of a channel', () => {
  it('leaves no tag behind when it fails', async () => {
    blockThird();
    const move = { set, version: '1.0.0', run: run(1) };
    await expect(moveChannel(move, testClient({ retry: RETRY }))).rejects.toMatchObject({
      code: 'PROMOTION_ROLLED_BACK',
    });
    expect(await standing()).toEqual([undefined, undefined, undefined]);
    const state = await readChannel(CHANNEL, homeOf(set), { registry: testClient() });
    expect([state.document, state.claim]).toEqual([undefined, undefined]);
    registry.faults.clear();
    await moveChannel({ ...move, run: run(1, 2) }, testClient());
    await expectSettled(set, ['1.0.0'], VERSIONS, testClient());
  });

  it('says what stands where when the registry deletes no tags, and the next run finishes it', async () => {
    blockThird();
    registry.faults.add({
      when: { method: 'DELETE' },
      times: Infinity,
      effect: { do: 'answer', status: 405 },
    });
    const move = { set, version: '1.0.0', run: run(1) };
    await expect(moveChannel(move, testClient({ retry: RETRY }))).rejects.toMatchObject({
      code: 'PROMOTION_INCOMPLETE',
      message: expect.stringMatching(/app-1:prod at sha256:.*app-3:prod at nothing/),
    });
    registry.faults.clear();
    await moveChannel({ ...move, run: run(1, 2) }, testClient());
    await expectSettled(set, ['1.0.0'], VERSIONS, testClient());
  });
});

describe('a journal that a run has left', () => {
  beforeEach(leaveInPart);

  it('keeps other runs out until it expires', async () => {
    const move = { set, version: '1.1.0', run: run(3) };
    await expect(moveChannel(move, testClient())).rejects.toMatchObject({
      code: 'CHANNEL_CONFLICT',
      message: expect.stringContaining('is being moved by https://github.com/acme/app/actions/runs/2'),
    });
    expect(await standing()).toEqual(['1.1.0', '1.1.0', '1.0.0']);
  });

  it('is finished where its digests are verified', async () => {
    await moveChannel({ set, version: '1.1.0', run: run(2, 2), trusted: ['1.1.0'] }, testClient());
    await expectSettled(set, ['1.1.0', '1.0.0'], VERSIONS, testClient());
  });

  it('is undone where only those before it are verified', async () => {
    const move = { set, version: '1.0.0', run: run(2, 2), trusted: ['1.0.0'] };
    expect((await moveChannel(move, testClient())).status).toBe('unchanged');
    await expectSettled(set, ['1.0.0'], VERSIONS, testClient());
  });

  it('moves nothing where none are, and only a rollback goes on', async () => {
    const move = { set, version: '1.1.0', run: run(2, 2), trusted: [] };
    await expect(moveChannel(move, testClient())).rejects.toMatchObject({ code: 'PROMOTION_INCOMPLETE' });
    expect(await standing()).toEqual(['1.1.0', '1.1.0', '1.0.0']);
    await moveChannel({ ...move, version: '1.0.0', kind: 'rollback', target: 1 }, testClient());
    expect(await standing()).toEqual(['1.0.0', '1.0.0', '1.0.0']);
  });

  it.each<[string, (claim: ChannelClaim) => ChannelClaim]>([
    [
      'moves other images than its entry names',
      (claim) => ({
        ...claim,
        change: {
          ...claim.change,
          entry: { ...claim.change.entry, images: claim.change.entry.images.slice(1) },
        },
      }),
    ],
    [
      'moves tags that never move',
      (claim) => ({
        ...claim,
        moves: claim.moves.map((move) => ({ ...move, ref: { ...move.ref, tag: '1.0.0' } })),
        change: { ...claim.change, entry: { ...claim.change.entry, moving_tags: ['1.0.0'] } },
      }),
    ],
    [
      'moves, or deletes, tags of repositories that are none of the channel',
      (claim) => {
        copyOf(set, 'other', registry);
        const { entry } = claim.change;
        const away = (path: string) => path.replace('acme/', 'other/');
        const images = entry.images.map((each) => ({ ...each, repository: away(each.repository) }));
        return {
          ...claim,
          moves: claim.moves.map(({ image, ref: { repository, tag }, to }) => ({
            image,
            ref: { repository: { ...repository, path: away(repository.path) }, tag },
            ...(image === 'app-3' ? { from: itemsOf(set, '1.0.0')[2]!.digest } : {}),
            to,
          })),
          change: { ...claim.change, entry: { ...entry, images } },
        };
      },
    ],
  ])('moves nothing where it was forged, so that it %s', async (_, forge) => {
    const client = testClient();
    const home = homeOf(set);
    const { claim, document } = await readChannel(CHANNEL, home, { registry: client });
    if (claim === undefined) throw new Error('no claim');
    for (const image of ['app-1', 'app-2', 'app-3'])
      await client.putManifest(
        { repository: { registry: set.host, path: `acme/${image}` }, tag: '1.0.0' },
        imageManifest(image, image === 'app-1' ? '1.1.0' : '1.0.0'),
      );
    const { manifest, blobs } = encodeClaim(home, document, forge(claim));
    for (const blob of blobs) await client.putBlob(home.record.repository, blob);
    await client.putManifest(home.record, manifest);
    const writes = registry.requests.length;
    const move = { set, version: '1.1.0', run: run(2, 2) };
    await expect(moveChannel(move, testClient())).rejects.toMatchObject({ code: 'PROMOTION_INCOMPLETE' });
    expect(registry.requests.slice(writes).filter(({ method }) => !/^(?:GET|HEAD)$/.test(method))).toEqual(
      [],
    );
  });

  it('is let be where somebody has moved tags by hand', async () => {
    const repository = { registry: set.host, path: 'acme/app-2' };
    const other = imageManifest('app-2', '9.9.9');
    await testClient().putManifest({ repository, tag: CHANNEL }, other);
    await moveChannel({ set, version: '1.1.0', run: run(2, 2) }, testClient());
    await expectSettled(set, ['1.1.0', '1.0.0'], VERSIONS, testClient());
  });
});

describe('a claim on a channel', () => {
  const aliases = ['latest', '1', '1.0', '1.1'];
  const slow = { when: { method: 'PUT', path: /app-2\/manifests\/prod$/ }, times: 1 };
  const record = { method: 'PUT', path: /_channel-prod$/ };
  const records = () =>
    registry.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith('/_channel-prod'))
      .length;

  it('is renewed for as long as the work goes on', async () => {
    // Until the claim was written, and twice renewed.
    const until = registry.faults.come(record, 3);
    registry.faults.add({ ...slow, effect: { do: 'hold', until } });
    const clock = steppedClock(() => true);
    await moveChannel({ set, version: '1.0.0', run: run(1), aliases }, testClient(), clock);
    await expectSettled(set, ['1.0.0'], VERSIONS, testClient());
    // The claim, its renewals, and the record.
    expect(records()).toBeGreaterThan(3);
  });

  it('that cannot be renewed ends the work, and the next run finishes it', async () => {
    await moveChannel({ set, version: '1.0.0', run: run(1) }, testClient());
    const before = records();
    const expired = Promise.withResolvers<void>();
    registry.faults.add({ ...slow, effect: { do: 'hold', until: expired.promise } });
    registry.faults.add({ ...slow, effect: { do: 'answer', status: 500 } });
    registry.faults.add({ when: record, skip: 1, times: Infinity, effect: DOWN });
    // All other tags are moved before time goes on.
    const tags = { method: 'PUT', path: /\/app-\d\/manifests\/(?:prod|latest|[\d.]+)$/ };
    let othersAreMoved = false;
    void registry.faults.come(tags, set.count * (1 + aliases.length)).then(() => {
      othersAreMoved = true;
    });
    const clock = steppedClock(() => {
      if (clock.elapsed() > QUICK_TIMES.lifeMs) expired.resolve();
      return othersAreMoved;
    });
    const move = { set, version: '1.1.0', aliases };
    const moving = moveChannel({ ...move, run: run(2) }, testClient({ retry: RETRY }), clock);
    await expect(moving).rejects.toMatchObject({ code: 'PROMOTION_INCOMPLETE' });
    registry.faults.clear();
    expect(await standing()).toContain('1.0.0');
    expect(records()).toBeGreaterThan(before + 1);
    await moveChannel({ ...move, run: run(3) }, testClient(), clock);
    await expectSettled(set, ['1.1.0', '1.0.0'], VERSIONS, testClient());
    for (const tag of aliases)
      expect(await versionsAt(set, tag, VERSIONS, testClient())).toEqual(['1.1.0', '1.1.0', '1.1.0']);
  });
});

it('a record that changed since it was read is a conflict, and nothing moves', async () => {
  await moveChannel({ set, version: '1.0.0', run: run(1) }, testClient());
  const client = testClient();
  // Another run comes between our look and our claim.
  let isFirst = true;
  const putBlob = async (...args: Parameters<typeof client.putBlob>) => {
    const intrude = isFirst;
    isFirst = false;
    if (intrude) await moveChannel({ set, version: '1.1.0', run: run(3) }, testClient());
    return client.putBlob(...args);
  };
  const late = new Proxy(client, {
    get: (target, key) => {
      const value = Reflect.get(target, key, target);
      return key === 'putBlob' ? putBlob : typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const move = { set, version: '1.0.0', run: run(2), aliases: ['1.0'] };
  await expect(moveChannel(move, late)).rejects.toMatchObject({ code: 'CHANNEL_CONFLICT' });
  await expectSettled(set, ['1.1.0', '1.0.0'], VERSIONS, testClient());
  expect(await versionsAt(set, '1.0', VERSIONS, testClient())).toEqual([undefined, undefined, undefined]);
});

it('the document of all channels keeps the entries of others, also when they are written at once', async () => {
  const repository = { registry: registry.host, path: 'acme/app-1' };
  const names = ['dev', 'nightly', 'prod', 'edge'];
  const ports = () => ({ registry: testClient(), clock: shortClock(10_000) });
  const { document } = await moveChannel({ set, version: '1.0.0', run: run(1) }, testClient());
  for (const serial of [1, 2, 3])
    await mapLimit(names, names.length, async (channel) => {
      const own: ChannelDocument = { ...document, channel, serial: serial + 1 };
      const record = { repository, digest: itemsOf(set, '1.0.0')[0]?.digest ?? document.images[0]!.digest };
      await publishAggregate(channelHome(channel, repository), own, record, ports(), { settleMs: 150 });
    });
  const all = await readAggregate(set, testClient());
  expect(all).toMatchObject(Object.fromEntries(names.map((channel) => [channel, { channel, serial: 4 }])));
});

describe('a promotion to another registry', () => {
  it('copies blobs, manifests and everything that refers to them, bit for bit', async () => {
    const there = await startRegistry({ referrers: false });
    const client = testClient();
    const digest = imageManifest('app-1', '1.0.0').descriptor;
    const source = { registry: registry.host, path: 'acme/app-1' };
    const target = { registry: there.host, path: 'mirror/app-1' };
    const referrers = [aReferrer(digest), aReferrer(digest, { kind: 'signature' })];
    await client.attach({ repository: source, digest: digest.digest }, referrers);
    const { copyMissing } = await import('../../src/steps/promote/copy.ts');
    const item = { image: 'app-1', repositories: [target], digest: digest.digest, source };
    await copyMissing([item], { registry: client, log: client.log });

    const held = await testClient().getManifest({ repository: target, digest: digest.digest });
    expect(Buffer.from(held?.bytes ?? []).toString()).toBe(
      Buffer.from(imageManifest('app-1', '1.0.0').bytes).toString(),
    );
    const listed = await testClient().referrers({ repository: target, digest: digest.digest });
    expect(listed.map((each) => each.digest).sort()).toEqual(
      referrers.map(({ manifest }) => manifest.descriptor.digest).sort(),
    );
    for (const { manifest, blobs } of referrers) {
      const ref = { repository: target, digest: manifest.descriptor.digest };
      expect((await testClient().getManifest(ref))?.bytes).toEqual(Buffer.from(manifest.bytes));
      for (const { descriptor, bytes } of blobs)
        expect(await testClient().readBlob(target, descriptor, 1e6)).toEqual(Buffer.from(bytes));
    }
    const before = there.requests.filter(({ method }) => method === 'PUT').length;
    await copyMissing([item], { registry: testClient(), log: client.log });
    expect(there.requests.filter(({ method }) => method === 'PUT')).toHaveLength(before);
    await there.stop();
  });
});
