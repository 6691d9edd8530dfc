import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mapLimit } from '../../src/model/concurrency.ts';
import { copyOf } from '../helpers/promote/copies.ts';
import { type ImageSet, pushImages, versionsAt } from '../helpers/promote/images.ts';
import { CHANNEL, type Move, moveChannel, QUICK_TIMES, shortClock } from '../helpers/promote/move.ts';
import { startPromoter } from '../helpers/promote/processes.ts';
import { expectSettled } from '../helpers/promote/settled.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const COUNT = 7;
const VERSIONS = ['1.0.0', '1.1.0'];
const AT_ONCE = 3;

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

  /** Ends when all that matching requests have asked for is done. */
  async function done(path: RegExp): Promise<void> {
    while (registry.requests.some((request) => path.test(request.path) && !request.isOver))
      await new Promise((later) => setTimeout(later, 3));
  }

  /** Kills the process while its request `k` is under way; how its run ended. */
  async function killAt(set: ImageSet, k: number): Promise<string> {
    const path = new RegExp(`^/v2/${set.prefix}/`);
    const killed = Promise.withResolvers<void>();
    const under = registry.faults.come({ path }, k + 1);
    registry.faults.add({ when: { path }, skip: k, effect: { do: 'hold', until: killed.promise } });
    const promoter = await startPromoter();
    const end = promoter.do({ move: next(set, 1) });
    await Promise.race([under, end]);
    await promoter.kill();
    // What was on its way arrives all the same.
    killed.resolve();
    await done(path);
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
  }, 600_000);

  it('is undone by a rollback that comes instead of the next run', async () => {
    const set = { ...template, prefix: 'undone' };
    await pushImages(set, VERSIONS, testClient());
    await moveChannel({ set, version: '1.0.0', run: { id: '1', attempt: 1 } }, testClient());
    const when = { method: 'PUT', path: /^\/v2\/undone\/app-4\/manifests\/prod$/ };
    const killed = Promise.withResolvers<void>();
    const under = registry.faults.come(when);
    registry.faults.add({ when, effect: { do: 'hold', until: killed.promise } });
    registry.faults.add({ when, effect: { do: 'drop', afterBytes: 0 } });
    const promoter = await startPromoter();
    const end = promoter.do({ move: next(set, 1) });
    await Promise.race([under, end]);
    await promoter.kill();
    killed.resolve();
    await done(/^\/v2\/undone\//);
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
    const later = { ...shortClock(), now: () => new Date(Date.now() + QUICK_TIMES.lifeMs) };
    const { status } = await moveChannel(rollback, testClient(), later);
    expect(status).toBe('unchanged');
    await expectSettled(set, ['1.0.0'], VERSIONS, testClient());
  });
});
