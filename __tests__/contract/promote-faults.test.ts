import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReleaseError } from '../../src/model/errors.ts';
import { copyOf } from '../helpers/promote/copies.ts';
import { type ImageSet, pushImages, versionsAt } from '../helpers/promote/images.ts';
import { CHANNEL, moveChannel } from '../helpers/promote/move.ts';
import { expectSettled } from '../helpers/promote/settled.ts';
import { testClient } from '../helpers/registry/client.ts';
import type { FaultEffect } from '../helpers/registry/faults.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const COUNT = 7;
const VERSIONS = ['1.0.0', '1.1.0'];
/** Few attempts, so that an outage is beyond retries soon. */
const RETRY = { attempts: 3, firstDelayMs: 1, maxDelayMs: 1, totalMs: 1000 };

type Trouble = {
  readonly effect: FaultEffect;
  readonly times: number;
  /** How the runs end that meet it. */
  readonly ends: readonly string[];
};

const SERVER_ERROR = { do: 'answer', status: 500 } as const;
const DROP = { do: 'drop', afterBytes: 0 } as const;
const OUTAGE = ['PROMOTION_INCOMPLETE', 'PROMOTION_ROLLED_BACK', 'REGISTRY_UNAVAILABLE', 'moved'];

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'one answer of 500': { effect: SERVER_ERROR, times: 1, ends: ['moved'] },
  'one connection that ends': { effect: DROP, times: 1, ends: ['moved'] },
  'one answer that does not arrive': { effect: { do: 'mute' }, times: 1, ends: ['moved'] },
  '500 beyond retries': { effect: SERVER_ERROR, times: 30, ends: OUTAGE },
  'connections that end beyond retries': { effect: DROP, times: 30, ends: OUTAGE },
  'answers that do not arrive, beyond retries': { effect: { do: 'mute' }, times: 30, ends: OUTAGE },
  'one 401': {
    effect: { do: 'unauthorized' },
    times: 1,
    ends: ['PROMOTION_INCOMPLETE', 'PROMOTION_ROLLED_BACK', 'REGISTRY_LOGIN', 'moved'],
  },
  '401 for good': {
    effect: { do: 'unauthorized' },
    times: Infinity,
    ends: ['PROMOTION_INCOMPLETE', 'REGISTRY_LOGIN'],
  },
  'nothing but 500 from then on': {
    effect: SERVER_ERROR,
    times: Infinity,
    ends: ['PROMOTION_INCOMPLETE', 'REGISTRY_UNAVAILABLE'],
  },
};

describe(`a promotion of ${COUNT} images that meets trouble at any of its requests`, () => {
  let registry: RunningRegistry;
  let template: ImageSet;
  let requests: number;

  beforeAll(async () => {
    registry = await startRegistry();
    template = { host: registry.host, prefix: 'template', count: COUNT };
    await pushImages(template, VERSIONS, testClient());
    await moveChannel({ set: template, version: '1.0.0', run: { id: '1', attempt: 1 } }, testClient());
    const before = registry.requests.length;
    await moveChannel(next(copyOf(template, 'counted', registry), 1), testClient());
    requests = registry.requests.length - before;
  });

  afterAll(() => registry.stop());

  const next = (set: ImageSet, attempt: number) => ({ set, version: '1.1.0', run: { id: '2', attempt } });

  it.each(Object.entries(TROUBLES))(
    'with %s is whole after the next run',
    async (name, { effect, times, ends }) => {
      const seen = new Set<string>();
      for (let k = 0; k < requests; k += 1) {
        const set = copyOf(template, `${name.replaceAll(/\W+/g, '').toLowerCase()}/${k}`, registry);
        registry.faults.add({ when: {}, skip: k, times, effect });
        const end = await moveChannel(next(set, 1), testClient({ retry: RETRY })).then(
          ({ status }) => status,
          (error: unknown) => (error instanceof ReleaseError ? error.code : String(error)),
        );
        registry.faults.clear();
        seen.add(end);
        const after = await versionsAt(set, CHANNEL, VERSIONS, testClient());
        const where = `at request ${k}: ${end}`;
        if (end === 'moved') expect([where, after]).toEqual([where, Array(COUNT).fill('1.1.0')]);
        if (end === 'PROMOTION_ROLLED_BACK')
          expect([where, after]).toEqual([where, Array(COUNT).fill('1.0.0')]);
        if (end !== 'PROMOTION_INCOMPLETE') expect([where, new Set(after).size]).toEqual([where, 1]);

        await moveChannel(next(set, 2), testClient());
        await expectSettled(set, ['1.1.0', '1.0.0'], VERSIONS, testClient());
      }
      expect([...seen].sort()).toEqual(ends);
    },
  );
});
