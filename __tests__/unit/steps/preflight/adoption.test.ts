import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { ANNOTATION, type PlannedImage } from '../../../../src/model/plan.ts';
import { parseRepository, type Repository } from '../../../../src/model/reference.ts';
import {
  compareBrought,
  decideAdoption,
  type HeldTag,
  immutableRefs,
} from '../../../../src/steps/preflight/adoption.ts';

const OURS = 'a'.repeat(40);
const THEIRS = 'b'.repeat(40);
const [ONE, TWO] = [digestOf('one'), digestOf('two')];

function repository(text: string): Repository {
  const parsed = parseRepository(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function image(planHash?: string): PlannedImage {
  return {
    name: 'api',
    source: { kind: 'bake', target: 'api' },
    repositories: [repository('ghcr.io/acme/api'), repository('quay.io/acme/api')],
    tags: [
      { tag: '1.2.3', kind: 'immutable', rule: 'required', from: 'version' },
      { tag: `sha-${OURS}`, kind: 'immutable', rule: 'if-free', from: 'commit' },
      { tag: 'latest', kind: 'moving', rule: 'forward', from: 'type=raw' },
    ],
    platforms: [],
    labels: {},
    annotations: { index: {}, manifest: {} },
    parents: [],
    ...(planHash === undefined ? {} : { planHash }),
  };
}

function held(
  over: Partial<HeldTag> & { readonly revision?: string; readonly hash?: string; readonly at?: string } = {},
): HeldTag {
  return {
    ref: { repository: repository(over.at ?? 'ghcr.io/acme/api'), tag: '1.2.3' },
    rule: over.rule ?? 'required',
    digest: over.digest ?? ONE,
    annotations: { [ANNOTATION.revision]: over.revision ?? OURS, [ANNOTATION.planHash]: over.hash ?? 'hash' },
  };
}

describe('decideAdoption', () => {
  it('builds where nothing is there, or only a sha- tag of an earlier run', () => {
    expect(decideAdoption(image('hash'), OURS, []).do).toBe('build');
    expect(decideAdoption(image('hash'), OURS, [held({ rule: 'if-free', revision: THEIRS })]).do).toBe(
      'build',
    );
  });

  it('leaves the sha- tag to a release of the same commit, and to nobody else', () => {
    const sha = {
      ref: { repository: repository('ghcr.io/acme/api'), tag: `sha-${OURS}` },
      rule: 'required',
    } as const;
    const released = { ...held({ hash: 'other' }), ...sha };
    const annotations = { ...released.annotations, [ANNOTATION.version]: '1.2.3' };
    expect(decideAdoption(image('hash'), OURS, [{ ...released, annotations }]).do).toBe('build');
    expect(decideAdoption(image('hash'), OURS, [released]).do).toBe('refuse');
    expect(decideAdoption(image('hash'), THEIRS, [{ ...released, annotations }]).do).toBe('refuse');
  });

  it('adopts its own earlier work from the first registry that holds it', () => {
    const both = [held(), held({ at: 'quay.io/acme/api' })];
    expect(decideAdoption(image('hash'), OURS, both)).toEqual({
      do: 'adopt',
      from: { repository: repository('ghcr.io/acme/api'), digest: ONE },
    });
    expect(decideAdoption(image('hash'), OURS, [held({ at: 'quay.io/acme/api' })])).toMatchObject({
      from: { repository: { registry: 'quay.io' } },
    });
  });

  it('adopts from the tag of the commit what an earlier run left without a version', () => {
    const sha = held({ rule: 'if-free', digest: TWO });
    expect(decideAdoption(image('hash'), OURS, [sha])).toMatchObject({ do: 'adopt', from: { digest: TWO } });
    expect(decideAdoption(image('hash'), OURS, [sha, held()])).toMatchObject({ from: { digest: ONE } });
    expect(decideAdoption(image('other'), OURS, [sha]).do).toBe('build');
    expect(decideAdoption(image('hash'), THEIRS, [sha]).do).toBe('build');
  });

  it('takes the tag of a commit for no earlier work of a brought image, which has no hash', () => {
    const { annotations, ...sha } = held({ rule: 'if-free' });
    const bare = { ...sha, annotations: { [ANNOTATION.revision]: annotations[ANNOTATION.revision] ?? '' } };
    expect(decideAdoption(image(), OURS, [bare]).do).toBe('build');
  });

  it.each([
    ['another revision', held({ revision: THEIRS }), [THEIRS, OURS]],
    ['another plan', held({ hash: 'other' }), ['another definition']],
    ['no annotations at all', { ...held(), annotations: {} }, ['an unknown revision', OURS]],
  ])('refuses %s and names both sides', (_, tag, words) => {
    const decision = decideAdoption(image('hash'), OURS, [tag]);
    if (decision.do !== 'refuse') throw new Error(decision.do);
    expect(decision.problems[0]?.code).toBe('TAG_IMMUTABLE');
    for (const word of ['ghcr.io/acme/api:1.2.3', ONE, ...words])
      expect(decision.problems[0]?.message).toContain(word);
  });

  it('refuses when two registries hold different bytes for the same release', () => {
    const decision = decideAdoption(image('hash'), OURS, [
      held(),
      held({ at: 'quay.io/acme/api', digest: TWO }),
    ]);
    expect(decision).toMatchObject({ do: 'refuse', problems: [{ code: 'TAG_IMMUTABLE' }] });
  });

  it('compares brought images by digest once they are here', () => {
    const decision = decideAdoption(image(), OURS, [held()]);
    if (decision.do !== 'compare') throw new Error(decision.do);
    expect(compareBrought(decision.held, ONE)).toEqual([]);
    expect(compareBrought(decision.held, TWO)[0]?.message).toContain(TWO);
  });
});

describe('immutableRefs', () => {
  it('names every immutable tag at every registry, and no moving tag', () => {
    expect(
      immutableRefs(image()).map(({ ref, rule }) => `${ref.repository.registry}:${ref.tag} ${rule}`),
    ).toEqual([
      'ghcr.io:1.2.3 required',
      'quay.io:1.2.3 required',
      `ghcr.io:sha-${OURS} if-free`,
      `quay.io:sha-${OURS} if-free`,
    ]);
  });
});
