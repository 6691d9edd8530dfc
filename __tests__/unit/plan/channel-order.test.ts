import { describe, expect, it } from '@jest/globals';
import type { Alias, Ancestry } from '../../../src/model/channel.ts';
import { digestOf } from '../../../src/model/digest.ts';
import type { ChannelDocument, ChannelEntry } from '../../../src/model/promotion.ts';
import { parseVersion } from '../../../src/model/version.ts';
import {
  type Candidate,
  type ChannelFacts,
  commitsToCompare,
  decideOrder,
  type Present,
} from '../../../src/plan/channel-order.ts';

const ALL: readonly Alias[] = ['latest', 'major', 'minor'];
const [OLD, NEW, SIDE] = ['a', 'b', 'c'].map((hex) => hex.repeat(40)) as [string, string, string];
const day = (number: number) => new Date(Date.UTC(2026, 10, number));

function entry(version: string, change: Partial<ChannelEntry> = {}): ChannelEntry {
  return {
    version,
    immutable_tag: version,
    moving_tags: ['prod'],
    images: [{ image: 'app', repository: 'ghcr.io/acme/app', digest: digestOf(version) }],
    artifacts: [],
    generated_at: '2026-11-21T20:00:00Z',
    serial: 1,
    kind: 'promote',
    revision: OLD,
    evidence: 'attested',
    actor: 'octocat',
    run: { id: '1', attempt: 1, url: 'https://github.com/acme/app/actions/runs/1' },
    ...change,
  };
}

function document(live: ChannelEntry, change: Partial<ChannelDocument> = {}): ChannelDocument {
  return { channel: 'prod', ...live, history: [], withdrawn: [], signature: 'pending', ...change };
}

function candidate(version: string | undefined, change: Partial<Candidate> = {}): Candidate {
  const parsed = parseVersion(version ?? '');
  return {
    digest: digestOf(version ?? 'a branch'),
    revision: NEW,
    immutableTag: version ?? `sha-${NEW}`,
    ...(parsed === undefined ? {} : { version: parsed }),
    ...change,
  };
}

function present(version: string | undefined, change: Partial<Present> = {}): Present {
  const parsed = parseVersion(version ?? '');
  return {
    digest: digestOf(version ?? 'another branch'),
    ...(parsed === undefined ? {} : { version: parsed }),
    ...change,
  };
}

type Known = {
  readonly document?: ChannelDocument;
  readonly present?: Readonly<Record<string, Present>>;
  readonly ancestry?: Readonly<Record<string, Ancestry>>;
  readonly aliases?: readonly Alias[];
  readonly force?: boolean;
};

function decide(what: Candidate, { aliases = ALL, force = false, ...known }: Known = {}) {
  const facts: ChannelFacts = {
    ...(known.document === undefined ? {} : { document: known.document }),
    present: new Map(Object.entries(known.present ?? {})),
    ancestry: new Map(Object.entries(known.ancestry ?? {})),
  };
  const { tags, kept, stays } = decideOrder(what, { channel: 'prod', aliases }, facts, force);
  return { moved: tags.map(({ tag }) => tag), kept: kept.map(({ tag }) => tag), stays, facts };
}

describe('versions', () => {
  it('the first one takes everything', () => {
    expect(decide(candidate('1.5.6'))).toMatchObject({ moved: ['prod', 'latest', '1', '1.5'], kept: [] });
    expect(decide(candidate('0.5.6')).moved).toEqual(['prod', 'latest', '0.5']);
    expect(decide(candidate('1.6.0-rc.1')).moved).toEqual(['prod']);
    expect(decide(candidate(undefined)).moved).toEqual(['prod']);
  });

  it('1.5.7 after 1.6.0 takes 1.5 and nothing else', () => {
    const known = {
      document: document(entry('1.6.0', { serial: 2 }), { history: [entry('1.5.6')] }),
      present: {
        prod: present('1.6.0'),
        latest: present('1.6.0'),
        '1': present('1.6.0'),
        '1.5': present('1.5.6'),
      },
    };
    expect(decide(candidate('1.5.7'), known)).toMatchObject({
      moved: ['1.5'],
      kept: ['prod', 'latest', '1'],
      stays: 'it is at the higher version 1.6.0',
    });
    expect(decide(candidate('1.6.1'), known)).toMatchObject({
      moved: ['prod', 'latest', '1', '1.6'],
      kept: [],
    });
    expect(decide(candidate('2.0.0'), known)).toMatchObject({
      moved: ['prod', 'latest', '2', '2.0'],
      kept: [],
    });
    expect(decide(candidate('1.6.0'), known)).toMatchObject({
      moved: ['prod', 'latest', '1', '1.6'],
      kept: [],
    });
    expect(decide(candidate('1.5.7'), { ...known, force: true })).toMatchObject({
      moved: ['prod', 'latest', '1', '1.5'],
      kept: [],
    });
  });

  it('the registry alone tells it, too: another channel has moved latest', () => {
    expect(decide(candidate('1.5.7'), { present: { latest: present('2.0.0') } })).toMatchObject({
      moved: ['prod', '1', '1.5'],
      kept: ['latest'],
      stays: undefined,
    });
  });

  it('the record alone tells it, too: somebody has deleted latest', () => {
    const known = { document: document(entry('1.5.8'), { history: [entry('1.6.0')] }) };
    expect(decide(candidate('1.5.9'), known)).toMatchObject({
      moved: ['prod', '1.5'],
      kept: ['latest', '1'],
    });
  });

  it('the record knows under which version a digest was released: 1.6.0 has the bytes of its rc', () => {
    const live = entry('1.6.0');
    const rc = present('1.6.0-rc.4', { digest: digestOf('1.6.0') });
    const known = { document: document(live), present: { prod: rc, latest: rc } };
    expect(decide(candidate('1.5.7'), known)).toMatchObject({
      moved: ['1.5'],
      kept: ['prod', 'latest', '1'],
    });
  });

  it('what a rollback has withdrawn does not count, and does not come back', () => {
    const gone = { version: '1.6.0', immutable_tag: '1.6.0', revision: OLD, serial: 3 };
    const known = {
      document: document(entry('1.5.6', { serial: 3, kind: 'rollback' }), {
        history: [entry('1.6.0', { serial: 2 }), entry('1.5.6')],
        withdrawn: [gone],
      }),
      present: { latest: present('1.5.6'), '1.6': present('1.6.0') },
    };
    expect(decide(candidate('1.5.7'), known)).toMatchObject({
      moved: ['prod', 'latest', '1', '1.5'],
      kept: [],
    });
    expect(decide(candidate('1.6.0'), known)).toMatchObject({
      moved: [],
      kept: ['prod', 'latest', '1', '1.6'],
      stays: 'a rollback has withdrawn 1.6.0',
    });
    expect(decide(candidate('1.6.0'), { ...known, force: true }).moved).toHaveLength(4);
    expect(decide(candidate('1.6.1'), known).moved).toHaveLength(4);
  });
});

describe('commits', () => {
  const live = entry('prod', {
    revision: OLD,
    immutable_tag: `sha-${OLD}`,
    revision_date: day(10).toISOString(),
  });
  const known = { document: document(live) };
  const branch = (committed?: Date) => candidate(undefined, committed === undefined ? {} : { committed });

  it.each<[Ancestry | undefined, Date | undefined, boolean]>([
    ['ahead', undefined, true],
    ['ahead', day(1), true],
    ['identical', undefined, true],
    ['behind', day(20), false],
    ['diverged', day(20), true],
    ['diverged', day(1), false],
    [undefined, day(20), true],
    [undefined, day(10), true],
    [undefined, day(1), false],
    // Nothing is known against it.
    [undefined, undefined, true],
  ])('%s, of %s: %s', (ancestry, committed, moves) => {
    const asked = ancestry === undefined ? {} : { ancestry: { [OLD]: ancestry } };
    const { moved, stays } = decide(branch(committed), { ...known, ...asked, aliases: [] });
    expect(moved).toEqual(moves ? ['prod'] : []);
    expect(stays === undefined).toBe(moves);
    if (!moves) expect(stays).toContain(OLD);
  });

  it('are asked about only where versions do not order them', () => {
    const ask = (what: Candidate, document_: ChannelDocument) =>
      commitsToCompare(what, 'prod', { document: document_, present: new Map() });
    expect(ask(branch(), document(live))).toEqual([OLD]);
    expect(ask(candidate('1.5.7'), document(live))).toEqual([OLD]);
    expect(ask(candidate('1.5.7'), document(entry('1.5.6')))).toEqual([]);
    expect(ask(candidate(undefined, { revision: OLD }), document(live))).toEqual([]);
  });

  it('what somebody has put under the tag by hand counts as well', () => {
    const foreign = { prod: present(undefined, { revision: SIDE }) };
    expect(
      commitsToCompare(branch(), 'prod', { ...known, present: new Map(Object.entries(foreign)) }),
    ).toEqual([OLD, SIDE]);
    expect(
      decide(branch(), { ...known, present: foreign, ancestry: { [OLD]: 'ahead', [SIDE]: 'behind' } }).stays,
    ).toBe(`it is at the newer commit ${SIDE}`);
  });

  it('a commit that a rollback has left comes back by force alone', () => {
    const gone = { version: 'prod', immutable_tag: `sha-${NEW}`, revision: NEW, serial: 2 };
    const left = { document: document({ ...live, kind: 'rollback' }, { withdrawn: [gone] }) };
    expect(decide(branch(day(20)), left)).toMatchObject({
      moved: [],
      stays: expect.stringContaining('withdrawn'),
    });
    expect(decide(branch(day(20)), { ...left, force: true }).moved).toEqual(['prod']);
  });
});
