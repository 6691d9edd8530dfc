import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mapLimit } from '../../src/model/concurrency.ts';
import { copyOf } from '../helpers/promote/copies.ts';
import { type ImageSet, pushImages, versionsAt } from '../helpers/promote/images.ts';
import { CHANNEL, type Move, moveChannel } from '../helpers/promote/move.ts';
import { startPromoter } from '../helpers/promote/processes.ts';
import { expectSettled } from '../helpers/promote/settled.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const COUNT = 7;
const VERSIONS = ['1.0.0', '1.1.0'];
const AT_ONCE = 3;
/** Milliseconds that the request is held up at which the process is killed. */
const HELD = 150;

describe(`a promotion of ${COUNT} images whose process is killed at any of its requests`, () => {
  let registry: RunningRegistry;
  let template: ImageSet;

  beforeAll(async () => {
    registry = await startRegistry();
    template = { host: registry.host, prefix: 'template', count: COUNT };
    await pushImages(template, VERSIONS, testClient());
    await moveChannel({ set: template, version: '1.0.0', run: { id: '1', attempt: 1 } }, testClient());
  });

  afterAll(() => registry.stop());

  const next = (set: ImageSet, attempt: number): Move => ({
    set,
    version: '1.1.0',
    run: { id: '2', attempt },
  });

  /** Kills the process while its request `k` is under way; false when it made fewer. */
  async function killAt(set: ImageSet, k: number): Promise<string> {
    const path = new RegExp(`^/v2/${set.prefix}/`);
    registry.faults.add({ when: { path }, skip: k, effect: { do: 'delay', milliseconds: HELD } });
    const promoter = await startPromoter();
    const end = promoter.do({ move: next(set, 1) });
    const isOver = { yet: false };
    void end.then(() => {
      isOver.yet = true;
    });
    while (!isOver.yet && registry.requests.filter((request) => path.test(request.path)).length <= k)
      await new Promise((done) => setTimeout(done, 3));
    await promoter.kill();
    // What was on its way arrives all the same.
    await new Promise((done) => setTimeout(done, HELD + 50));
    return (await end).end;
  }

  it('is whole after the next run', async () => {
    await moveChannel(next(copyOf(template, 'counted', registry), 1), testClient());
    const counted = registry.requests.filter(({ path }) => path.startsWith('/v2/counted/'));
    const points = counted.map((_, k) => k);
    const states = await mapLimit(points, AT_ONCE, async (k) => {
      const set = copyOf(template, `killed/${k}`, registry);
      expect([k, await killAt(set, k)]).toEqual([k, 'killed']);
      const after = new Set(await versionsAt(set, CHANNEL, VERSIONS, testClient()));
      await moveChannel(next(set, 2), testClient());
      await expectSettled(set, ['1.1.0', '1.0.0'], VERSIONS, testClient());
      return after.size === 1 ? [...after].join() : 'mixed';
    });
    // The kills came before, amid and after the moves.
    expect([...new Set(states)].sort()).toEqual(['1.0.0', '1.1.0', 'mixed']);
  }, 180_000);

  it('is undone by a rollback that comes instead of the next run', async () => {
    const set = { ...template, prefix: 'undone' };
    await pushImages(set, VERSIONS, testClient());
    await moveChannel({ set, version: '1.0.0', run: { id: '1', attempt: 1 } }, testClient());
    const known = registry.requests.length;
    const path = /^\/v2\/undone\/app-4\/manifests\/prod$/;
    registry.faults.add({ when: { method: 'PUT', path }, effect: { do: 'delay', milliseconds: HELD } });
    registry.faults.add({ when: { method: 'PUT', path }, effect: { do: 'drop', afterBytes: 0 } });
    const promoter = await startPromoter();
    const end = promoter.do({ move: { ...next(set, 1), times: { settleMs: 1, lifeMs: 1000 } } });
    const isPut = ({ method, path: at }: { method: string; path: string }): boolean =>
      method === 'PUT' && path.test(at);
    while (!registry.requests.slice(known).some(isPut)) await new Promise((done) => setTimeout(done, 3));
    await promoter.kill();
    expect((await end).end).toBe('killed');
    const rollback: Move = {
      set,
      version: '1.0.0',
      kind: 'rollback',
      target: 1,
      run: { id: '3', attempt: 1 },
    };
    // Its claim is alive for a while.
    await expect(moveChannel(rollback, testClient())).rejects.toMatchObject({ code: 'CHANNEL_CONFLICT' });
    await new Promise((done) => setTimeout(done, 1000));
    const { status } = await moveChannel(rollback, testClient());
    expect(status).toBe('unchanged');
    await expectSettled(set, ['1.0.0'], VERSIONS, testClient());
  }, 20_000);
});
