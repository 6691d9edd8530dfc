import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mapLimit } from '../../src/model/concurrency.ts';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { digestOf, hexOf } from '../../src/model/digest.ts';
import { MEDIA } from '../../src/model/manifest.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import type { WriterReply, WriterTask } from '../helpers/registry/writer.ts';

const ROUNDS = 100;
const ROUNDS_AT_ONCE = 10;
/** The writers wait ten times as long at least, and longer by what each has seen of the registry. */
const DELAYS = [0, 80] as const;
/** Every so many rounds both have read the list before one of them writes. */
const COLLIDING = 2;

describe.each<[string, RegistryOptions]>([
  ['without the referrers API', { referrers: false }],
  ['with the referrers API', { referrers: true }],
])('two processes that attach to the same image at once, at a registry %s', (_, options) => {
  let registry: RunningRegistry;
  let writers: readonly Writer[];

  beforeAll(async () => {
    registry = await startRegistry(options);
    writers = [startWriter(), startWriter()];
    const slow = { path: /\/manifests\/sha256-/ };
    registry.faults.add({ when: slow, times: Infinity, effect: { do: 'delay', milliseconds: DELAYS } });
  });

  afterAll(async () => {
    for (const writer of writers) writer.stop();
    await registry.stop();
  });

  /** Neither list is written before both are on their way. */
  function collide({ digest }: Descriptor): void {
    const when = { method: 'PUT', path: new RegExp(`/manifests/sha256-${hexOf(digest)}$`) };
    const until = registry.faults.come(when, 2);
    registry.faults.add({ when, times: 2, effect: { do: 'hold', until } });
  }

  it(`lose nothing in ${ROUNDS} rounds`, async () => {
    const { host } = registry;
    const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
    const lost = await mapLimit(rounds, ROUNDS_AT_ONCE, async (round) => {
      const image: Descriptor = { mediaType: MEDIA.ociIndex, digest: digestOf(`image ${round}`), size: 400 };
      if (options.referrers === false && round % COLLIDING === 0) collide(image);
      const replies = await Promise.all(writers.map((writer) => writer.do({ host, image })));
      const repository = { registry: host, path: 'acme/app' };
      const listed = await testClient().referrers({ repository, digest: image.digest });
      const found = listed.map(({ digest }) => digest);
      expect(replies.map(({ error }) => error)).toEqual([undefined, undefined]);
      expect(found).toHaveLength(4);
      return replies
        .flatMap(({ attached }) => attached)
        .filter((digest) => !found.some((each) => each === digest));
    });
    expect(lost.flat()).toEqual([]);
    const writes = registry.requests.filter(
      ({ method, path }) => method === 'PUT' && path.includes('/sha256-'),
    );
    // They did collide: without collisions each of them writes once.
    if (options.referrers === false) expect(writes.length).toBeGreaterThan(2 * ROUNDS + ROUNDS / 4);
    else expect(writes).toHaveLength(0);
  });
});

type Writer = { do(task: WriterTask): Promise<WriterReply>; stop(): void };

function startWriter(): Writer {
  const path = join(import.meta.dirname, '../helpers/registry/writer.ts');
  const child: ChildProcess = fork(path, { execArgv: [] });
  const waiting = new Map<number, (reply: WriterReply) => void>();
  let last = 0;
  child.on('message', ({ id, reply }: { id: number; reply: WriterReply }) => waiting.get(id)?.(reply));
  child.on('exit', () => {
    for (const answer of waiting.values()) answer({ attached: [], error: 'the writer ended' });
  });
  return {
    do: (task) =>
      new Promise((answer) => {
        last += 1;
        waiting.set(last, answer);
        child.send({ id: last, task });
      }),
    stop: () => void child.kill(),
  };
}
