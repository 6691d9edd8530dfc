import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type GitHubApi, gitHubApi } from '../helpers/github-api.ts';
import type { ActionRun, RunOptions } from '../helpers/run-action.ts';
import { type ChannelBench, channelBenchWith, digestsOf, promotionsOf } from './helpers/channel-bench.ts';
import { atRequest } from './helpers/interrupt.ts';

/** Releases and moves of channels that have an environment at GitHub. */
let bench: ChannelBench;
let api: GitHubApi;
let older: ActionRun;
let newer: ActionRun;

beforeAll(async () => {
  api = await gitHubApi({});
  bench = await channelBenchWith({
    prod: 'environment: production',
    stable: 'environment: "Stable / EU"',
    dev: 'environment: development',
  });
  older = await bench.release('1.0.0');
  newer = await bench.release('1.1.0');
});
beforeEach(() => {
  api.requests.length = 0;
  api.deployments.clear();
});
afterEach(() => {
  api.failWith(undefined);
  api.slowDown(0);
  bench.registry.faults.clear();
});
afterAll(async () => {
  await api.close();
  await bench.dispose();
});

const TOKEN = 'ghs_deployments';
const RUN = 'https://github.com/Acme/Modules/actions/runs/4242';

type Inputs = Readonly<Record<string, string>>;
const withApi = (more: Readonly<Record<string, string>> = {}) => ({
  env: { GITHUB_API_URL: api.url, ...more },
});
const move = (inputs: Inputs) => bench.move({ 'github-token': TOKEN, ...inputs }, withApi());
const promote = (from: string, more: Inputs = {}) =>
  move({ command: 'promote', channel: 'stable', from, ...more });
const rollback = (to: string, more: Inputs = {}) =>
  move({ command: 'rollback', channel: 'stable', to, force: 'true', reason: 'a test', ...more });
const commitOf = async (channel: string): Promise<unknown> =>
  ((await bench.record(channel)) as { readonly revision: string }).revision;

describe('a promotion', () => {
  it('records a deployment before the tags move, ends it after, and links it', async () => {
    const standing: unknown[] = [];
    api.deployments.onStatus = (state) => standing.push([state, bench.at('stable')]);
    const run = await promote('1.0.0');
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'promoted' } });
    const [one, two] = digestsOf(older);
    expect(standing).toEqual([
      ['in_progress', [undefined, undefined]],
      ['success', [one, two]],
    ]);
    expect(api.deployments.stored).toMatchObject([
      {
        ref: await commitOf('stable'),
        environment: 'Stable / EU',
        description: 'stable at 1.0.0',
        production_environment: true,
        payload: {
          channel: 'stable',
          kind: 'promote',
          version: '1.0.0',
          immutable_tag: '1.0.0',
          images: [
            { image: 'one', repository: `${bench.home}/one`, digest: one, previous: null },
            { image: 'two', repository: `${bench.home}/two`, digest: two, previous: null },
          ],
          run: RUN,
        },
        statuses: [{ log_url: RUN }, { log_url: RUN }],
      },
    ]);
    const url = 'https://github.com/Acme/Modules/deployments/Stable%20%2F%20EU';
    expect(run.summary).toContain(`Deployment: [Stable / EU](${url}).`);
    const id = api.deployments.stored[0]?.id;
    expect(promotionsOf(run)).toMatchObject([
      { channel: 'stable', deployment: { id, environment: 'Stable / EU', url, state: 'success' } },
    ]);
    expect(run.log).not.toContain('::warning');
    expect(run.log.replaceAll(`::add-mask::${TOKEN}`, '')).not.toContain(TOKEN);
  });

  it('run again it records nothing, and the next one makes the earlier one inactive', async () => {
    api.deployments.stored.push({
      id: 7,
      ref: 'a'.repeat(40),
      environment: 'Stable / EU',
      description: '',
      production_environment: true,
      payload: {},
      statuses: [{ state: 'success', description: '', log_url: '' }],
    });
    const again = await promote('1.0.0');
    expect(again).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } });
    expect(api.requests.filter(({ line }) => line.startsWith('POST'))).toEqual([]);
    expect(promotionsOf(again)).toMatchObject([{ status: 'unchanged', deployment: null }]);
    expect(await promote('1.1.0')).toMatchObject({ exitCode: 0 });
    expect(api.deployments.states()).toEqual([
      ['success', 'inactive'],
      ['in_progress', 'success'],
    ]);
    expect(bench.at('stable')).toEqual(digestsOf(newer));
  });

  it('does not record what the channel refuses', async () => {
    const back = await promote('1.0.0');
    expect(back).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'CHANNEL_BACKWARD' } });
    expect(api.deployments.stored).toEqual([]);
  });

  it('says in a dry run that there would be a record, and asks GitHub for none', async () => {
    const inputs = { 'dry-run': 'true', force: 'true', reason: 'a look' };
    const run = await promote('1.0.0', inputs);
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'planned' } });
    expect(run.log).toContain(
      'If it moves, GitHub gets a deployment record for the environment Stable / EU.',
    );
    expect(JSON.parse(run.outputs.plan ?? '')).toMatchObject({
      channels: [{ channel: 'stable', environment: 'Stable / EU' }],
    });
    expect(api.requests.filter(({ line }) => line.includes('/deployments'))).toEqual([]);
  });

  it('that the registry stops is a failure, and the earlier record stays', async () => {
    const when = { method: 'PUT', path: /\/v2\/acme\/two\/manifests\/stable$/ };
    bench.registry.faults.add({ when, times: 1000, effect: { do: 'answer', status: 403 } });
    const run = await promote('1.0.0', { force: 'true', reason: 'a test' });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'PROMOTION_ROLLED_BACK' });
    expect(api.deployments.states()).toEqual([['in_progress', 'failure']]);
    expect(promotionsOf(run)).toMatchObject([{ status: 'failed', deployment: { state: 'failure' } }]);
    expect(run.summary).toMatch(/`stable` was to go to 1\.0\.0: .* Deployment: \[.*\]\(.*\), as a failure\./);
    expect(bench.at('stable')).toEqual(digestsOf(newer));
  });
});

describe('a rollback', () => {
  it('records the commit of the release that is live again', async () => {
    const run = await rollback('1.0.0');
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back' } });
    const [one] = digestsOf(older);
    expect(api.deployments.stored).toMatchObject([
      {
        ref: await commitOf('stable'),
        description: 'stable back to 1.0.0',
        payload: {
          kind: 'rollback',
          version: '1.0.0',
          images: [{ digest: one, previous: digestsOf(newer)[0] }, {}],
        },
      },
    ]);
    expect(api.deployments.states()).toEqual([['in_progress', 'success']]);
  });
});

describe('without GitHub', () => {
  let is: 'older' | 'newer' = 'older';

  const MISSING = 'GitHub has no deployment record of this move of the channel stable';
  it.each<[string, () => void, RegExp]>([
    [
      'the permission is missing',
      () => {
        api.deployments.mayWrite = false;
      },
      new RegExp(`${MISSING}.* 403 Resource not accessible .*permissions: deployments: write`),
    ],
    ['the API answers 500', () => api.failWith(500), new RegExp(`${MISSING}.* 500`)],
    ['the API cuts connections', () => api.failWith(0), new RegExp(`${MISSING}.*cannot be reached`)],
    ['the API never answers', () => api.failWith(-1), new RegExp(`${MISSING}.*does not answer in time`)],
    [
      'statuses are refused',
      () => api.failNext({ when: /\/statuses$/, status: 403, times: 9 }),
      /The deployment \d+ of the channel stable to the environment Stable \/ EU is not complete/,
    ],
  ])('channels move all the same, with one warning: %s', async (_, breakIt, warning) => {
    breakIt();
    is = is === 'older' ? 'newer' : 'older';
    const run = await rollback(is === 'older' ? '1.0.0' : '1.1.0');
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back' } });
    expect(bench.at('stable')).toEqual(digestsOf(is === 'older' ? older : newer));
    const warnings = run.log.split('\n').filter((line) => /^::warning::.*deployment/.test(line));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(warning);
    expect(api.deployments.stored.length).toBeLessThan(2);
  });

  it('a slow one is waited for after the move', async () => {
    // Two answers, of the record and of its first status, come after the two seconds that a move waits; all of them in time.
    api.slowDown(1100);
    is = is === 'older' ? 'newer' : 'older';
    const run = await rollback(is === 'older' ? '1.0.0' : '1.1.0');
    expect(run.log).not.toMatch(/::warning::.*deployment/);
    expect(bench.at('stable')).toEqual(digestsOf(is === 'older' ? older : newer));
    expect(api.deployments.states()).toEqual([['in_progress', 'success']]);
    expect(promotionsOf(run)).toMatchObject([{ deployment: { state: 'success' } }]);
  });

  it('an answer that is lost makes no second record', async () => {
    api.failNext({ when: /^POST .*\/deployments$/, status: 0, isDone: true });
    is = is === 'older' ? 'newer' : 'older';
    const run = await rollback(is === 'older' ? '1.0.0' : '1.1.0');
    expect(run.log).not.toContain('::warning');
    expect(api.deployments.states()).toEqual([['in_progress', 'success']]);
  });
});

describe('a run that is killed while it moves', () => {
  it('leaves a record that its re-run ends; who comes in between records nothing', async () => {
    const to = bench.at('stable')[0] === digestsOf(older)[0] ? '1.1.0' : '1.0.0';
    const again = (more: Partial<RunOptions> = {}, env: Readonly<Record<string, string>> = {}) =>
      bench.move(
        {
          command: 'promote',
          channel: 'stable',
          from: to,
          force: 'true',
          reason: 'a test',
          'github-token': TOKEN,
        },
        { ...withApi(env), ...more },
      );
    const second = { method: 'PUT', path: /\/v2\/acme\/two\/manifests\/stable$/ };
    const stop = atRequest(bench.registry, second, { signal: 'SIGKILL' });
    expect((await again({ onLine: stop.onLine, withoutPost: true })).signal).toBe('SIGKILL');
    stop.undo();
    expect(api.deployments.states()).toEqual([['in_progress']]);
    expect(await again()).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'CHANNEL_CONFLICT' } });
    expect(api.deployments.states()).toEqual([['in_progress']]);
    const run = await again({}, { GITHUB_RUN_ATTEMPT: '2' });
    expect(run.exitCode).toBe(0);
    expect(bench.at('stable')).toEqual(bench.at(to));
    expect(api.deployments.states()).toEqual([['in_progress', 'success']]);
    expect(promotionsOf(run)).toMatchObject([{ deployment: { state: 'success' } }]);
  });
});

describe('a release', () => {
  const release = (version: string) => bench.release(version, { 'github-token': TOKEN }, withApi());

  it('records a deployment of its tag to the environment of the channel', async () => {
    const run = await release('1.2.0');
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'released', channel: 'prod' } });
    expect(run.log).toContain('GitHub gets a deployment record for the environment production.');
    expect(api.deployments.stored).toMatchObject([
      {
        ref: await commitOf('prod'),
        environment: 'production',
        production_environment: true,
        payload: { version: '1.2.0', images: [{ previous: digestsOf(newer)[0] }, {}] },
      },
    ]);
    expect(run.summary).toContain(
      'Deployment: [production](https://github.com/Acme/Modules/deployments/production).',
    );
  });

  it('of an older line moves an alias, and records nothing', async () => {
    const run = await release('1.1.1');
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'released', channel: '' } });
    expect(bench.at('1.1')).toEqual(digestsOf(run));
    expect(api.deployments.stored).toEqual([]);
  });

  it('of a branch is no production', async () => {
    const sha = bench.commit('a branch');
    const run = await bench.push(sha, { 'github-token': TOKEN }, withApi());
    expect(run).toMatchObject({ exitCode: 0, outputs: { channel: 'dev' } });
    expect(api.deployments.stored).toMatchObject([
      { ref: sha, environment: 'development', production_environment: false },
    ]);
  });
});
