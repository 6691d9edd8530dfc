import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import {
  type PlatformRequest,
  type RunningPlatform,
  startPlatform,
} from '../helpers/publish-platform/platform.ts';
import type { Generation } from '../helpers/publish-platform/sdk.ts';
import type { Fault } from '../helpers/registry/faults.ts';
import { aModule, comparable, KEY, runCli } from './helpers/publish-bench.ts';

/**
 * The platform's own client and ours, at the same server, with the same module, key and token. What differs on purpose:
 * `imageRef` is a digest (the client sends what it is told, so it is told the digest); the manifest is judged strictly before;
 * a Retry-After that is a date is understood, and a long one is not waited for; the code of an error is shown; the state of a
 * job that cannot be read is asked for again until the deadline; the end of patience is told apart from a failure; and the
 * Idempotency-Key is the same in a re-run.
 */
let bench: E2eBench;
let platform: RunningPlatform;
let module: GitRepository;
beforeAll(async () => {
  bench = await e2eBench();
  platform = await startPlatform();
  module = aModule(bench);
});
afterAll(async () => {
  await platform.stop();
  await bench.dispose();
});

async function requestsOf(work: () => Promise<unknown>): Promise<readonly PlatformRequest[]> {
  platform.jobs.all.length = 0;
  const before = platform.requests.length;
  await work();
  return platform.requests.slice(before);
}

const ours = (namespace: string, inputs: Readonly<Record<string, string>> = {}) =>
  bench.run(module, {
    namespace,
    publish: 'true',
    'publish-url': platform.url,
    'publish-token': platform.token,
    'publish-key': KEY,
    'publish-wait': 'false',
    ...inputs,
  });

const theirs = (generation: Generation, image: string, more: readonly string[], env = {}) =>
  runCli(
    generation,
    { cwd: module.folder, url: platform.url, config: bench.folder('config') },
    ['publish', '--env', 'dev', '--image-ref', image, ...more],
    { HLA_ACCESS_TOKEN: platform.token, ...env },
  );

const imageOf = (request: PlatformRequest | undefined): string => JSON.parse(request?.body ?? '{}').imageRef;

/** The job is another one. */
const withoutId = ({ path, ...request }: ReturnType<typeof comparable>) => ({
  ...request,
  path: path.replace(/pub-.*$/, 'ID'),
});

describe('SDK 2.1.3', () => {
  it('sends what we send: the dry run, and the publish', async () => {
    const mine = await requestsOf(() => ours('same'));
    const [dryRun, publish] = mine;
    expect(mine).toHaveLength(2);
    expect(imageOf(dryRun)).toBe(`${bench.registry.host}/same/peptide-counter:1.2.3`);
    expect(imageOf(publish)).toMatch(/@sha256:[0-9a-f]{64}$/);
    const real = [
      ...(await requestsOf(() => theirs('2.1', imageOf(dryRun), ['--scope', 'org', '--dry-run']))),
      ...(await requestsOf(() => theirs('2.1', imageOf(publish), ['--scope', 'org']))),
    ];
    expect(mine.map(comparable)).toEqual(real.map(comparable));
  });

  it('and for the public, and another organization', async () => {
    const mine = await requestsOf(() =>
      ours('public', { 'publish-scope': 'public', 'publish-org': 'org-7' }),
    );
    const more = ['--scope', 'public', '--org-id', 'org-7'];
    const real = await requestsOf(() => theirs('2.1', imageOf(mine[1]), more));
    expect(mine.slice(1).map(comparable)).toEqual(real.map(comparable));
  });

  it('asks about the job as we do', async () => {
    const mine = await requestsOf(() => ours('watched', { 'publish-wait': 'true' }));
    const real = await requestsOf(() =>
      theirs('2.1', imageOf(mine[1]), ['--scope', 'org', '--wait', '--interval', '1']),
    );
    expect(mine.slice(1).map(comparable).map(withoutId)).toEqual(real.map(comparable).map(withoutId));
    expect(real).toHaveLength(3);
  });

  const when = { method: 'POST' };
  it.each<[string, Fault, number]>([
    ['500 and then well', { when, effect: { do: 'answer', status: 500 } }, 2],
    ['500 always', { when, effect: { do: 'answer', status: 500 }, times: 99 }, 3],
    ['502 with HTML', { when, effect: { do: 'answer', status: 502, body: '<html>' } }, 2],
    ['429', { when, effect: { do: 'answer', status: 429, headers: { 'retry-after': '1' } } }, 2],
    ['429 always', { when, effect: { do: 'answer', status: 429 }, times: 99 }, 3],
    ['a reset', { when, effect: { do: 'drop' } }, 2],
    ['400', { when, effect: { do: 'answer', status: 400, body: '{"message":"no"}' } }, 1],
    [
      '403',
      { when, effect: { do: 'answer', status: 403, body: '{"error":{"code":"X","message":"no"}}' } },
      1,
    ],
  ])('asks as often as we do after %s, with one Idempotency-Key', async (name, fault, count) => {
    const image = `${bench.registry.host}/again/peptide-counter@sha256:${'0'.repeat(64)}`;
    const real = await requestsOf(async () => {
      platform.faults.add(fault);
      await theirs('2.1', image, ['--scope', 'org']);
      platform.faults.clear();
    });
    const mine = await requestsOf(async () => {
      // The dry run before it goes well.
      platform.faults.add({ ...fault, skip: 1 });
      await ours(`again-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`);
      platform.faults.clear();
    });
    const keys = (requests: readonly PlatformRequest[]) =>
      new Set(requests.map(({ headers }) => headers['idempotency-key'])).size;
    const ids = (requests: readonly PlatformRequest[]) =>
      new Set(requests.map(({ headers }) => headers['x-request-id'])).size;
    expect([real.length, keys(real), ids(real)]).toEqual([count, 1, count]);
    expect([mine.slice(1).length, keys(mine.slice(1)), ids(mine.slice(1))]).toEqual([count, 1, count]);
  });
});

describe('SDK 6.0.2', () => {
  it('sends what we send with an API key: to the routes of API keys', async () => {
    const mine = await requestsOf(() => ours('api-key', { 'publish-token': `api-key:${platform.token}` }));
    const env = { HLA_ACCESS_TOKEN: '', HLA_API_KEY: platform.token };
    const real = await requestsOf(() => theirs('6', imageOf(mine[1]), ['--scope', 'org'], env));
    expect(mine.slice(1).map(comparable)).toEqual(real.map(comparable));
    expect(mine[1]?.path).toBe('/v1/api/modules/publish');
  });

  it('and with an access token: the dry run, the publish and the questions about the job', async () => {
    const mine = await requestsOf(() => ours('token', { 'publish-wait': 'true' }));
    const [dryRun, publish] = mine;
    const scope = ['--scope', 'org'];
    const real = [
      ...(await requestsOf(() => theirs('6', imageOf(dryRun), [...scope, '--dry-run']))),
      ...(await requestsOf(() => theirs('6', imageOf(publish), [...scope, '--wait', '--interval', '1']))),
    ];
    expect(mine.map(comparable).map(withoutId)).toEqual(real.map(comparable).map(withoutId));
    expect(mine.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET', 'GET']);
    expect(publish?.path).toBe('/v1/modules/publish');
  });
});
