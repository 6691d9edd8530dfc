import { describe, expect, it } from '@jest/globals';
import type { PlannedImage } from '../../../../src/model/plan.ts';
import { bakeDocument, type DocumentOptions } from '../../../../src/steps/build/document.ts';
import { parsePrint } from '../../../../src/steps/survey/bake-print.ts';
import { AMD64, ARM64, aBuiltImage, aPlannedImage } from '../../../helpers/a-release.ts';
import { aBuildInputs } from '../../../helpers/build-bench.ts';

type Targets = Record<string, Record<string, unknown>>;

function documentOf(target: Targets, change: Partial<DocumentOptions> & { planned?: PlannedImage[] } = {}) {
  const build = parsePrint(JSON.stringify({ target }), '/work');
  const planned = change.planned ?? Object.keys(target).map((name) => aPlannedImage(name, { platforms: [] }));
  const images = new Map(
    planned.flatMap((image) => (image.source.kind === 'bake' ? [[image.source.target, image] as const] : [])),
  );
  return bakeDocument({
    build,
    images,
    present: new Map(),
    store: { root: '/stage' },
    raw: { root: '/stage/raw' },
    inputs: aBuildInputs(),
    tagRelease: false,
    ...change,
  }).target;
}

describe('the bake file of the build', () => {
  it('keeps what bake resolved and decides where bytes go', () => {
    const { app } = documentOf({
      app: { context: '.', args: { A: '1' }, output: [{ type: 'registry' }], tags: ['x:y'] },
    });
    expect(app).toMatchObject({
      context: '.',
      args: { A: '1' },
      attest: ['type=provenance,disabled=true'],
      output: ['type=oci,tar=false,compression=uncompressed,dest=/stage/raw/image-app'],
    });
    expect(app).not.toHaveProperty('tags');
  });

  it.each<[string, Record<string, unknown>, boolean, readonly string[]]>([
    ['not asked', {}, false, ['type=provenance,disabled=true']],
    ['asked', {}, true, ['type=provenance,mode=min']],
    ['the file asks for more', { attest: ['type=provenance,mode=max'] }, true, ['type=provenance,mode=max']],
  ])('lets BuildKit say what an image is made from: %s', (_, change, materials, attest) => {
    const { app } = documentOf({ app: { context: '.', ...change } }, { materials });
    expect(app?.attest).toEqual(attest);
  });

  it('takes labels and platforms from the plan', () => {
    const planned = [aPlannedImage('app', { platforms: [AMD64, ARM64], labels: { l: '1' } })];
    const { app } = documentOf({ app: { platforms: ['linux/amd64'], labels: { old: 'x' } } }, { planned });
    expect(app).toMatchObject({ platforms: ['linux/amd64', 'linux/arm64'], labels: { l: '1' } });
  });

  it('lets bake evaluate nothing', () => {
    const planned = [
      aPlannedImage('app', {
        platforms: [],
        labels: { 'k${x}': '${env} %{if}' },
        annotations: { index: {}, manifest: { a: '${b}' } },
      }),
    ];
    const { app } = documentOf({ app: { args: { A: '$${B}' }, context: 'dir' } }, { planned });
    const text = JSON.stringify(app);
    expect(text.replaceAll('${\\"$\\"}{', '').replaceAll('${\\"%\\"}{', '')).not.toMatch(/[$%]\{/);
    expect(text).toContain('${\\"$\\"}{B}');
  });

  it('leaves images with inline attestations to BuildKit', () => {
    const attest = [{ type: 'provenance', mode: 'max' }];
    const { app } = documentOf({ app: { attest } });
    expect(app?.attest).toEqual(attest);
    expect(app?.output).toEqual(['type=oci,tar=false,rewrite-timestamp=true,dest=/stage/raw/image-app']);
  });

  it('quotes a folder with a comma', () => {
    const { app } = documentOf({ app: {} }, { raw: { root: '/a,b "c"' } });
    expect(app?.output).toEqual([expect.stringMatching(/,"dest=\/a,b ""c""\/image-app"$/)]);
  });

  it('builds parents that are no images for their children, without outputs and attestations', () => {
    const target = {
      root: { output: [{ type: 'registry' }], attest: [{ type: 'sbom' }], 'cache-to': [{ type: 'gha' }] },
      base: { contexts: { r: 'target:root' } },
      app: { contexts: { b: 'target:base' } },
      own: { platforms: ['linux/386'] },
    };
    const planned = [aPlannedImage('app', { platforms: [AMD64, ARM64] })];
    const { root, base, own } = documentOf(target, { planned });
    expect(root).toEqual({
      attest: ['type=provenance,disabled=true'],
      platforms: ['linux/amd64', 'linux/arm64'],
    });
    expect(base).toMatchObject({ platforms: ['linux/amd64', 'linux/arm64'] });
    expect(own).toMatchObject({ platforms: ['linux/386'] });
  });

  it('builds a helper for no platform that no image here has: a shard runs where the others cannot', () => {
    const both = ['linux/amd64', 'linux/arm64'];
    const target = {
      app: { contexts: { h: 'target:helper', c: 'target:cross' }, platforms: both },
      other: { contexts: { h: 'target:plain' }, platforms: both },
      helper: { contexts: { d: 'target:deep', p: 'target:plain' }, platforms: both },
      deep: { platforms: both },
      plain: {},
      cross: { platforms: ['linux/386'] },
    };
    const planned = [aPlannedImage('app', { platforms: [ARM64], partial: true })];
    const group = { default: { targets: ['app', 'other'] } };
    const build = parsePrint(JSON.stringify({ group, target }), '/work');
    const { helper, deep, plain, cross } = documentOf(target, { planned, build });
    for (const each of [helper, deep, plain]) expect(each?.platforms).toEqual(['linux/arm64']);
    expect(cross?.platforms).toEqual(['linux/386']);
  });

  it('puts children on parents that are in the staging store', () => {
    const adopted = aBuiltImage(aPlannedImage('my-base', { source: { kind: 'bake', target: 'base' } }));
    const { app } = documentOf(
      { base: {}, app: { contexts: { b: 'target:base', other: 'target:other', path: './x' } }, other: {} },
      { present: new Map([['base', adopted]]) },
    );
    expect(app?.contexts).toEqual({
      b: `oci-layout:///stage/image-my-base@${adopted.top.digest}`,
      other: 'target:other',
      path: './x',
    });
  });

  it('adds what the inputs say to every target', () => {
    const inputs = aBuildInputs({
      secrets: { token: 'value', named: 'other' },
      secretFiles: { key: '/k' },
      ssh: ['default'],
      noCache: true,
      pull: true,
      network: 'none',
      cacheTo: ['type=gha'],
    });
    const { app, base } = documentOf(
      { app: { secret: ['id=named,env=X'] }, base: {} },
      { inputs, planned: [aPlannedImage('app', { platforms: [] })] },
    );
    const added = [
      { type: 'env', id: 'token', env: 'MODULE_RELEASE_SECRET_0' },
      { type: 'file', id: 'key', src: '/k' },
    ];
    expect(app).toMatchObject({
      secret: ['id=named,env=X', ...added],
      ssh: ['default'],
      'no-cache': true,
      pull: true,
      network: 'none',
      'cache-to': ['type=gha,ignore-error=true'],
    });
    expect(base).toMatchObject({ network: 'none', secret: expect.arrayContaining(added) });
    expect(base).not.toHaveProperty('cache-to');
    expect(JSON.stringify([app, base])).not.toContain('value');
  });

  it('gives each of several images a cache of its own', () => {
    const inputs = aBuildInputs({ cacheFrom: ['type=gha'] });
    const { a, b } = documentOf({ a: {}, b: {} }, { inputs });
    expect([a?.['cache-from'], b?.['cache-from']]).toEqual([['type=gha,scope=a'], ['type=gha,scope=b']]);
  });

  it('drops caches of the bake file for a release of a tag', () => {
    const target = { app: { 'cache-from': [{ type: 'gha' }], 'cache-to': [{ type: 'gha' }] } };
    expect(documentOf(target, { tagRelease: true }).app).not.toHaveProperty('cache-from');
    expect(documentOf(target).app).toMatchObject({
      'cache-from': [{ type: 'gha' }],
      'cache-to': [{ type: 'gha', 'ignore-error': 'true' }],
    });
  });
});
