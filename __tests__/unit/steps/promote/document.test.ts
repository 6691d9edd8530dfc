import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import type { ChannelChange, ChannelDocument } from '../../../../src/model/promotion.ts';
import { mergeChannels } from '../../../../src/steps/promote/aggregate.ts';
import { advance, entryOf, isRecorded } from '../../../../src/steps/promote/document.ts';
import { channelHome } from '../../../../src/steps/promote/home.ts';
import { judgeJournal, wantedTags } from '../../../../src/steps/promote/moves.ts';
import { encodeRecord } from '../../../../src/steps/promote/record.ts';
import { documentSchema, parseJson } from '../../../../src/steps/promote/schema.ts';

const RUN = { id: '1', attempt: 1, url: 'https://github.com/acme/app/actions/runs/1' };
const REPOSITORY = { registry: 'ghcr.io', path: 'acme/app' };

type Given = Partial<Omit<ChannelChange, 'entry'>> &
  Partial<ChannelChange['entry']> & { readonly version: string };

function aChange({
  target,
  keep = 50,
  isBaseProven = true,
  signature = 'pending',
  ...entry
}: Given): ChannelChange {
  return {
    entry: {
      immutable_tag: entry.version,
      moving_tags: ['prod'],
      images: [{ image: 'app', repository: 'ghcr.io/acme/app', digest: digestOf(entry.version) }],
      artifacts: [],
      generated_at: '2026-11-21T20:46:07Z',
      serial: 1,
      kind: 'promote',
      revision: 'a'.repeat(40),
      evidence: 'attested',
      actor: 'octocat',
      run: RUN,
      ...entry,
    },
    ...(target === undefined ? {} : { target }),
    keep,
    isBaseProven,
    signature,
  };
}

/** A channel that went through these, one after the other. */
function through(...changes: readonly Given[]): ChannelDocument {
  const [document] = changes.reduce<readonly ChannelDocument[]>(
    ([present], change, at) => [advance('prod', present, aChange({ serial: at + 1, ...change }))],
    [],
  );
  if (document === undefined) throw new Error('no change');
  return document;
}

const versions = (document: ChannelDocument) =>
  [document, ...document.history].map(({ serial, version }) => `${serial} ${version}`);
const withdrawn = ({ withdrawn: all }: ChannelDocument) =>
  all.map(({ version, serial }) => `${version} by ${serial}`);

describe('the document of a channel', () => {
  it('has what is live first, and what was before in its history, newest first', () => {
    const document = through({ version: '1.0.0' }, { version: '1.1.0' }, { version: '1.2.0' });
    expect(versions(document)).toEqual(['3 1.2.0', '2 1.1.0', '1 1.0.0']);
    expect(document).toMatchObject({ channel: 'prod', previous: 2, withdrawn: [], signature: 'pending' });
  });

  it('keeps as many entries as it is told', () => {
    const document = through({ version: '1.0.0' }, { version: '1.1.0' }, { version: '1.2.0', keep: 1 });
    expect(versions(document)).toEqual(['3 1.2.0', '2 1.1.0']);
  });

  it('withdraws all that came after the entry that a rollback brings back', () => {
    const document = through(
      { version: '1.0.0' },
      { version: '1.1.0' },
      { version: '1.2.0' },
      { version: '1.0.0', kind: 'rollback', target: 1 },
    );
    expect(withdrawn(document)).toEqual(['1.2.0 by 4', '1.1.0 by 4']);
  });

  it('withdraws what is live alone when a rollback leads to what is none of its history', () => {
    const document = through(
      { version: '1.0.0' },
      { version: '1.1.0' },
      { version: '0.9.0', kind: 'rollback' },
    );
    expect(withdrawn(document)).toEqual(['1.1.0 by 3']);
  });

  it('no longer withdraws what goes live again', () => {
    const document = through(
      { version: '1.0.0' },
      { version: '1.1.0' },
      { version: '1.0.0', kind: 'rollback', target: 1 },
      { version: '1.1.0', force: { reason: 'it was not the release' } },
    );
    expect(withdrawn(document)).toEqual([]);
  });

  it('stays at what is live when a release takes aliases alone', () => {
    const document = through(
      { version: '1.5.6' },
      { version: '1.6.0' },
      { version: '1.5.7', moving_tags: ['1.5'] },
    );
    expect(versions(document)).toEqual(['2 1.6.0', '3 1.5.7', '1 1.5.6']);
    const next = advance('prod', document, aChange({ version: '1.7.0', serial: 4 }));
    expect(versions(next)).toEqual(['4 1.7.0', '2 1.6.0', '3 1.5.7', '1 1.5.6']);
  });

  it('marks what stood in a record that nobody had proven', () => {
    const document = through(
      { version: '1.0.0' },
      { version: '1.1.0' },
      { version: '1.2.0', isBaseProven: false },
    );
    expect(document.history.map(({ unproven }) => unproven)).toEqual([true, true]);
    expect(document.unproven).toBeUndefined();
  });

  it('is recorded already when nothing but time, run and serial differ', () => {
    const document = through({ version: '1.0.0' }, { version: '1.1.0' });
    const again = aChange({
      version: '1.1.0',
      serial: 3,
      generated_at: '2026-12-01T00:00:00Z',
      actor: 'else',
    });
    expect(isRecorded('prod', document, again)).toBe(true);
    expect(isRecorded('prod', document, aChange({ version: '1.1.0', evidence: 'unattested' }))).toBe(false);
    expect(isRecorded('prod', document, aChange({ version: '1.0.0' }))).toBe(false);
    expect(isRecorded('prod', undefined, again)).toBe(false);
  });

  it('is read back from its layer as it was written', () => {
    const document = through({ version: '1.0.0' }, { version: '1.1.0', force: { reason: 'because' } });
    const { blobs } = encodeRecord(channelHome('prod', REPOSITORY), document);
    expect(parseJson(blobs[1]?.bytes ?? new Uint8Array(), documentSchema, 'it')).toEqual(document);
    expect(entryOf(document)).not.toHaveProperty('history');
  });

  it('is refused with what it is when it is something else', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"channel":"prod"}',
      JSON.stringify({ ...through({ version: '1' }), serial: -1 }),
    ])
      expect(() => parseJson(new TextEncoder().encode(text), documentSchema, 'the document of X')).toThrow(
        'the document of X is not what this action has written there',
      );
  });
});

describe('the record', () => {
  it('has the shape that the config says, and nothing else', () => {
    const shape = {
      artifactType: 'application/vnd.containai.metadata.v1+json',
      documentType: 'application/json',
      title: 'channels.json',
      repository: { registry: 'ghcr.io', path: 'acme/containai-metadata' },
    };
    const home = channelHome('prod', REPOSITORY, shape);
    expect([home.record.tag, home.aggregate.tag, home.record.repository.path]).toEqual([
      'prod',
      'channels',
      'acme/containai-metadata',
    ]);
    const { manifest } = encodeRecord(home, through({ version: '1.0.0' }));
    expect(JSON.parse(new TextDecoder().decode(manifest.bytes))).toMatchObject({
      artifactType: 'application/vnd.containai.metadata.v1+json',
      layers: [
        { mediaType: 'application/json', annotations: { 'org.opencontainers.image.title': 'channels.json' } },
      ],
    });
  });

  it('stands beside the first image otherwise', () => {
    const { record, aggregate } = channelHome('dev', REPOSITORY);
    expect([record, aggregate]).toEqual([
      { repository: REPOSITORY, tag: '_channel-dev' },
      { repository: REPOSITORY, tag: '_channels' },
    ]);
    expect(() => channelHome('x'.repeat(125), REPOSITORY)).toThrow('too long to be a tag');
  });
});

describe('the document of all channels', () => {
  it('takes what is newer, keeps what others wrote, and says when nothing is', () => {
    const held = { dev: { serial: 3, more: [1] }, prod: { serial: 7 }, odd: 'text' };
    expect(mergeChannels(held, { dev: { serial: 4 } })).toEqual({ ...held, dev: { serial: 4 } });
    expect(mergeChannels(held, { dev: { serial: 2 }, prod: { serial: 7 } })).toBeUndefined();
    expect(mergeChannels({}, { prod: { serial: 1 } })).toEqual({ prod: { serial: 1 } });
  });
});

describe('a journal', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((text) => digestOf(text));
  const move = (from = a, to = b) => ({
    image: 'app',
    ref: { repository: REPOSITORY, tag: 'prod' },
    ...(from === undefined ? {} : { from }),
    to: to ?? digestOf('b'),
  });

  it.each([
    [[a, a], 'nothing moved'],
    [[b, b], 'all moved'],
    [[b, a], 'in part'],
    [[c, b], 'foreign'],
    [[undefined, b], 'foreign'],
  ])('whose tags stand at %j is judged as %s', (present, judged) => {
    expect(judgeJournal(present.map((each) => ({ move: move(), present: each })))).toBe(judged);
  });

  it('names each tag once', () => {
    const item = { image: 'app', repositories: [REPOSITORY], digest: digestOf('a') };
    const tags = [{ tag: 'prod', rule: 'channel' } as const];
    expect(() => wantedTags({ items: [item, { ...item, image: 'other' }], tags })).toThrow(
      'two images of one promotion want ghcr.io/acme/app:prod',
    );
  });
});
