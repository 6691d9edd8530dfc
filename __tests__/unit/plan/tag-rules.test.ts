import { describe, expect, it } from '@jest/globals';
import type { RunContext } from '../../../src/model/context.ts';
import type { TagRule } from '../../../src/model/inputs.ts';
import { parseVersion } from '../../../src/model/version.ts';
import { globalHelpers } from '../../../src/plan/expressions.ts';
import { evaluateRules } from '../../../src/plan/tag-rules.ts';
import { readVersionTag } from '../../../src/plan/version-tag.ts';
import { aContext, aPullRequest, COMMIT, someFacts } from '../../helpers/a-context.ts';

const TYPES = ['schedule', 'semver', 'pep440', 'match', 'edge', 'ref', 'raw', 'sha'] as const;

/** The door's part, without its checks; values hold no commas here. */
function rule(raw: string): TagRule {
  const pairs = raw.split(',').map((field): [string, string] => {
    const at = field.indexOf('=');
    return at < 0 ? ['value', field] : [field.slice(0, at), field.slice(at + 1)];
  });
  const { type = 'raw', ...attributes } = Object.fromEntries(pairs);
  return { type: TYPES.find((known) => known === type)!, attributes, raw };
}

function evaluate(rules: string[], change: Partial<RunContext> = {}) {
  const context = aContext(change);
  const written = context.ref.startsWith('refs/tags/') ? context.ref.slice('refs/tags/'.length) : undefined;
  const reading =
    written === undefined ? undefined : readVersionTag(written, written.includes('/') ? '*/v' : 'v');
  return evaluateRules(rules.map(rule), {
    context,
    revision: COMMIT,
    helpers: globalHelpers(context, someFacts(), COMMIT),
    ...(written === undefined ? {} : { written }),
    ...(reading !== undefined && 'version' in reading ? { version: reading.version } : {}),
    ...(context.defaultBranch === undefined ? {} : { defaultBranch: context.defaultBranch }),
  });
}

const tagsOf = (...wanted: Parameters<typeof evaluate>) => evaluate(...wanted).tags.map(({ tag }) => tag);
const tag = (name: string) => ({ ref: `refs/tags/${name}` });
const branch = (name: string, change: Partial<RunContext> = {}) => ({ ref: `refs/heads/${name}`, ...change });

describe("docker/metadata-action's dialect, as its README shows it", () => {
  it.each<[string, Partial<RunContext>, string]>([
    ['type=semver,pattern={{raw}}', tag('v1.2.3'), 'v1.2.3'],
    ['type=semver,pattern={{version}}', tag('v1.2.3'), '1.2.3'],
    ['type=semver,pattern={{major}}.{{minor}}', tag('v1.2.3'), '1.2'],
    ['type=semver,pattern=v{{major}}', tag('v1.2.3'), 'v1'],
    ['type=semver,pattern={{minor}}', tag('v1.2.3'), '2'],
    ['type=semver,pattern={{patch}}', tag('v1.2.3'), '3'],
    ['type=semver,pattern={{version}},value=p1/v1.0.0,match=v(\\d.\\d.\\d)$', branch('main'), '1.0.0'],
    ['type=semver,pattern={{raw}}', tag('v2.0.8-beta.67'), 'v2.0.8-beta.67'],
    ['type=semver,pattern={{version}}', tag('v2.0.8-beta.67'), '2.0.8-beta.67'],
    ['type=semver,pattern={{major}}', tag('v2.0.8-beta.67'), '2.0.8-beta.67'],
    ['type=semver,pattern={{major}}.{{minor}}', tag('v2.0.8-beta.67'), '2.0.8-beta.67'],
    ['type=semver,pattern={{version}},value=v1.0.0', branch('main'), '1.0.0'],
    ['type=semver,pattern={{version}}-{{sha}}', tag('v1.2.3'), '1.2.3-0123456'],
    ['type=semver,pattern={{version}}', tag('my-module/v1.2.3'), '1.2.3'],
    ['type=semver,pattern={{raw}}', tag('my-module/v1.2.3'), 'my-module-v1.2.3'],
    ['type=semver,pattern={{version}}', tag('v1.2.3+b.5'), '1.2.3-b.5'],
    ['type=pep440,pattern={{raw}}', tag('1.2.3'), '1.2.3'],
    ['type=pep440,pattern={{version}}', tag('v1.2.3'), '1.2.3'],
    ['type=pep440,pattern={{major}}.{{minor}}', tag('1.2.3'), '1.2'],
    ['type=pep440,pattern={{version}},value=v1.2.3rc2', branch('main'), '1.2.3rc2'],
    ['type=pep440,pattern={{raw}},value=v1.2.3rc2', branch('main'), 'v1.2.3rc2'],
    ['type=pep440,pattern={{major}}.{{minor}},value=1.2.3rc2', branch('main'), '1.2.3rc2'],
    ['type=pep440,pattern={{major}}.{{minor}},value=1.2.3post1', branch('main'), '1.2.3.post1'],
    ['type=pep440,pattern={{major}}.{{minor}},value=1.2.3beta2', branch('main'), '1.2.3b2'],
    ['type=pep440,pattern={{major}}.{{minor}},value=1.0dev4', branch('main'), '1.0.dev4'],
    ['type=match,pattern=\\d.\\d.\\d', tag('v1.2.3'), '1.2.3'],
    ['type=match,pattern=v(.*),group=1', tag('v2.0.8-beta.67'), '2.0.8-beta.67'],
    ['type=match,pattern=v(\\d.\\d),group=1', tag('v2.0.8-beta.67'), '2.0'],
    ['type=match,pattern=\\d+', tag('20200110-RC2'), '20200110'],
    ['type=match,pattern=p1/v(\\d.\\d.\\d),group=1', tag('p1/v1.2.3'), '1.2.3'],
    ['type=match,pattern=/RC\\d/i', tag('20200110-rc2'), 'rc2'],
    ['type=match,pattern=v(.*),group=1,value=v1.0.0', branch('main'), '1.0.0'],
    ['type=edge', branch('main'), 'edge'],
    ['type=edge,branch=next', branch('next'), 'edge'],
    ['type=ref,event=branch', branch('master'), 'master'],
    ['type=ref,event=branch', branch('my/branch'), 'my-branch'],
    ['type=ref,event=branch', branch('feature/#12 x'), 'feature-12-x'],
    ['type=ref,event=tag', tag('v2.0.8-beta.67'), 'v2.0.8-beta.67'],
    ['type=ref,event=pr', aPullRequest(), 'pr-7'],
    ['type=ref,event=pr,prefix=', aPullRequest(), '7'],
    ['type=raw,value=foo', tag('v1.2.3'), 'foo'],
    ['type=raw,foo', branch('main'), 'foo'],
    ['foo', branch('main'), 'foo'],
    ['type=raw,value=mytag-{{branch}}-{{sha}}', branch('my/branch'), 'mytag-my-branch-0123456'],
    ['type=raw,value=latest,enable={{is_default_branch}}', branch('main'), 'latest'],
    ['type=raw,value=x,enable={{is_not_default_branch}}', branch('topic'), 'x'],
    ['type=raw,value={{base_ref}}', aPullRequest({ baseRef: 'release/1' }), 'release-1'],
    ['type=raw,value={{base_ref}}', { ...tag('v1.2.3'), baseRef: 'refs/heads/main' }, 'main'],
    ['type=raw,value={{tag}}', tag('v1.2.3'), 'v1.2.3'],
    ["type=raw,value={{date 'YYYYMMDD'}}", branch('main'), '20261121'],
    ["type=raw,value={{date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}}", branch('main'), '20261121-234530'],
    ["type=raw,value={{commit_date 'YYYY-MM-DD'}}", branch('main'), '2026-11-20'],
    ['type=sha', branch('main'), 'sha-0123456'],
    ['type=sha,format=long', branch('main'), `sha-${COMMIT}`],
    ['type=sha,prefix=main-,format=long', branch('main'), `main-${COMMIT}`],
    ['type=sha,prefix={{branch}}-', branch('my/branch'), 'my-branch-0123456'],
    ['type=sha,prefix=,suffix=-alpine', tag('v1.2.3'), '0123456-alpine'],
    ['type=schedule', branch('main', { eventName: 'schedule' }), 'nightly'],
    ["type=schedule,pattern={{date 'YYYYMMDD'}}", branch('main', { eventName: 'schedule' }), '20261121'],
  ])('%s on %j gives %s', (raw, change, expected) => {
    expect(evaluate([raw], change)).toMatchObject({ tags: [{ tag: expected }], faults: [] });
  });

  it.each<[string, Partial<RunContext>]>([
    ['type=semver,pattern={{version}}', branch('main')],
    ['type=semver,pattern={{version}},value={{tag}}', branch('main')],
    ['type=semver,pattern={{version}},match=x(.*)', tag('v1.2.3')],
    ['type=semver,pattern={{version}}', tag('nightly')],
    ['type=pep440,pattern={{version}}', branch('main')],
    ['type=match,pattern=\\d', branch('1')],
    ['type=match,pattern=x(.*)', tag('v1.2.3')],
    ['type=match,pattern=v(.*),group=2', tag('v1.2.3')],
    ['type=edge', branch('topic')],
    ['type=edge', tag('main')],
    ['type=ref,event=branch', tag('v1.2.3')],
    ['type=ref,event=tag', branch('v1.2.3')],
    ['type=ref,event=pr', branch('main')],
    ['type=raw,value=x,enable=false', branch('main')],
    ['type=raw,value=x,enable={{is_default_branch}}', branch('topic')],
    ['type=raw,value=x,enable={{is_default_branch}}', tag('main')],
    ['type=raw,value={{branch}},prefix=b-', tag('v1.2.3')],
    ['type=raw,value=', branch('main')],
    ['type=schedule', branch('main')],
  ])('%s on %j gives no tag', (raw, change) => {
    expect(evaluate([raw], change)).toEqual({ tags: [], faults: [] });
  });

  it.each<[string, string]>([
    ['type=raw,value={{nope}}', 'unknown expression {{nope}}'],
    ['type=raw,value=x,enable=perhaps', 'enable must be true or false'],
    ['type=raw,value=x,enable={{sha}}', 'enable must be true or false'],
    ['type=raw,value=x,prefix={{nope}}', 'unknown expression'],
    ['type=raw,value=x,suffix={{nope}}', 'unknown expression'],
    ["type=raw,value={{date 'YYYY' tz='Mars/Base'}}", 'unknown time zone Mars/Base'],
    ['type=semver,pattern={{version}},value=1.2', 'no SemVer version: 1.2'],
    ['type=semver,pattern={{nope}}', 'unknown expression'],
    ['type=pep440,pattern={{version}},value=x', 'no version by PEP 440: x'],
    ['type=match,pattern=(', 'Invalid regular expression'],
    ['type=ref,event=push', 'event must be branch, tag or pr'],
    ['type=raw', 'value is missing'],
  ])('%s is a fault: %s', (raw, fault) => {
    const { tags, faults } = evaluate([raw]);
    expect(tags).toEqual([]);
    expect(faults).toEqual([{ fault: expect.stringContaining(fault), rule: rule(raw) }]);
  });

  it('orders by priority, then as written', () => {
    const raws = [
      'type=sha',
      'last,priority=1',
      'b',
      'a',
      'type=ref,event=tag',
      'type=semver,pattern={{major}}',
      'first,priority=2000',
    ];
    expect(tagsOf(raws)).toEqual(['first', '1', 'v1.2.3', 'b', 'a', 'sha-0123456', 'last']);
  });
});

describe('what a tag stands for', () => {
  it.each<[string, string]>([
    ['type=sha', 'commit'],
    ['type=sha,format=long,prefix=main-', 'commit'],
    ['type=semver,pattern={{version}}', 'whole'],
    ['type=semver,pattern={{raw}}', 'whole'],
    ['type=semver,pattern={{version}},suffix=-alpine', 'whole'],
    ['type=semver,pattern={{major}}.{{minor}}.{{patch}}', 'whole'],
    ['type=semver,pattern={{version}},value=3.4.5', 'whole'],
    ['type=pep440,pattern={{version}}', 'whole'],
    ['type=pep440,pattern={{raw}},value=1.2.3beta2', 'whole'],
    ['type=ref,event=tag', 'whole'],
    ['type=match,pattern=v(.*),group=1', 'whole'],
    ['v1.2.3', 'whole'],
    ['type=raw,value=alpine,suffix=-{{tag}}', 'whole'],
    ['type=semver,pattern={{major}}.{{minor}}', 'partial'],
    ['type=semver,pattern={{major}}', 'partial'],
    ['type=semver,pattern={{major}}.{{minor}},value=3.4.5', 'partial'],
    ['type=semver,pattern=v{{major}},suffix=-alpine', 'partial'],
    ['type=match,pattern=v(\\d.\\d),group=1', 'partial'],
    ['latest', 'partial'],
    ['type=raw,value=latest,suffix=-alpine', 'partial'],
    ['v1', 'partial'],
    ['1.2', 'partial'],
    ['stable', 'other'],
    ['11.2.3', 'other'],
    ['1.2.30', 'other'],
    ['1.2.3.4', 'other'],
    ['9.1', 'other'],
  ])('%s on v1.2.3: %s', (raw, names) => {
    expect(evaluate([raw]).tags).toMatchObject([{ names }]);
  });

  it('is a line of versions for `latest` on a branch, and nothing in particular for the branch', () => {
    expect(evaluate(['latest', 'type=ref,event=branch'], branch('1.2.3')).tags).toMatchObject([
      { tag: '1.2.3', names: 'other' },
      { tag: 'latest', names: 'partial' },
    ]);
  });

  it('is the version of the input, where a branch is dispatched with one', () => {
    const context = aContext(branch('main', { eventName: 'workflow_dispatch' }));
    const subject = {
      context,
      revision: COMMIT,
      version: parseVersion('1.4.0')!,
      written: 'v1.4.0',
      helpers: globalHelpers(context, someFacts(), COMMIT),
    };
    const rules = ['type=semver,pattern={{major}}.{{minor}}', 'type=semver,pattern={{raw}}'].map(rule);
    expect(evaluateRules(rules, subject).tags.map(({ tag: name }) => name)).toEqual(['1.4', 'v1.4.0']);
  });
});
