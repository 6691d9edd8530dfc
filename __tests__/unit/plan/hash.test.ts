import { describe, expect, it } from '@jest/globals';
import type { ResolvedTarget } from '../../../src/model/build.ts';
import { canonicalJson, definitionHash, type HashScope, planHash } from '../../../src/plan/hash.ts';
import { aBuild, aTarget, COMMIT } from '../../helpers/a-context.ts';

const image = { labels: { a: '1' }, annotations: { index: {}, manifest: {} }, platforms: ['linux/amd64'] };

function hash(definition: ResolvedTarget['definition'] = {}, change: Partial<HashScope> = {}): string {
  return planHash('app', {
    build: aBuild([
      aTarget('app', { parents: ['base'], definition: { contexts: { base: 'target:base' }, ...definition } }),
      aTarget('base', { parents: ['os'], definition: { contexts: { os: 'target:os' } } }),
      aTarget('os', { definition: { args: { V: '1' } } }),
    ]),
    images: new Map([['app', image]]),
    revision: COMMIT,
    sourceDateEpoch: 1,
    workspace: '/work/repo',
    ...change,
  });
}

const definition = {
  context: '/work/repo/docker',
  dockerfile: 'Dockerfile',
  args: { A: '1' },
  target: 'final',
};

describe('the plan hash', () => {
  it('is a digest, the same for the same', () => {
    expect(hash(definition)).toMatch(/^sha256:[0-9a-f]{64}$/);
    const reordered = Object.fromEntries(Object.entries(definition).toReversed());
    expect(hash(reordered)).toBe(hash(definition));
  });

  it.each<[string, Record<string, unknown>]>([
    ['a context', { context: '/work/repo/other' }],
    ['a Dockerfile', { dockerfile: 'Dockerfile.prod' }],
    ['a build argument', { args: { A: '2' } }],
    ['a stage', { target: 'test' }],
    ['an inline attestation', { attest: [{ type: 'sbom' }] }],
    ['the network', { network: 'none' }],
    ['a named context', { contexts: { base: 'target:base', x: 'docker-image://alpine' } }],
    ['a secret id', { secret: [{ id: 'token', env: 'A' }] }],
    ['an ssh id', { ssh: ['default'] }],
    ['a label of the bake file', { labels: { x: 'y' } }],
  ])('changes with %s', (_, change) => {
    expect(hash({ ...definition, ...change })).not.toBe(hash(definition));
  });

  it.each<[string, Partial<HashScope>]>([
    ['a label', { images: new Map([['app', { ...image, labels: { a: '2' } }]]) }],
    ['an annotation', { images: new Map([['app', { ...image, annotations: { index: { a: '1' } } }]]) }],
    ['a platform', { images: new Map([['app', { ...image, platforms: ['linux/arm64'] }]]) }],
    ['the commit', { revision: 'f'.repeat(40) }],
    ['SOURCE_DATE_EPOCH', { sourceDateEpoch: 2 }],
    [
      'the labels of a parent that is an image',
      {
        images: new Map([
          ['app', image],
          ['base', image],
        ]),
      },
    ],
  ])('changes with %s', (_, change) => {
    expect(hash(definition, change)).not.toBe(hash(definition));
  });

  it('changes with the definition of a parent two steps away', () => {
    const build = (value: string) => ({
      build: aBuild([
        aTarget('app', { parents: ['base'], definition: { contexts: { base: 'target:base' } } }),
        aTarget('base', { parents: ['os'], definition: { contexts: { os: 'target:os' } } }),
        aTarget('os', { definition: { args: { V: value } } }),
      ]),
    });
    expect(hash({}, build('1'))).toBe(hash());
    expect(hash({}, build('2'))).not.toBe(hash());
  });

  it('counts a parent by what it is, not by the name of its target', () => {
    const named = (name: string) => ({
      build: aBuild([
        aTarget('app', { parents: [name], definition: { contexts: { base: `target:${name}` } } }),
        aTarget(name, { definition: { args: { V: '1' } } }),
      ]),
    });
    expect(hash({}, named('a'))).toBe(hash({}, named('b')));
  });

  it.each<[string, Record<string, unknown>]>([
    ['outputs', { output: [{ type: 'registry' }] }],
    ['tags', { tags: ['app:1'] }],
    [
      'caches',
      { 'cache-from': [{ type: 'gha' }], 'cache-to': [{ type: 'gha' }], 'no-cache': true, pull: true },
    ],
  ])('does not change with %s', (_, change) => {
    expect(hash({ ...definition, ...change })).toBe(hash(definition));
  });

  it('knows secrets and ssh by their ids only, in any of bake’s forms and orders', () => {
    const forms = [
      {
        secret: [
          { id: 'a', env: 'X' },
          { id: 'b', src: '/tmp/b' },
        ],
        ssh: [{ id: 'default', paths: ['/tmp/agent'] }],
      },
      {
        secret: [
          { id: 'b', env: 'Y' },
          { id: 'a', src: '/home/a' },
        ],
        ssh: [{ id: 'default' }],
      },
      { secret: ['id=a,env=X', 'type=file,id=b,src=/tmp/b'], ssh: ['default=/tmp/agent'] },
      { secret: ['a', 'b'], ssh: ['default'] },
    ];
    expect(new Set(forms.map((form) => hash({ ...definition, ...form }))).size).toBe(1);
  });

  it('is the same on another machine', () => {
    const on = (workspace: string) =>
      hash(
        {
          context: `${workspace}/docker`,
          dockerfile: `${workspace}/Dockerfile`,
          contexts: { layout: `oci-layout://${workspace}/out`, root: workspace },
        },
        { workspace },
      );
    expect(on('/home/runner/work/x/x')).toBe(on('/work/repo'));
  });

  it.each([
    ['/work/repo', '/work/repo-2/docker'],
    ['/work/repo', '/mnt/work/repo/docker'],
    ['/', '/docker'],
  ])('takes the workspace %s not for a part of %s', (workspace, context) => {
    expect(hash({ context }, { workspace })).toBe(hash({ context }, { workspace: '/elsewhere' }));
  });

  it('ends on a graph that has a loop', () => {
    const build = aBuild([
      aTarget('app', { parents: ['base'], definition: { contexts: { base: 'target:base' } } }),
      aTarget('base', { parents: ['app'], definition: { contexts: { app: 'target:app' } } }),
    ]);
    expect(hash({}, { build })).toMatch(/^sha256:/);
  });
});

describe('hashes of the same image for different platforms', () => {
  const onPlatforms = (platforms: readonly string[], V = '1'): HashScope => ({
    build: aBuild([
      aTarget('app', {
        parents: ['base'],
        platforms,
        definition: { context: '.', platforms, contexts: { base: 'target:base' } },
      }),
      aTarget('base', { platforms, definition: { platforms, args: { V } } }),
    ]),
    images: new Map([['app', { ...image, platforms }]]),
    revision: COMMIT,
    sourceDateEpoch: 1,
    workspace: '/work/repo',
  });
  const both = ['linux/amd64', 'linux/arm64'];

  it('are one without them, at every level, and change with all the rest', () => {
    const one = definitionHash('app', onPlatforms(['linux/arm64']));
    expect(one).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(definitionHash('app', onPlatforms(both))).toBe(one);
    expect(definitionHash('app', onPlatforms([]))).toBe(one);
    expect(definitionHash('app', onPlatforms(both, '2'))).not.toBe(one);
    expect(definitionHash('base', onPlatforms(both))).not.toBe(one);
  });

  it('differ in the plan hash, which stays what the images of earlier runs carry', () => {
    expect(planHash('app', onPlatforms(['linux/arm64']))).not.toBe(planHash('app', onPlatforms(both)));
    expect(planHash('app', onPlatforms(['linux/amd64']))).toBe(
      'sha256:976a51c543b95cb65e2266863ec6f5da1a4bfb8f0a372767b8756c4e8ea1d05d',
    );
  });
});

describe('canonical JSON', () => {
  it('sorts keys at every depth and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 1], a: { z: null, y: 'x' } })).toBe(
      '{"a":{"y":"x","z":null},"b":[{"c":2,"d":1},1]}',
    );
  });
});
