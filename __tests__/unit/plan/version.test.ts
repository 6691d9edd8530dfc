import { describe, expect, it } from '@jest/globals';
import type { RunContext } from '../../../src/model/context.ts';
import type { Facts } from '../../../src/model/facts.ts';
import type { VersionInputs } from '../../../src/model/inputs.ts';
import { readEvent } from '../../../src/plan/event.ts';
import { readVersion } from '../../../src/plan/version.ts';
import { aContext, someFacts, someVersionInputs } from '../../helpers/a-context.ts';
import { capturedContext } from '../../helpers/captured-event.ts';

const MANIFEST = { path: 'modules/a/manifest.json', name: 'a', version: '1.2.3', line: 3 };

function read(context: RunContext, inputs: Partial<VersionInputs> = {}, facts: Partial<Facts> = {}) {
  const all = someFacts(facts);
  return readVersion(someVersionInputs(inputs), readEvent(context, all).kind, context, all);
}

function codes(...wanted: Parameters<typeof read>) {
  return read(...wanted).problems.map(({ code }) => code);
}

describe('the version of a release', () => {
  it.each<[string, string, Partial<VersionInputs>]>([
    ['push-tag', '1.2.3', {}],
    ['release-published', '1.2.3', {}],
    ['dispatch-tag', '1.3.0-rc.1', {}],
    ['dispatch-branch', '1.4.0', { version: 'v1.4.0' }],
    ['dispatch-branch', '1.4.0', { version: '1.4.0' }],
    ['dispatch-branch', '1.4.0', { version: 'my-module/v1.4.0', tagPrefix: 'my-module/v' }],
    ['dispatch-branch', '1.4.0', { version: 'v1.4.0', tagPrefix: 'my-module/v' }],
    ['push-tag', '2.0.0', { version: '2.0.0' }],
  ])('of %s is %s', (name, raw, inputs) => {
    const { version, problems } = read(capturedContext(name), inputs);
    expect(version?.raw).toBe(raw);
    expect(problems).toEqual([]);
  });

  it.each(['push-branch', 'schedule', 'pull-request', 'pull-request-fork', 'issue-comment'])(
    'of %s is none, even when the config has one',
    (name) => {
      expect(read(capturedContext(name), { version: '1.2.3' })).toEqual({ problems: [] });
    },
  );

  it('names the image where the prefix has a star, also in the input', () => {
    const context = aContext({ ref: 'refs/tags/my-module/v1.2.3' });
    expect(read(context, { tagPrefix: '*/v' })).toMatchObject({
      image: 'my-module',
      written: 'my-module/v1.2.3',
    });
    const dispatch = capturedContext('dispatch-branch');
    expect(read(dispatch, { tagPrefix: '*/v', version: 'other/v1.0.0' })).toMatchObject({ image: 'other' });
  });

  it('of a dispatch is that of manifest.json, when the input is not given', () => {
    const { version, problems } = read(capturedContext('dispatch-branch'), {}, { manifest: MANIFEST });
    expect([version?.raw, problems]).toEqual(['1.2.3', []]);
  });

  it.each<[string, Partial<VersionInputs>, Partial<Facts>]>([
    ['nothing tells it', {}, {}],
    ['manifest.json has none', {}, { manifest: { path: 'manifest.json', name: 'a' } }],
    ['manifest.json is not to be read', { manifest: 'false' }, { manifest: MANIFEST }],
  ])('of a dispatch is missing when %s', (_, inputs, facts) => {
    expect(codes(capturedContext('dispatch-branch'), inputs, facts)).toEqual(['VERSION_MISSING']);
  });

  it('is refused with the corrected tag, in message and hint', () => {
    const { problems } = read(aContext({ ref: 'refs/tags/v1.2' }));
    expect(problems).toEqual([
      {
        code: 'TAG_NOT_SEMVER',
        message: 'the git tag is no strict SemVer version after its prefix: v1.2 (corrected: v1.2.0)',
        hint: 'Tag the commit as v1.2.0.',
      },
    ]);
  });

  it('is refused with the prefix that the tag should have', () => {
    const { problems } = read(aContext({ ref: 'refs/tags/other/v1.2.3' }), { tagPrefix: 'my-module/v' });
    expect(problems[0]).toMatchObject({
      code: 'TAG_NOT_SEMVER',
      message: expect.stringContaining('my-module/v'),
    });
  });

  it('is refused as an input, corrected', () => {
    const { problems } = read(capturedContext('dispatch-branch'), { version: 'v1.4' });
    expect(problems).toEqual([
      expect.objectContaining({ code: 'INPUT_INVALID', hint: 'Set `version` to v1.4.0.' }),
    ]);
  });
});

describe('manifest.json', () => {
  it('must have the version of the tag; the problem stands at its line', () => {
    const { problems } = read(aContext({ ref: 'refs/tags/v1.2.4' }), {}, { manifest: MANIFEST });
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'VERSION_MISMATCH',
        message: 'modules/a/manifest.json has the version 1.2.3, and v1.2.4 has 1.2.4',
        at: { file: 'modules/a/manifest.json', line: 3 },
      }),
    ]);
  });

  it('must have the version of the input', () => {
    const context = capturedContext('dispatch-branch');
    expect(codes(context, { version: '1.2.4' }, { manifest: MANIFEST })).toEqual(['VERSION_MISMATCH']);
    expect(codes(context, { version: '1.2.3' }, { manifest: MANIFEST })).toEqual([]);
  });

  it('must be as strict as the tag', () => {
    const manifest = { ...MANIFEST, version: 'v1.2.3' };
    expect(codes(aContext(), {}, { manifest })).toEqual(['VERSION_MISMATCH']);
    const { problems } = read(capturedContext('dispatch-branch'), {}, { manifest });
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'MANIFEST_INVALID',
        hint: 'Write 1.2.3.',
        at: { file: MANIFEST.path, line: 3 },
      }),
    ]);
  });

  it.each<[string, VersionInputs['manifest'], Facts['manifest'], string[]]>([
    ['absent, when present is enough', 'auto', undefined, []],
    ['absent, when required', 'true', undefined, ['MANIFEST_NOT_FOUND']],
    ['absent, when switched off', 'false', undefined, []],
    ['unreadable', 'auto', { path: 'manifest.json', fault: 'not JSON' }, ['MANIFEST_INVALID']],
    ['unreadable, when required', 'true', { path: 'manifest.json', fault: 'not JSON' }, ['MANIFEST_INVALID']],
    ['unreadable, when switched off', 'false', { path: 'manifest.json', fault: 'not JSON' }, []],
    ['without a version', 'auto', { path: 'manifest.json', name: 'a' }, []],
    ['without a version, when required', 'true', { path: 'manifest.json', name: 'a' }, ['MANIFEST_INVALID']],
    ['of another version, when switched off', 'false', { ...MANIFEST, version: '9.9.9' }, []],
  ])('is %s (%s)', (_, mode, manifest, expected) => {
    const facts = manifest === undefined ? {} : { manifest };
    expect(codes(capturedContext('push-tag'), { manifest: mode }, facts)).toEqual(expected);
  });

  it('is checked on pull requests too, before the tag is made', () => {
    expect(codes(capturedContext('pull-request'), { manifest: 'true' })).toEqual(['MANIFEST_NOT_FOUND']);
  });

  it('is told once when a dispatch needs it and it cannot be read', () => {
    const manifest = { path: 'manifest.json', fault: 'not JSON' };
    expect(codes(capturedContext('dispatch-branch'), {}, { manifest })).toEqual(['MANIFEST_INVALID']);
  });
});
