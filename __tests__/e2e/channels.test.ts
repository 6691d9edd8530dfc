import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GitHubApi, gitHubApi } from '../helpers/github-api.ts';
import { type ChannelBench, channelBench, digestsOf, promotionsOf } from './helpers/channel-bench.ts';

/** Channels without evidence, of branches, and of runs that overtake each other. */
let bench: ChannelBench;
let api: GitHubApi;

beforeAll(async () => {
  bench = await channelBench();
  api = await gitHubApi({});
});
afterAll(async () => {
  await api.close();
  await bench.dispose();
});

const UNSIGNED = { attest: 'false' };
const asked = () => ({ env: { GITHUB_API_URL: api.url } });
const token = { 'github-token': 'gho_token' };

describe('the channel of a branch', () => {
  it('is not taken by an older commit that ends last: by ancestry, whatever the dates say', async () => {
    const [older, newer] = [bench.commit('older'), bench.commit('newer')];
    const first = await bench.push(newer, { ...UNSIGNED, ...token }, asked());
    expect(first).toMatchObject({ exitCode: 0, outputs: { status: 'released', channel: 'dev' } });
    api.compare(newer, older, 'behind');
    const late = await bench.push(older, { ...UNSIGNED, ...token }, asked());
    expect(late).toMatchObject({ exitCode: 0, outputs: { status: 'released', channel: '' } });
    expect(bench.at('dev')).toEqual(digestsOf(first));
    expect(bench.at(`sha-${older}`)).toEqual(digestsOf(late));
    expect(late.log).toContain(`::notice::The channel dev stays: it is at the newer commit ${newer}.`);
    expect(api.requests.map(({ line }) => line)).toContainEqual(
      expect.stringContaining(`/compare/${newer}...${older}?`),
    );
    // A branch that was set back on purpose: GitHub says ahead, and the date is older.
    api.compare(newer, older, 'ahead');
    const reset = await bench.push(older, { ...UNSIGNED, ...token }, asked());
    expect(bench.at('dev')).toEqual(digestsOf(reset));
  });

  it('is not taken by an older commit by its date, where nobody knows the ancestry', async () => {
    const [older, newer] = [bench.commit('older still'), bench.commit('newer still')];
    const first = await bench.push(newer, { ...UNSIGNED });
    expect(bench.at('dev')).toEqual(digestsOf(first));
    const late = await bench.push(older, { ...UNSIGNED });
    expect(bench.at('dev')).toEqual(digestsOf(first));
    expect(late.log).toContain(`The channel dev stays: it is at the newer commit ${newer} of `);
  });
});

describe('a release without evidence', () => {
  it('moves its channel on its own verdict, and says that it is unattested', async () => {
    const run = await bench.release('1.0.0', UNSIGNED);
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'released', channel: 'prod' } });
    expect(promotionsOf(run)).toMatchObject([
      { channel: 'prod', evidence: 'unattested', record: { signed: false } },
    ]);
    expect(run.summary).toContain('unattested');
    expect(await bench.record('prod')).toMatchObject({ evidence: 'unattested', signature: 'unsigned' });
  });

  it('is promoted by nobody who asks for evidence', async () => {
    const asks = await bench.move({ command: 'promote', channel: 'stable', from: '1.0.0' });
    expect(asks.outputs).toMatchObject({ status: 'failed', 'error-code': 'VERIFY_FAILED' });
    expect(bench.at('stable')).toEqual([undefined, undefined]);
    const trusts = await bench.move({
      command: 'promote',
      channel: 'stable',
      from: '1.0.0',
      require: 'none',
    });
    expect(trusts).toMatchObject({ exitCode: 0, outputs: { status: 'promoted' } });
    expect(trusts.summary).toContain('**Nothing was proven**');
    expect(bench.at('stable')).toEqual(bench.at('1.0.0'));
    expect(await bench.record('stable')).toMatchObject({ evidence: 'unattested' });
  });
});

describe('a release on a pull request', () => {
  it('moves no channel', async () => {
    const before = bench.at('dev');
    const sha = bench.commit('a proposal');
    const run = await bench.push(
      sha,
      { ...UNSIGNED, channel: 'dev', 'pull-request': 'push' },
      {
        eventName: 'pull_request',
        ref: 'refs/pull/7/merge',
        event: {
          pull_request: {
            number: 7,
            head: { sha, ref: 'topic', repo: { full_name: 'Acme/Modules' } },
            base: { ref: 'main' },
          },
        },
      },
    );
    expect(run.exitCode).toBe(0);
    expect(bench.at('pr-7')).not.toContain(undefined);
    expect(bench.at('dev')).toEqual(before);
  });
});
