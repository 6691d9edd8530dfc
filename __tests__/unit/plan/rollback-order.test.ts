import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../src/model/digest.ts';
import type { ChannelDocument, ChannelEntry } from '../../../src/model/promotion.ts';
import { decideRollback, entryNamed, isWithdrawn, previousEntry } from '../../../src/plan/rollback-order.ts';

function entry(
  version: string,
  serial: number,
  moving = ['prod', 'latest', '1', version.slice(0, 3)],
): ChannelEntry {
  return {
    version,
    immutable_tag: version,
    moving_tags: moving,
    images: [{ image: 'app', repository: 'ghcr.io/acme/app', digest: digestOf(version) }],
    artifacts: [],
    generated_at: '2026-11-21T20:00:00Z',
    serial,
    kind: 'promote',
    revision: 'a'.repeat(40),
    evidence: 'attested',
    actor: 'octocat',
    run: { id: '1', attempt: 1, url: 'https://github.com/acme/app/actions/runs/1' },
  };
}

/** 1.5.6, then 1.6.0, then 1.5.7 beside it. */
const DOCUMENT: ChannelDocument = {
  channel: 'prod',
  ...entry('1.6.0', 2),
  previous: 1,
  history: [entry('1.5.7', 3, ['1.5']), entry('1.5.6', 1)],
  withdrawn: [],
  signature: 'pending',
};

const targetOf = (each: ChannelEntry) => ({ ...each, digest: digestOf(each.version) });
const at = (tags: Readonly<Record<string, string>>) =>
  new Map(Object.entries(tags).map(([tag, version]) => [tag, digestOf(version)]));

describe('previous', () => {
  it('is what was live before, and not what took aliases beside it', () => {
    expect(previousEntry(DOCUMENT)).toMatchObject({ version: '1.5.6', serial: 1 });
  });

  it('is where the channel stands after a rollback: a second one changes nothing', () => {
    expect(previousEntry({ ...DOCUMENT, kind: 'rollback' })).toBe('already');
  });

  it('is unknown where the record has nothing before', () => {
    const { previous: _, ...first } = DOCUMENT;
    expect(previousEntry({ ...first, history: [] })).toBeUndefined();
  });
});

describe('a name', () => {
  it.each([
    ['1.5.6', 1],
    ['1.6.0', 2],
    ['1.5.7', 3],
    ['1.4.0', undefined],
  ])('%s is the entry %s', (name, serial) => {
    expect(entryNamed(DOCUMENT, name)?.serial).toBe(serial);
  });

  it('may be withdrawn', () => {
    const gone = { version: '1.6.0', immutable_tag: '1.6.0', revision: '', serial: 4 };
    expect(isWithdrawn({ ...DOCUMENT, withdrawn: [gone] }, { immutable_tag: '1.6.0' })).toBe(true);
    expect(isWithdrawn(DOCUMENT, { immutable_tag: '1.6.0' })).toBe(false);
  });
});

describe('the aliases of a rollback', () => {
  const present = at({ latest: '1.6.0', '1': '1.6.0', '1.6': '1.6.0', '1.5': '1.5.7' });

  it('follow where they lead to what is left, in the line of the target', () => {
    const { tags, kept } = decideRollback(DOCUMENT, 'prod', targetOf(entry('1.5.6', 1)), present);
    expect(tags).toEqual([
      { tag: 'prod', rule: 'channel' },
      { tag: 'latest', rule: 'alias' },
      { tag: '1', rule: 'alias' },
    ]);
    expect(kept).toEqual([
      { tag: '1.6', reason: '1.5.6 is not of its line' },
      { tag: '1.5', reason: 'it leads to nothing that is left' },
    ]);
  });

  it('stay where another channel has taken them', () => {
    const other = at({ latest: '2.0.0', '1': '1.6.0' });
    const { tags } = decideRollback(DOCUMENT, 'prod', targetOf(entry('1.5.6', 1)), other);
    expect(tags.map(({ tag }) => tag)).toEqual(['prod', '1', '1.5']);
  });

  it('are none for what has no stable version', () => {
    const { tags } = decideRollback(DOCUMENT, 'prod', targetOf(entry('1.5.0-rc.1', 1)), present);
    expect(tags.map(({ tag }) => tag)).toEqual(['prod']);
  });

  it('are the same in a second run: what is there already is named again', () => {
    const back = at({ latest: '1.5.6', '1': '1.5.6' });
    const { tags } = decideRollback(DOCUMENT, 'prod', targetOf(entry('1.5.6', 1)), back);
    expect(tags.map(({ tag }) => tag)).toEqual(['prod', 'latest', '1', '1.5']);
  });

  it('without a record only the channel goes', () => {
    const unknown = { version: '1.5.6', immutable_tag: '1.5.6', moving_tags: [], digest: digestOf('1.5.6') };
    expect(decideRollback(undefined, 'prod', unknown, present)).toEqual({
      tags: [{ tag: 'prod', rule: 'channel' }],
      kept: [],
    });
  });
});
