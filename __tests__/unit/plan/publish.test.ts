import { describe, expect, it } from '@jest/globals';
import type { PublishInputs } from '../../../src/model/inputs.ts';
import { planRelease } from '../../../src/plan/plan-release.ts';
import { matchesStar } from '../../../src/plan/publish.ts';
import {
  aContext,
  anImageInput,
  anInputs,
  aPullRequest,
  imageSet,
  someBuildInputs,
  someFacts,
  somePublishInputs,
  someVersionInputs,
} from '../../helpers/a-context.ts';

const manifest = { path: 'manifest.json', name: 'parser', version: '1.2.3' };
const secrets = { token: 't', key: 'k' };
const byTag = { when: { tag: 'v*', prerelease: false } };

function planOf(publish: Partial<PublishInputs>, ref = 'refs/tags/v1.2.3', more = {}, facts = {}) {
  const inputs = anInputs({ publish: somePublishInputs(publish), ...more });
  const context = aContext(ref.startsWith('refs/pull') ? aPullRequest() : { ref });
  const version = /v(\d.*)$/.exec(ref)?.[1] ?? '1.2.3';
  return planRelease(inputs, context, someFacts({ manifest: { ...manifest, version }, ...facts }));
}

const stepOf = (...args: Parameters<typeof planOf>) =>
  planOf(...args).steps.find(({ id }) => id === 'publish');

describe('whether a platform is told', () => {
  it.each<[string, Partial<PublishInputs>, string | undefined, string, RegExp]>([
    ['nobody asks', {}, undefined, 'skip', /nothing asks for it/],
    ['it is off', { asked: false, ...byTag }, undefined, 'skip', /`publish: false`/],
    [
      'it is on',
      { asked: true, ...secrets },
      undefined,
      'run',
      /`publish: true` asks for it, at HLA-Compass dev for the scope org/,
    ],
    ['the tag matches', { ...byTag, ...secrets }, undefined, 'run', /the tag v1\.2\.3 matches v\*/],
    [
      'the tag does not match',
      { when: { tag: 'x*', prerelease: false } },
      undefined,
      'skip',
      /no tag that matches x\*/,
    ],
    ['a prerelease', { ...byTag }, 'refs/tags/v1.3.0-rc.1', 'skip', /a prerelease is published only/],
    [
      'a prerelease, wanted',
      { when: { tag: 'v*', prerelease: true }, ...secrets },
      'refs/tags/v1.3.0-rc.1',
      'run',
      /matches/,
    ],
    ['a prerelease, asked for', { asked: true, ...secrets }, 'refs/tags/v1.3.0-rc.1', 'run', /asks for it/],
    ['a branch', { asked: true }, 'refs/heads/main', 'skip', /this event releases no version/],
    ['a pull request', { asked: true }, 'refs/pull/7/merge', 'skip', /what is not released/],
  ])('%s', (_, publish, ref, decision, reason) => {
    expect(stepOf(publish, ref)).toMatchObject({ do: decision, reason: expect.stringMatching(reason) });
  });

  it('a dry run simulates it', () => {
    expect(stepOf({ asked: true, ...secrets }, undefined, { dryRun: true })).toMatchObject({
      do: 'simulate',
    });
  });
});

describe('what is published', () => {
  it('is the one image, by its manifest.json', () => {
    expect(planOf({ asked: true, ...secrets }).publish).toEqual([
      { image: 'parser', manifest: 'manifest.json' },
    ]);
    expect(planOf({}).publish).toBeUndefined();
  });

  const set = (...names: readonly string[]) => ({
    build: someBuildInputs({
      definition: imageSet(
        ...names.map((name) => anImageInput({ name, from: { kind: 'oci-layout', path: `/out/${name}` } })),
      ),
    }),
  });

  it('of several images the one that is named like the module', () => {
    const plan = planOf({ asked: true, ...secrets }, undefined, set('base', 'parser'));
    expect(plan.publish).toEqual([{ image: 'parser', manifest: 'manifest.json' }]);
    expect(planOf({ asked: true, ...secrets }, undefined, set('base', 'other')).problems).toContainEqual(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringContaining('none is named like'),
      }),
    );
  });

  it('needs token, key and manifest.json, all said together', () => {
    const { problems } = planOf({ asked: true }, undefined, {}, { manifest: undefined });
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringContaining('INPUT_INVALID input `publish`: it needs a `publish-token` for dev'),
      expect.stringContaining('INPUT_INVALID input `publish`: manifests are signed'),
      expect.stringContaining('MANIFEST_NOT_FOUND there is no manifest.json in the root of the checkout'),
    ]);
  });

  it.each([
    ['false', 'INPUT_INVALID', 'it cannot stand beside `manifest: false`'],
    ['true', 'MANIFEST_NOT_FOUND', 'there is no manifest.json'],
  ] as const)('says once what `manifest: %s` means for it', (word, code, message) => {
    const version = someVersionInputs({ manifest: word });
    const { problems } = planOf({ asked: true, ...secrets }, undefined, { version }, { manifest: undefined });
    expect(problems).toEqual([expect.objectContaining({ code, message: expect.stringContaining(message) })]);
  });

  it('asks another platform for neither', () => {
    const target = { kind: 'webhook', url: 'https://deploy.example.com' } as const;
    const plan = planOf({ asked: true, token: 't', target }, undefined, {}, { manifest: undefined });
    expect(plan.problems).toEqual([]);
    expect(plan.publish).toEqual([{ image: 'modules' }]);
  });
});

describe('a star', () => {
  it.each([
    ['v*', 'v1.2.3', true],
    ['v*', 'x1', false],
    ['*', '', true],
    ['*/v*', 'parser/v1', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['v1', 'v1', true],
    ['v1', 'v12', false],
    ['a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(200), false],
  ])('%s and %s: %s', (pattern, text, matches) => {
    expect(matchesStar(pattern, text)).toBe(matches);
  });
});
