import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { ANNOTATION, type PlannedTag } from '../../../../src/model/plan.ts';
import { parseVersion } from '../../../../src/model/version.ts';
import { decideTag, type Wish, wavesOf } from '../../../../src/steps/tag/decide.ts';
import { aPlannedImage } from '../../../helpers/a-release.ts';

const [ours, theirs] = [digestOf('ours'), digestOf('theirs')];
const revision = 'a'.repeat(40);

function wish(rule: PlannedTag['rule'], tag = '1.2.3', image = aPlannedImage('app')): Wish {
  const kind = rule === 'required' || rule === 'if-free' ? 'immutable' : 'moving';
  const repository = { registry: 'ghcr.io', path: 'acme/app' };
  return { image, planned: { tag, kind, rule, from: 'version' }, ref: { repository, tag }, digest: ours };
}

function decide(
  rule: PlannedTag['rule'],
  present?: { digest: typeof ours; version?: string; revision?: string },
  version?: string,
  tag?: string,
) {
  const annotations = {
    ...(present?.version !== undefined && { [ANNOTATION.version]: present.version }),
    ...(present?.revision !== undefined && { [ANNOTATION.revision]: present.revision }),
  };
  const release = { revision, ...(version !== undefined && { version: parseVersion(version)! }) };
  return decideTag(wish(rule, tag), release, present && { digest: present.digest, annotations });
}

describe('decideTag', () => {
  it.each(['required', 'if-free', 'forward', 'always'] as const)('%s: creates what is not there', (rule) => {
    expect(decide(rule, undefined, '1.2.3')).toEqual({ do: 'create' });
  });

  it.each(['required', 'if-free', 'forward', 'always'] as const)(
    '%s: leaves what is ours already',
    (rule) => {
      expect(decide(rule, { digest: ours, version: '9.9.9' }, '1.2.3')).toEqual({ do: 'unchanged' });
    },
  );

  it('required: refuses another digest, naming both digests and both revisions', () => {
    const decision = decide('required', { digest: theirs, revision: 'b'.repeat(40) }, '1.2.3');
    expect(decision).toMatchObject({
      do: 'refuse',
      problem: {
        code: 'TAG_IMMUTABLE',
        message:
          `ghcr.io/acme/app:1.2.3 points at ${theirs} (revision ${'b'.repeat(40)}), ` +
          `and this release is ${ours} (revision ${revision})`,
      },
    });
  });

  it('required: refuses what carries no revision', () => {
    expect(decide('required', { digest: theirs }, '1.2.3')).toMatchObject({
      problem: { message: expect.stringContaining('(revision unknown)') },
    });
  });

  it('required: leaves the sha- tag to the release of the same commit', () => {
    const present = { digest: theirs, revision, version: '1.2.3' };
    expect(decide('required', present, undefined, `sha-${revision}`)).toMatchObject({
      do: 'keep',
      previous: theirs,
      reason: expect.stringContaining('release of the same commit'),
    });
    expect(
      decide('required', { ...present, revision: 'b'.repeat(40) }, undefined, `sha-${revision}`),
    ).toMatchObject({
      do: 'refuse',
    });
  });

  it('if-free: leaves another digest alone', () => {
    expect(decide('if-free', { digest: theirs }, '1.2.3')).toEqual({
      do: 'keep',
      previous: theirs,
      reason: `it is held by ${theirs}`,
    });
  });

  it('always: moves', () => {
    expect(decide('always', { digest: theirs, version: '9.0.0' })).toEqual({ do: 'move', previous: theirs });
  });

  it.each([
    ['1.2.3', '1.2.2', 'move'],
    ['1.2.3', '1.2.3', 'move'],
    ['1.2.3', '1.2.3-rc.1', 'move'],
    ['1.2.3', '1.2.4-rc.1', 'keep'],
    ['1.2.3', '1.2.4', 'keep'],
    ['1.9.0', '1.10.0', 'keep'],
    ['2.0.0', '10.0.0', 'keep'],
    ['1.2.3', undefined, 'move'],
    ['1.2.3', 'not a version', 'move'],
    ['1.2.3-rc.1', '1.0.0', 'keep'],
    ['1.2.3-rc.1', undefined, 'keep'],
    [undefined, '1.0.0', 'keep'],
    [undefined, undefined, 'move'],
  ])('forward: with %s on a tag at %s: %s', (version, present, expected) => {
    const at = { digest: theirs, ...(present !== undefined && { version: present }) };
    expect(decide('forward', at, version)).toMatchObject({ do: expected, previous: theirs });
  });

  it('forward: a prerelease does not even create it', () => {
    expect(decide('forward', undefined, '1.2.3-rc.1')).toEqual({
      do: 'keep',
      reason: 'a prerelease never takes it',
    });
  });

  it('forward: says which version is ahead', () => {
    expect(decide('forward', { digest: theirs, version: '1.3.0' }, '1.2.4')).toMatchObject({
      reason: 'it is at the higher version 1.3.0',
    });
  });
});

describe('wavesOf', () => {
  const set = [
    aPlannedImage('left', { parents: ['middle'] }),
    aPlannedImage('both', { parents: ['base', 'left'] }),
    aPlannedImage('middle', { parents: ['base', 'of another plan'] }),
    aPlannedImage('base'),
    aPlannedImage('alone'),
  ];
  const names = (waves: ReturnType<typeof wavesOf<{ wish: Wish }>>) =>
    waves.map((wave) => wave.map(({ wish: { image, ref } }) => `${image.name}:${ref.tag}`));
  const item = (rule: PlannedTag['rule'], tag: string, name: string) => ({
    wish: wish(
      rule,
      tag,
      set.find((image) => image.name === name),
    ),
  });

  it('puts immutable tags before moving ones, and parents before their children', () => {
    const items = set.flatMap(({ name }) => [item('always', 'dev', name), item('required', '1.2.3', name)]);
    expect(names(wavesOf(items, set))).toEqual([
      ['base:1.2.3', 'alone:1.2.3'],
      ['middle:1.2.3'],
      ['left:1.2.3'],
      ['both:1.2.3'],
      ['base:dev', 'alone:dev'],
      ['middle:dev'],
      ['left:dev'],
      ['both:dev'],
    ]);
  });

  it('counts a parent between two images that has its tag already', () => {
    const items = [item('required', '1.2.3', 'left'), item('required', '1.2.3', 'base')];
    expect(names(wavesOf(items, set))).toEqual([['base:1.2.3'], ['left:1.2.3']]);
  });

  it('has no wave for nothing', () => {
    expect(wavesOf([], set)).toEqual([]);
  });
});
