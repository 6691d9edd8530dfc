import { describe, expect, it } from '@jest/globals';
import type { RunContext } from '../../../src/model/context.ts';
import type { TagRule, VersionInputs } from '../../../src/model/inputs.ts';
import { readEvent } from '../../../src/plan/event.ts';
import { globalHelpers } from '../../../src/plan/expressions.ts';
import { planTags } from '../../../src/plan/tags.ts';
import { readVersion } from '../../../src/plan/version.ts';
import { aContext, COMMIT, someFacts, someVersionInputs } from '../../helpers/a-context.ts';
import { capturedContext } from '../../helpers/captured-event.ts';

function plan(context: RunContext, change: Partial<VersionInputs> = {}) {
  const facts = someFacts();
  const inputs = someVersionInputs(change);
  const { kind } = readEvent(context, facts);
  const { version, written } = readVersion(inputs, kind, context, facts);
  const subject = {
    context,
    revision: COMMIT,
    helpers: globalHelpers(context, facts, COMMIT),
    ...(version === undefined ? {} : { version }),
    ...(written === undefined ? {} : { written }),
  };
  return planTags(inputs, kind, subject, facts.now);
}

const short = (...wanted: Parameters<typeof plan>) =>
  plan(...wanted).tags.map(({ tag, kind, rule }) => `${tag} ${kind} ${rule}`);
const raw = (value: string, change: Partial<TagRule> = {}): TagRule => ({
  type: 'raw',
  attributes: { value },
  raw: value,
  ...change,
});
const SHA = `sha-${COMMIT}`;

describe('tags by event', () => {
  it.each<[string, Partial<VersionInputs>, string[]]>([
    ['push-tag', {}, ['1.2.3 immutable required', `${SHA} immutable if-free`]],
    ['release-published', {}, ['1.2.3 immutable required', `${SHA} immutable if-free`]],
    ['dispatch-tag', {}, ['1.3.0-rc.1 immutable required', `${SHA} immutable if-free`]],
    ['push-branch', {}, [`${SHA} immutable required`]],
    ['push-branch', { version: '9.9.9' }, [`${SHA} immutable required`]],
    ['schedule', {}, ['nightly-20261121-4242424242 immutable required']],
    ['dispatch-branch', { version: 'v1.4.0' }, ['1.4.0 immutable required', `${SHA} immutable if-free`]],
    ['pull-request', {}, []],
    ['pull-request', { pullRequest: 'push' }, ['pr-7 moving always']],
    ['merge-group', { pullRequest: 'push' }, []],
    ['pull-request-fork', {}, []],
    ['pull-request-fork', { pullRequest: 'push' }, []],
    ['pull-request-deleted-fork', { pullRequest: 'push' }, []],
  ])('%s with %j', (name, inputs, expected) => {
    expect(short(capturedContext(name), inputs)).toEqual(expected);
  });

  it('writes build metadata with a dash', () => {
    expect(short(aContext({ ref: 'refs/tags/v1.2.3+b.5' }))[0]).toBe('1.2.3-b.5 immutable required');
  });

  it('says where each tag comes from', () => {
    const tags = [raw('stable', { raw: 'type=raw,value=stable' })];
    expect(plan(aContext(), { tags }).tags.map(({ from }) => from)).toEqual([
      'version',
      'commit',
      'type=raw,value=stable',
    ]);
  });
});

describe('extra tags', () => {
  const sha: TagRule = { type: 'sha', attributes: { prefix: 'main-', format: 'long' }, raw: 'type=sha' };
  const minor: TagRule = { type: 'semver', attributes: { pattern: '{{major}}.{{minor}}' }, raw: 'minor' };

  it('move forward when they name a line of versions, and always when they name nothing of the kind', () => {
    const tags = [minor, raw('latest'), raw('stable'), raw('v1.2.3-alpine')];
    expect(short(aContext(), { tags }).slice(2)).toEqual([
      '1.2 moving forward',
      'latest moving forward',
      'stable moving always',
      'v1.2.3-alpine immutable required',
    ]);
  });

  it.each([
    ['push-branch', 'required'],
    ['push-tag', 'if-free'],
    ['schedule', 'if-free'],
  ])('of the commit on %s are immutable, %s', (name, rule) => {
    expect(short(capturedContext(name), { tags: [sha] })).toContain(`main-${COMMIT} immutable ${rule}`);
  });

  it('come with pull-request: push, and never from a fork', () => {
    const tags = [raw('preview')];
    expect(short(capturedContext('pull-request'), { tags, pullRequest: 'push' })).toEqual([
      'pr-7 moving always',
      'preview moving always',
    ]);
    expect(short(capturedContext('pull-request'), { tags })).toEqual([]);
    expect(short(capturedContext('pull-request-fork'), { tags, pullRequest: 'push' })).toEqual([]);
  });

  it('equal to a default one are that one', () => {
    const whole: TagRule = { type: 'semver', attributes: { pattern: '{{version}}' }, raw: 'semver' };
    const long: TagRule = { type: 'sha', attributes: { format: 'long' }, raw: 'sha' };
    const planned = plan(aContext(), { tags: [whole, long, raw('1.2.3')] });
    expect(planned.tags).toEqual(plan(aContext()).tags);
    expect(
      plan(capturedContext('pull-request'), { tags: [raw('pr-7')], pullRequest: 'push' }).tags,
    ).toHaveLength(1);
  });

  it('named twice are as strict as the stricter rule', () => {
    const loose: TagRule = { type: 'raw', attributes: { value: COMMIT.slice(0, 7) }, raw: 'loose' };
    const strict: TagRule = { type: 'sha', attributes: { prefix: '' }, raw: 'strict' };
    for (const tags of [
      [loose, strict],
      [strict, loose],
    ]) {
      expect(short(capturedContext('push-branch'), { tags }).slice(1)).toEqual([
        '0123456 immutable required',
      ]);
    }
  });

  it.each([
    ['-x', 'x'],
    ['..x', 'x'],
    ['é', undefined],
    ['x'.repeat(129), 'x'.repeat(128)],
  ])('of the form %j are refused, corrected %s', (value, corrected) => {
    const { problems } = plan(aContext(), { tags: [raw(value)] });
    expect(problems.map(({ code }) => code)).toEqual(['INPUT_INVALID']);
    if (corrected !== undefined) expect(problems[0]?.message).toContain(`(corrected: ${corrected})`);
  });

  it('report a rule that cannot be used, as the user wrote it', () => {
    const broken = raw('{{nope}}', { raw: 'type=raw,value={{nope}}' });
    expect(plan(aContext(), { tags: [broken, raw('fine')] })).toMatchObject({
      tags: [{}, {}, { tag: 'fine' }],
      problems: [{ code: 'INPUT_INVALID', message: expect.stringContaining('type=raw,value={{nope}}') }],
    });
  });
});
