import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ReleaseError } from '../../src/model/errors.ts';
import { type ImageSet, pushImages, versionsAt } from '../helpers/promote/images.ts';
import { CHANNEL, moveChannel } from '../helpers/promote/move.ts';
import { expectSettled } from '../helpers/promote/settled.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

/** A rollback has a minute for 14 images at 2 registries, and registries answer so many requests and no more. */
const COUNT = 14;
const VERSIONS = ['1.0.0', '1.1.0'];
const TAGS = 2 * COUNT;

let first: RunningRegistry;
let second: RunningRegistry;
let set: ImageSet;

beforeEach(async () => {
  [first, second] = await Promise.all([startRegistry(), startRegistry()]);
  set = { host: first.host, mirror: second.host, prefix: 'acme', count: COUNT };
  for (const host of [first.host, second.host]) await pushImages({ ...set, host }, VERSIONS, testClient());
  for (const version of VERSIONS)
    await moveChannel({ set, version, run: { id: version, attempt: 1 } }, testClient());
});

afterEach(() => Promise.all([first.stop(), second.stop()]));

const rollback = (attempt: number, client = testClient()) =>
  moveChannel({ set, version: '1.0.0', kind: 'rollback', target: 1, run: { id: '3', attempt } }, client);
const standing = async () => [
  ...(await versionsAt(set, CHANNEL, VERSIONS, testClient())),
  ...(await versionsAt({ ...set, host: second.host }, CHANNEL, VERSIONS, testClient())),
];
const all = (version: string) => Array(TAGS).fill(version);

/** Both registries answer 429 to what matches, so often. */
function throttle(
  times: number,
  { skip = 0, ...when }: { method?: string; path?: RegExp; skip?: number } = {},
): void {
  const effect = { do: 'answer', status: 429, headers: { 'retry-after': '5' } } as const;
  for (const { faults } of [first, second]) faults.add({ when, skip, times, effect });
}
const heal = (): void => {
  for (const { faults } of [first, second]) faults.clear();
};

describe(`a rollback of ${COUNT} images at 2 registries`, () => {
  it('takes a few requests for each tag, and one write', async () => {
    const before = [first, second].map(({ requests }) => requests.length);
    await rollback(1);
    const made = [first, second].flatMap(({ requests }, i) => requests.slice(before[i]));
    const writes = made.filter(({ method, path }) => method === 'PUT' && path.endsWith(`/${CHANNEL}`));
    expect(writes).toHaveLength(TAGS);
    // HEAD of image and tag to plan, HEAD, PUT and HEAD to move; each manifest is read once; the rest is for the records.
    expect(made.length).toBeLessThanOrEqual(5 * TAGS + COUNT + 20);
    expect(await standing()).toEqual(all('1.0.0'));
  });

  it('waits as long as the registries ask for, and is done within its minute', async () => {
    throttle(4, { skip: 20 });
    const client = testClient();
    await rollback(1, client);
    expect(await standing()).toEqual(all('1.0.0'));
    expect(client.waits.length).toBeGreaterThan(0);
    // They wait side by side: even one after the other it would be less than a minute.
    expect(client.waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(60_000);
  });

  it.each([
    ['of all requests', {}, 'REGISTRY_UNAVAILABLE'],
    ['of writes', { method: 'PUT' }, 'REGISTRY_UNAVAILABLE'],
    ['of the tags of one image', { method: 'PUT', path: /app-9\/manifests\/prod$/ }, 'PROMOTION_ROLLED_BACK'],
  ])(
    'that the limit %s stops has moved nothing, says so, and is done by the next run',
    async (_, when, code) => {
      throttle(Infinity, when);
      const error: unknown = await rollback(1).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(ReleaseError);
      expect(error).toMatchObject({ code, message: expect.stringContaining('429') });
      heal();
      expect(await standing()).toEqual(all('1.1.0'));
      await rollback(2);
      expect(await standing()).toEqual(all('1.0.0'));
      await expectSettled(set, ['1.0.0', '1.1.0', '1.0.0'], VERSIONS, testClient());
    },
  );
});
