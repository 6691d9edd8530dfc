import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReleaseError } from '../../src/model/errors.ts';
import { type ImageSet, pushImages, versionsAt } from '../helpers/promote/images.ts';
import { CHANNEL, moveChannel } from '../helpers/promote/move.ts';
import { expectSettled } from '../helpers/promote/settled.ts';
import { testClient } from '../helpers/registry/client.ts';
import type { Fault, FaultEffect } from '../helpers/registry/faults.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const VERSIONS = ['1.0.0', '1.1.0', '1.2.0', '1.3.0'];
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed + 1);
const STEPS = 5;
const RETRY = { attempts: 3, firstDelayMs: 1, maxDelayMs: 1, totalMs: 1000 };
const EFFECTS: readonly FaultEffect[] = [
  { do: 'answer', status: 500 },
  { do: 'answer', status: 429, headers: { 'retry-after': '0' } },
  { do: 'drop', afterBytes: 0 },
  { do: 'mute' },
  { do: 'unauthorized' },
  { do: 'truncate', bytes: 10 },
];

/** Numbers from 0 to 1 that are the same for every run of the test. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function numbersOf(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('moves of a channel with random trouble', () => {
  let registry: RunningRegistry;

  beforeAll(async () => {
    registry = await startRegistry();
  });

  afterAll(() => registry.stop());

  it.each(SEEDS)('end whole, with seed %d', async (seed) => {
    const random = numbersOf(seed);
    const pick = <T>(items: readonly T[]): T => {
      const item = items[Math.floor(random() * items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    };
    const set: ImageSet = {
      host: registry.host,
      prefix: `seed-${seed}`,
      count: 1 + Math.floor(random() * 7),
    };
    await pushImages(set, VERSIONS, testClient());
    const known: string[] = [];
    for (let step = 1; step <= STEPS; step += 1) {
      const version = pick(VERSIONS.filter((each) => each !== known[0]));
      const kind = known.includes(version) ? 'rollback' : 'promote';
      const move = { set, version, kind, ...(kind === 'rollback' ? { target: 1 } : {}) } as const;
      for (const fault of troubles()) registry.faults.add(fault);
      const end = await moveChannel(
        { ...move, run: { id: `${step}`, attempt: 1 } },
        testClient({ retry: RETRY }),
      ).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof ReleaseError ? error.code : String(error)),
      );
      registry.faults.clear();
      const after = await versionsAt(set, CHANNEL, VERSIONS, testClient());
      if (end === 'moved') expect(after).toEqual(Array(set.count).fill(version));
      if (end !== 'PROMOTION_INCOMPLETE') expect(new Set(after).size).toBe(1);
      await moveChannel({ ...move, run: { id: `${step}`, attempt: 2 } }, testClient());
      known.unshift(version);
      await expectSettled(set, known, VERSIONS, testClient());
    }

    function troubles(): readonly Fault[] {
      return Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
        when: random() < 0.5 ? {} : { path: pick([/\/manifests\//, /prod$/, /app-1\//, /app-2\//]) },
        skip: Math.floor(random() * 60),
        times: pick([1, 1, 3, 10, 40, Infinity]),
        effect: pick(EFFECTS),
      }));
    }
  });
});
