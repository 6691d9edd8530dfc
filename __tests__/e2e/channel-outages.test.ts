import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { contentOf } from '../helpers/e2e-bench.ts';
import { type GitHubApi, gitHubApi } from '../helpers/github-api.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { type ChannelBench, channelBench, digestsOf, promotionsOf } from './helpers/channel-bench.ts';
import { atRequest } from './helpers/interrupt.ts';

/** Two releases, and promotions between them while something is broken. */
let bench: ChannelBench;
let other: RunningRegistry;
let older: ActionRun;
let newer: ActionRun;

beforeAll(async () => {
  bench = await channelBench();
  other = await startRegistry();
  older = await bench.release('1.0.0');
  newer = await bench.release('1.1.0');
});
afterEach(() => {
  bench.registry.faults.clear();
  bench.sigstore.heal();
  bench.oidc.heal();
});
afterAll(async () => {
  await other.stop();
  await bench.dispose();
});

/** The PUT of a channel's tag on the second image. */
const SECOND = { method: 'PUT', path: /\/v2\/acme\/two\/manifests\/stable$/ };

const promote = (from: string, more: Parameters<ChannelBench['move']>[1] = {}) =>
  bench.move({ command: 'promote', channel: 'stable', from }, more);

describe('a promotion that the registry stops', () => {
  it('is put back, and done by the next run', async () => {
    expect(await promote('1.0.0')).toMatchObject({ exitCode: 0 });
    expect(bench.at('stable')).toEqual(digestsOf(older));
    bench.registry.faults.add({ when: SECOND, times: 1000, effect: { do: 'answer', status: 403 } });
    const failed = await promote('1.1.0');
    expect(failed).toMatchObject({
      exitCode: 1,
      outputs: { status: 'failed', 'error-code': 'PROMOTION_ROLLED_BACK', channel: '' },
    });
    expect(bench.at('stable')).toEqual(digestsOf(older));
    expect(promotionsOf(failed)).toMatchObject([{ channel: 'stable', status: 'failed' }]);
    expect(failed.summary).toContain('put back');
    bench.registry.faults.clear();
    expect(await promote('1.1.0')).toMatchObject({ exitCode: 0, outputs: { status: 'promoted' } });
    expect(bench.at('stable')).toEqual(digestsOf(newer));
  });

  it('killed in between, is finished by its re-run', async () => {
    expect(await bench.move({ command: 'rollback', channel: 'stable' })).toMatchObject({ exitCode: 0 });
    expect(bench.at('stable')).toEqual(digestsOf(older));
    const force = { force: 'true', reason: 'it was withdrawn by mistake' };
    const again = (more = {}) =>
      bench.move({ command: 'promote', channel: 'stable', from: '1.1.0', ...force }, more);
    const stop = atRequest(bench.registry, SECOND, { signal: 'SIGKILL' });
    expect((await again({ onLine: stop.onLine, withoutPost: true })).signal).toBe('SIGKILL');
    stop.undo();
    // Who re-runs a job has the next attempt: nobody waits until the claim of the killed one expires.
    expect(await again()).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'CHANNEL_CONFLICT' } });
    expect(await again({ env: { GITHUB_RUN_ATTEMPT: '2' } })).toMatchObject({ exitCode: 0 });
    expect(bench.at('stable')).toEqual(digestsOf(newer));
    expect(await bench.record('stable')).toMatchObject({ version: '1.1.0', withdrawn: [] });
  });
});

describe('a rollback', () => {
  it('works while nobody signs, nobody gives an identity, and GitHub is away', async () => {
    for (const service of ['fulcio', 'rekor', 'tsa'] as const) bench.sigstore.fail({ service, status: 503 });
    const run = await bench.move({ command: 'rollback', channel: 'stable', to: '1.0.0' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back' } });
    expect(bench.at('stable')).toEqual(digestsOf(older));
    expect(promotionsOf(run)).toMatchObject([{ evidence: 'attested', record: { signed: false } }]);
    expect(await bench.record('stable')).toMatchObject({ kind: 'rollback', signature: 'pending' });
    expect(run.log).toMatch(/::warning::The record \S+ has no signature yet/);
    // Nothing moves in the re-run, and its record is signed; what stood in the other one is nobody's word.
    bench.sigstore.heal();
    const again = await bench.move({ command: 'rollback', channel: 'stable', to: '1.0.0' });
    expect(again).toMatchObject({ exitCode: 0 });
    expect(promotionsOf(again)).toMatchObject([{ record: { signed: true } }]);
    expect(await bench.record('stable')).toMatchObject({
      version: '1.0.0',
      kind: 'rollback',
      history: expect.not.arrayContaining([expect.not.objectContaining({ unproven: true })]),
    });
  });
});

describe('a rollback without the services of GitHub', () => {
  let api: GitHubApi;
  let is: 'older' | 'newer' = 'older';

  beforeAll(async () => {
    api = await gitHubApi({});
  });
  afterAll(() => api.close());

  it.each([
    ['the issuer answers 500', () => bench.oidc.failWith(500)],
    ['the issuer cuts connections', () => bench.oidc.failWith(0)],
    ['the issuer never answers', () => bench.oidc.failWith(-1)],
    ['the API answers 500', () => api.failWith(500)],
    ['the API never answers', () => api.failWith(-1)],
  ])('moves all the same: %s', async (what, breakIt) => {
    breakIt();
    is = is === 'older' ? 'newer' : 'older';
    const force = { force: 'true', reason: what };
    const run = await bench.move(
      {
        command: 'rollback',
        channel: 'stable',
        to: is === 'older' ? '1.0.0' : '1.1.0',
        'github-token': 'gho_token',
        ...force,
      },
      { env: { GITHUB_API_URL: api.url } },
    );
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back' } });
    expect(bench.at('stable')).toEqual(digestsOf(is === 'older' ? older : newer));
    const signed = what.startsWith('the API');
    expect(promotionsOf(run)).toMatchObject([{ record: { signed } }]);
    // What could not be signed waits for its signature.
    expect(await bench.record('stable')).toMatchObject({ kind: 'rollback', signature: 'pending' });
    expect(run.log.includes('::warning::The record of this rollback is not signed now: ')).toBe(!signed);
  });
});

describe('another registry', () => {
  it('gets the images with all that is attached to them, and then the channel', async () => {
    const run = await bench.move({
      command: 'promote',
      registry: other.host,
      channel: 'prod',
      from: ['one', 'two'].map((name) => `${bench.home}/${name}:1.1.0`).join('\n'),
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'promoted' } });
    const content = contentOf(other);
    for (const [i, name] of ['one', 'two'].entries()) {
      expect(content[`acme/${name}`]?.tags).toMatchObject({
        prod: digestsOf(newer)[i],
        latest: digestsOf(newer)[i],
      });
      const ref = `${other.host}/acme/${name}:prod`;
      expect(await bench.cosignVerify(ref, '1.1.0')).toMatchObject({ code: 0 });
    }
  });

  it('and both together end up equal', async () => {
    const both = `${bench.registry.host}\n${other.host}`;
    const run = await bench.move({ command: 'promote', registry: both, channel: 'canary', from: '1.0.0' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'promoted' } });
    expect(bench.at('canary')).toEqual(digestsOf(older));
    const content = contentOf(other);
    expect(['one', 'two'].map((name) => content[`acme/${name}`]?.tags.canary)).toEqual(digestsOf(older));
  });
});
