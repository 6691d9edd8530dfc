import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mapLimit } from '../../src/model/concurrency.ts';
import { CLAIM_TIMES, readChannel } from '../../src/steps/promote/run.ts';
import { copyOf } from '../helpers/promote/copies.ts';
import { type ImageSet, pushImages, versionsAt } from '../helpers/promote/images.ts';
import { CHANNEL, homeOf, moveChannel } from '../helpers/promote/move.ts';
import { type Promoter, startPromoter } from '../helpers/promote/processes.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const ROUNDS = 100;
const ROUNDS_AT_ONCE = 5;
const COUNT = 3;
const VERSIONS = ['1.0.0', '1.1.0', '1.2.0'];
/** The waits are those of a release: more than ten times as long. */
const DELAYS = [0, 80] as const;
const RECORD = /\/manifests\/_channel-prod$/;
/** Every so many rounds both have seen the channel free before one of them writes. */
const COLLIDING = 5;

describe('two processes that move the same channel at once', () => {
  let registry: RunningRegistry;
  let template: ImageSet;
  let promoters: readonly Promoter[];

  beforeAll(async () => {
    registry = await startRegistry();
    template = { host: registry.host, prefix: 'template', count: COUNT };
    await pushImages(template, VERSIONS, testClient());
    await moveChannel({ set: template, version: '1.0.0', run: { id: '1', attempt: 1 } }, testClient());
    promoters = await Promise.all([startPromoter(), startPromoter()]);
    registry.faults.add({
      when: { path: /\/manifests\/(?:_channel-)?prod$/ },
      times: Infinity,
      effect: { do: 'delay', milliseconds: DELAYS },
    });
  });

  afterAll(async () => {
    for (const promoter of promoters) await promoter.kill();
    await registry.stop();
  });

  /** Neither goes on before the other has looked, for the last time, whether the channel is free. */
  function collide({ prefix }: ImageSet): void {
    const when = { method: 'HEAD', path: new RegExp(`^/v2/${prefix}/.*${RECORD.source}`) };
    const until = registry.faults.come(when, 2);
    registry.faults.add({ when, times: 2, effect: { do: 'hold', until } });
  }

  it(`never mix in ${ROUNDS} rounds: one of them wins, or both in order`, async () => {
    const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
    const outcomes = await mapLimit(rounds, ROUNDS_AT_ONCE, async (round) => {
      const set = copyOf(template, `round-${round}`, registry);
      if (round % COLLIDING === 0) collide(set);
      const replies = await Promise.all(
        promoters.map((promoter, at) =>
          promoter.do({
            move: {
              set,
              version: VERSIONS[at + 1] ?? '',
              run: { id: `${at + 2}`, attempt: 1 },
              times: CLAIM_TIMES,
            },
            isPatient: true,
          }),
        ),
      );
      const ends = replies.map(({ end }) => end);
      const { document, claim } = await readChannel(CHANNEL, homeOf(set), { registry: testClient() });
      const wins = ends.filter((end) => end === 'moved').length;
      expect([round, claim]).toEqual([round, undefined]);
      expect([round, ends.filter((end) => end !== 'moved' && end !== 'CHANNEL_CONFLICT')]).toEqual([
        round,
        [],
      ]);
      expect([round, document?.serial]).toEqual([round, 1 + wins]);
      expect([round, await versionsAt(set, CHANNEL, VERSIONS, testClient())]).toEqual([
        round,
        Array(COUNT).fill(document?.version),
      ]);
      if (wins === 1)
        expect([round, document?.version]).toEqual([round, VERSIONS[1 + ends.indexOf('moved')]]);
      return wins;
    });
    expect(outcomes.every((wins) => wins >= 1)).toBe(true);
    // They did collide: a winner writes the record twice, and some losers had written a claim too.
    const wins = outcomes.reduce((sum, each) => sum + each, 0);
    const writes = registry.requests.filter(
      ({ method, path }) => method === 'PUT' && path.startsWith('/v2/round-') && RECORD.test(path),
    );
    expect(writes.length).toBeGreaterThan(2 * wins + ROUNDS / 10);
  }, 900_000);
});
