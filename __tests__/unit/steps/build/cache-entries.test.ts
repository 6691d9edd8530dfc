import { describe, expect, it } from '@jest/globals';
import {
  cacheOfPart,
  cachesOf,
  isCacheTrouble,
  localCacheFolders,
  withoutCaches,
} from '../../../../src/steps/build/cache-entries.ts';

const none = { cacheFrom: [], cacheTo: [] };
const branch = { tagRelease: false };

describe('where a build imports from', () => {
  const printed = { 'cache-from': [{ type: 'registry', ref: 'x' }] };
  it.each<[string, string[], boolean, unknown[]]>([
    ['what the bake file says', [], false, [{ type: 'registry', ref: 'x' }]],
    ['nothing for a release of a tag', [], true, []],
    ['the input in place of the file', ['type=gha'], false, ['type=gha']],
    ['the input also for a release of a tag', ['type=gha'], true, ['type=gha']],
    ['an image by its name', ['user/app:cache'], false, ['type=registry,ref=user/app:cache']],
  ])('%s', (_, cacheFrom, tagRelease, expected) => {
    expect(cachesOf(printed, { ...none, cacheFrom }, { tagRelease }).from).toEqual(expected);
  });
});

describe('where a build exports to', () => {
  it.each<[string, unknown, unknown]>([
    ['type=gha,mode=max', 'text', 'type=gha,mode=max,ignore-error=true'],
    ['user/app:cache', 'text', 'type=registry,ref=user/app:cache,ignore-error=true'],
    ['type=local,dest=x,ignore-error=false', 'text', 'type=local,dest=x,ignore-error=true'],
    ['type=inline', 'text', 'type=inline'],
  ])('never fails the build: %s', (entry, _, expected) => {
    expect(cachesOf({}, { ...none, cacheTo: [String(entry)] }, branch).to).toEqual([expected]);
    expect(cachesOf({ 'cache-to': [entry] }, none, { tagRelease: true }).to).toEqual([expected]);
  });

  it('never fails the build in the form of attributes either', () => {
    const printed = { 'cache-to': [{ type: 'gha', 'ignore-error': 'false' }, { type: 'inline' }] };
    expect(cachesOf(printed, none, branch).to).toEqual([
      { type: 'gha', 'ignore-error': 'true' },
      { type: 'inline' },
    ]);
  });
});

describe('several images and one cache', () => {
  it.each([
    ['type=gha', 'type=gha,scope=app'],
    ['type=gha,scope=mine', 'type=gha,scope=mine'],
    ['type=registry,ref=x', 'type=registry,ref=x'],
  ])('%s', (entry, expected) => {
    const inputs = { cacheFrom: [entry], cacheTo: [entry] };
    const caches = cachesOf({}, inputs, { tagRelease: false, scope: 'app' });
    expect(caches).toEqual({ from: [expected], to: [`${expected},ignore-error=true`] });
  });
});

it('finds the folders of local caches', () => {
  const entries = [
    'type=local,dest=/a,mode=max',
    { type: 'local', dest: '/b', src: '/c' },
    'type=gha',
    { type: 'gha', dest: '/no' },
    'type=local,src=/d',
    7,
  ];
  expect(localCacheFolders(entries, 'dest')).toEqual(['/a', '/b']);
  expect(localCacheFolders(entries, 'src')).toEqual(['/c', '/d']);
});

describe('trouble with a cache', () => {
  it.each<[string, { step?: string; error: string }, boolean]>([
    ['a token that is none', { error: 'failed to configure gha cache exporter: invalid token' }, true],
    ['a builder that cannot', { error: 'Cache export is not supported for the docker driver.' }, true],
    ['an export', { step: 'exporting cache to registry', error: '503' }, true],
    ['a step that speaks of caches', { step: '[2/2] RUN x', error: 'no cache exporter' }, false],
    ['anything else', { error: 'failed to solve: no such stage' }, false],
  ])('is told from a failed build: %s', (_, failure, expected) => {
    expect(isCacheTrouble(failure)).toBe(expected);
  });

  it('goes away without caches', () => {
    const target = { a: { context: '.', 'cache-to': ['x'], 'cache-from': ['y'] } };
    expect(withoutCaches({ target })).toEqual({ target: { a: { context: '.' } } });
  });
});

describe('the cache of one platform', () => {
  it.each<[string, unknown, unknown]>([
    ['gha', 'type=gha,mode=max', 'type=gha,mode=max,scope=linux-arm64'],
    ['gha with a scope', { type: 'gha', scope: 'web' }, { type: 'gha', scope: 'web-linux-arm64' }],
    ['a folder', 'type=local,dest=/c,mode=max', 'type=local,dest=/c/linux-arm64,mode=max'],
    ['a tag', 'type=registry,ref=x:5000/app:cache', 'type=registry,ref=x:5000/app:cache-linux-arm64'],
    ['no tag', { type: 'registry', ref: 'x:5000/app' }, { type: 'registry', ref: 'x:5000/app:linux-arm64' }],
    ['a bare name', 'user/app', 'type=registry,ref=user/app:linux-arm64'],
    ['the image itself', 'type=inline', 'type=inline'],
  ])('has a name of its own: %s', (_, entry, expected) => {
    expect(cacheOfPart(entry, 'linux-arm64')).toEqual(expected);
  });
});
