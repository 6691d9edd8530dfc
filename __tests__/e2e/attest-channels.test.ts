import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import type { ChannelDocument } from '../../src/model/promotion.ts';
import { contentOf, writesOf } from '../helpers/e2e-bench.ts';
import { type ChannelBench, channelBench, promotionsOf } from './helpers/channel-bench.ts';

/** Records of channels that nobody could sign when the channel was moved, and the job that signs them later. */
let bench: ChannelBench;

beforeAll(async () => {
  bench = await channelBench();
  await bench.release('1.0.0');
  await bench.release('1.1.0');
});
afterEach(() => {
  bench.registry.faults.clear();
  bench.sigstore.heal();
});
afterAll(() => bench.dispose());

const attest = (inputs = {}, more: Parameters<ChannelBench['move']>[1] = {}) =>
  bench.move({ command: 'attest', ...inputs }, more);
const breakSigstore = () => {
  for (const service of ['fulcio', 'rekor', 'tsa'] as const) bench.sigstore.fail({ service, status: 503 });
};

/** What a run wrote. */
async function writtenBy<T>(work: () => Promise<T>) {
  const before = bench.registry.requests.length;
  const run = await work();
  return { run, writes: writesOf(bench.registry.requests.slice(before)) };
}

const forge = (change: (document: ChannelDocument) => ChannelDocument) => bench.forge('prod', change);

describe('attest with a channel', () => {
  it('signs what a rollback could not, and touches no tag of an image', async () => {
    breakSigstore();
    const rollback = await bench.move({ command: 'rollback', channel: 'prod' });
    expect(rollback).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back' } });
    expect(promotionsOf(rollback)).toMatchObject([{ record: { signed: false } }]);
    const unsigned = await bench.cosignRecord('prod');
    expect(unsigned.code).not.toBe(0);

    bench.sigstore.heal();
    bench.sigstore.fail({ service: 'fulcio', status: 400 });
    const late = await attest({ channel: 'prod' });
    expect(late).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'SIGSTORE_UNAVAILABLE' } });
    bench.sigstore.heal();

    const tags = ['prod', 'latest', '1', '1.0', '1.1', '1.0.0', '1.1.0'].map((tag) => bench.at(tag));
    const run = await attest({ channel: 'prod' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'attested', channel: 'prod' } });
    expect(promotionsOf(run)).toMatchObject([
      { status: 'unchanged', kind: 'rollback', record: { signed: true } },
    ]);
    expect(run.summary).toContain('The records of 1 channel are signed. No tag was touched.');
    expect(['prod', 'latest', '1', '1.0', '1.1', '1.0.0', '1.1.0'].map((tag) => bench.at(tag))).toEqual(tags);
    expect(await bench.cosignRecord('prod')).toMatchObject({ code: 0 });
    expect(await bench.record('prod')).toMatchObject({
      version: '1.0.0',
      kind: 'rollback',
      withdrawn: [{ version: '1.1.0' }],
      history: expect.not.arrayContaining([expect.not.objectContaining({ unproven: true })]),
    });

    const again = await writtenBy(() => attest({ channel: 'prod' }));
    expect(again.run).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } });
    expect(again.writes).toEqual([]);
    // The signed record is what the next rollback trusts.
    const rolled = await bench.move({ command: 'rollback', channel: 'prod', to: '1.0.0' });
    expect(rolled).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } });
  });

  it('without one looks at all channels of the config', async () => {
    const { run, writes } = await writtenBy(() => attest());
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } });
    expect(run.log).toContain('Nothing to sign: there is no record of the channel stable at ');
    expect(run.log).toContain('The record of the channel prod is signed already.');
    expect(writes).toEqual([]);
  });

  it.each([
    ['a channel that was never moved', { channel: 'prdo' }, {}, 'REGISTRY_NOT_FOUND'],
    ['a job without an identity', { channel: 'prod' }, { ACTIONS_ID_TOKEN_REQUEST_URL: '' }, 'OIDC_MISSING'],
  ])('refuses %s', async (_, inputs, env, code) => {
    const { run, writes } = await writtenBy(() => attest(inputs, { env }));
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'error-code': code } });
    expect(writes).toEqual([]);
  });
});

describe('an unsigned record', () => {
  let before: ReturnType<typeof contentOf>;
  let genuine: ChannelDocument;

  beforeAll(async () => {
    genuine = { ...((await bench.record('prod')) as ChannelDocument), actor: 'somebody' };
  });
  beforeEach(() => forge(() => genuine));

  it('that says what is, is signed; a dry run only says so', async () => {
    const dry = await writtenBy(() => attest({ channel: 'prod', 'dry-run': 'true' }));
    expect(dry.run).toMatchObject({ exitCode: 0, outputs: { status: 'planned' } });
    expect(dry.writes).toEqual([]);
    expect(await attest()).toMatchObject({ exitCode: 0, outputs: { status: 'attested' } });
    expect(await bench.cosignRecord('prod')).toMatchObject({ code: 0 });
  });

  const other = digestOf('nothing');
  it.each<[string, string, (document: ChannelDocument) => ChannelDocument]>([
    [
      'another version',
      'VERIFY_FAILED',
      (document) => ({ ...document, version: '9.9.9', immutable_tag: '9.9.9' }),
    ],
    ['another immutable tag', 'VERIFY_FAILED', (document) => ({ ...document, immutable_tag: 'prod' })],
    ['another commit', 'VERIFY_FAILED', (document) => ({ ...document, revision: 'b'.repeat(40) })],
    [
      'a tag that is elsewhere',
      'VERIFY_FAILED',
      (document) => ({ ...document, moving_tags: ['prod', '1.1'] }),
    ],
    ['no tag of its own', 'VERIFY_FAILED', (document) => ({ ...document, moving_tags: ['latest'] })],
    [
      'artifacts',
      'VERIFY_FAILED',
      (document) => ({ ...document, artifacts: [{ name: 'x', ref: `${bench.home}/x`, digest: other }] }),
    ],
    [
      'repositories of others',
      'VERIFY_FAILED',
      (document) => ({
        ...document,
        images: document.images.map((each) => ({
          ...each,
          mirrors: [`${bench.registry.host}/other/${each.image}`],
        })),
      }),
    ],
    [
      'digests that are not there',
      'REGISTRY_NOT_FOUND',
      (document) => ({ ...document, images: document.images.map((each) => ({ ...each, digest: other })) }),
    ],
  ])('that names %s is signed by nobody', async (_, code, change) => {
    await forge(change);
    before = contentOf(bench.registry);
    const run = await attest({ channel: 'prod' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed', 'error-code': code } });
    expect(contentOf(bench.registry)).toEqual(before);
    expect((await bench.cosignRecord('prod')).code).not.toBe(0);
  });

  it('whose images the expected workflow has not signed is signed by nobody', async () => {
    before = contentOf(bench.registry);
    const run = await attest({ channel: 'prod', 'identity-workflow': '.github/workflows/other.yml' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'VERIFY_FAILED' } });
    expect(contentOf(bench.registry)).toEqual(before);
  });
});
