import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contentOf, writesOf } from '../helpers/e2e-bench.ts';
import { type ChannelBench, channelBench, digestsOf, promotionsOf } from './helpers/channel-bench.ts';
import { craneDigest } from './helpers/judges.ts';

/** Releases, promotions and rollbacks of two images in a row, as their workflows run them. The tests build on each other. */
let bench: ChannelBench;

beforeAll(async () => {
  bench = await channelBench();
});
afterAll(() => bench.dispose());

describe('a release and its channel', () => {
  it('moves the channel and its aliases after its tags', async () => {
    const run = await bench.release('1.5.6');
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'released', channel: 'prod' } });
    for (const tag of ['1.5.6', 'prod', 'latest', '1', '1.5']) expect(bench.at(tag)).toEqual(digestsOf(run));
    expect(JSON.parse(run.outputs.plan ?? '')).toMatchObject({
      channel: 'prod',
      channels: [{ channel: 'prod', do: 'move', aliases: ['latest', 'major', 'minor'] }],
      steps: expect.arrayContaining([
        { id: 'promote', do: 'run', reason: 'prod moves: its rule is `tag: v*`' },
      ]),
    });
    expect(run.summary).toContain('### Channels');
    expect(promotionsOf(run)).toMatchObject([
      { channel: 'prod', status: 'moved', version: '1.5.6', evidence: 'attested', record: { signed: true } },
    ]);
  });

  it('run again it changes nothing', async () => {
    const before = contentOf(bench.registry);
    const run = await bench.again('1.5.6');
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged', channel: 'prod' } });
    expect(promotionsOf(run)).toMatchObject([{ status: 'unchanged' }]);
    expect(contentOf(bench.registry)).toEqual(before);
  });

  it('1.5.7 after 1.6.0 takes 1.5, and leaves the channel, latest and 1', async () => {
    const newer = await bench.release('1.6.0');
    const fix = await bench.release('1.5.7');
    expect(fix).toMatchObject({ exitCode: 0, outputs: { status: 'released', channel: '' } });
    for (const tag of ['prod', 'latest', '1', '1.6']) expect(bench.at(tag)).toEqual(digestsOf(newer));
    for (const tag of ['1.5', '1.5.7']) expect(bench.at(tag)).toEqual(digestsOf(fix));
    expect(fix.log).toContain('::notice::The channel prod stays: it is at the higher version 1.6.0.');
    expect(promotionsOf(fix)).toMatchObject([
      { channel: 'prod', status: 'stayed', reason: 'it is at the higher version 1.6.0' },
    ]);
    expect(await bench.record('prod')).toMatchObject({
      version: '1.6.0',
      history: [{ version: '1.5.7', moving_tags: ['1.5'] }, { version: '1.5.6' }],
    });
  });
});

describe('promote', () => {
  it('moves another channel to a release, bit for bit, and cosign believes its tag', async () => {
    const run = await bench.move({ command: 'promote', channel: 'stable', from: 'v1.6.0' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'promoted', channel: 'stable' } });
    expect(bench.at('stable')).toEqual(bench.at('1.6.0'));
    expect(digestsOf(run)).toEqual(bench.at('stable'));
    for (const name of ['one', 'two']) {
      const ref = `${bench.home}/${name}:stable`;
      expect(await craneDigest(ref)).toBe(bench.at('1.6.0')[name === 'one' ? 0 : 1]);
      expect((await bench.cosignVerify(ref, '1.6.0')).code).toBe(0);
    }
    expect(promotionsOf(run)).toMatchObject([
      {
        channel: 'stable',
        status: 'moved',
        version: '1.6.0',
        evidence: 'attested',
        record: { signed: true },
      },
    ]);
    const again = await bench.move({ command: 'promote', channel: 'stable', from: '1.6.0' });
    expect(again).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged', channel: 'stable' } });
  });

  it('says what it would do, and writes nothing, in a dry run', async () => {
    const before = bench.registry.requests.length;
    const run = await bench.move({
      command: 'promote',
      channel: 'prod',
      from: '1.6.0',
      'dry-run': 'true',
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'planned', channel: 'prod' } });
    expect(writesOf(bench.registry.requests.slice(before))).toEqual([]);
  });

  it.each([
    ['a lower version', { from: '1.5.7' }, 'CHANNEL_BACKWARD', 'it is at the higher version 1.6.0'],
    ['what is not there', { from: '9.9.9' }, 'REGISTRY_NOT_FOUND', 'there is no image at'],
    [
      'an image of the set alone',
      { from: `one@sha256:${'a'.repeat(64)}` },
      'INPUT_INVALID',
      'no digest is given for the image two',
    ],
  ])('refuses %s, and moves nothing', async (_, inputs, code, message) => {
    const before = contentOf(bench.registry);
    const run = await bench.move({ command: 'promote', channel: 'prod', ...inputs });
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { status: 'failed', 'error-code': code, channel: '' },
    });
    expect(run.log).toContain(message);
    expect(contentOf(bench.registry)).toEqual(before);
  });

  it('refuses what the expected workflow has not signed', async () => {
    const run = await bench.move({
      command: 'promote',
      channel: 'canary',
      from: '1.6.0',
      'identity-workflow': '.github/workflows/other.yml',
    });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'VERIFY_FAILED' });
    expect(bench.at('canary')).toEqual([undefined, undefined]);
  });

  it('makes a release candidate the release, with the same digest', async () => {
    const candidate = await bench.release('1.7.0-rc.1');
    expect(bench.at('prod')).toEqual(bench.at('1.6.0'));
    expect(candidate.outputs).toMatchObject({ status: 'released', channel: '' });
    const run = await bench.move({
      command: 'promote',
      channel: 'prod',
      from: '1.7.0-rc.1',
      version: '1.7.0',
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'promoted', version: '1.7.0' } });
    for (const tag of ['1.7.0', 'prod', 'latest', '1', '1.7'])
      expect(bench.at(tag)).toEqual(digestsOf(candidate));
    for (const name of ['one', 'two'])
      expect((await bench.cosignVerify(`${bench.home}/${name}:1.7.0`, '1.7.0-rc.1')).code).toBe(0);
    // A version keeps its digest, and other versions are none of a candidate's names.
    const other = await bench.move({ command: 'promote', channel: 'prod', from: '1.6.0', version: '1.8.0' });
    expect(other.outputs['error-code']).toBe('INPUT_INVALID');
    expect(other.log).toContain('what was released as 1.6.0 cannot become 1.8.0');
  });
});

describe('rollback', () => {
  it('goes back to what was live before, on all images and aliases, and a second one changes nothing', async () => {
    const run = await bench.move({ command: 'rollback', channel: 'prod' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back', channel: 'prod' } });
    for (const tag of ['prod', 'latest', '1']) expect(bench.at(tag)).toEqual(bench.at('1.6.0'));
    expect(bench.at('1.5')).toEqual(bench.at('1.5.7'));
    expect(await bench.record('prod')).toMatchObject({
      version: '1.6.0',
      kind: 'rollback',
      withdrawn: [{ version: '1.7.0' }],
    });
    const again = await bench.move({ command: 'rollback', channel: 'prod' });
    expect(again).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } });
    expect(bench.at('prod')).toEqual(bench.at('1.6.0'));
  });

  it('keeps what it left from coming back by itself', async () => {
    const back = await bench.move({ command: 'promote', channel: 'prod', from: '1.7.0' });
    expect(back.outputs).toMatchObject({ status: 'failed', 'error-code': 'CHANNEL_BACKWARD' });
    expect(back.log).toContain('a rollback has withdrawn 1.7.0');
    const fixed = await bench.release('1.6.1');
    expect(fixed.outputs).toMatchObject({ status: 'released', channel: 'prod' });
    for (const tag of ['prod', 'latest', '1', '1.6']) expect(bench.at(tag)).toEqual(digestsOf(fixed));
    const forced = await bench.move({
      command: 'promote',
      channel: 'prod',
      from: '1.7.0',
      force: 'true',
      reason: 'the cause was elsewhere',
    });
    expect(forced).toMatchObject({ exitCode: 0, outputs: { status: 'promoted' } });
    expect(bench.at('prod')).toEqual(bench.at('1.7.0'));
    expect(await bench.record('prod')).toMatchObject({
      version: '1.7.0',
      force: { reason: 'the cause was elsewhere' },
      withdrawn: [],
    });
  });

  it.each([
    ['a version', () => ({ to: 'v1.5.6' })],
    [
      'digests',
      () => ({
        to: bench
          .at('1.5.6')
          .map((digest, i) => `${['one', 'two'][i]}@${digest}`)
          .join('\n'),
      }),
    ],
  ])('goes back to %s', async (_, inputs) => {
    const run = await bench.move({ command: 'rollback', channel: 'prod', ...inputs() });
    expect(run.exitCode).toBe(0);
    for (const tag of ['prod', 'latest', '1']) expect(bench.at(tag)).toEqual(bench.at('1.5.6'));
    expect(await bench.record('prod')).toMatchObject({ version: '1.5.6' });
  });

  it('needs no identity to sign with', async () => {
    const run = await bench.move({ command: 'rollback', channel: 'stable', to: '1.5.6' }, { env: NO_OIDC });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back' } });
    expect(bench.at('stable')).toEqual(bench.at('1.5.6'));
    expect(promotionsOf(run)).toMatchObject([{ record: { signed: false } }]);
  });
});

const NO_OIDC = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
