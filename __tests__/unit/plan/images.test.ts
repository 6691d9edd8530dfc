import { describe, expect, it } from '@jest/globals';
import type { BakeFileInput, Inputs } from '../../../src/model/inputs.ts';
import type { ModuleImage } from '../../../src/model/module-image.ts';
import { draftImages } from '../../../src/plan/images.ts';
import {
  aBuild,
  aContext,
  anImageInput,
  anInputs,
  aTarget,
  imageSet,
  someBuildInputs,
  someFacts,
} from '../../helpers/a-context.ts';

const AMD64 = { os: 'linux', architecture: 'amd64' };

/** base ← (helper) ← app, base ← tool; helper is no image. */
const build = aBuild(
  [
    aTarget('base', { platforms: ['linux/amd64', 'linux/arm64/v8'], labels: { team: 'core' } }),
    aTarget('helper', { parents: ['base'] }),
    aTarget('app', { parents: ['helper'] }),
    aTarget('tool', { parents: ['base', 'helper'] }),
  ],
  ['base', 'app', 'tool'],
);

const bake = (change: Partial<BakeFileInput> = {}): Partial<Inputs> => ({
  build: someBuildInputs({
    definition: { kind: 'bake-file', files: ['docker-bake.hcl'], targets: ['default'], names: {}, ...change },
    platforms: [AMD64],
  }),
});

function draft(inputs: Partial<Inputs>, image?: string, graph: typeof build | undefined = build) {
  return draftImages(
    anInputs(inputs),
    aContext(),
    someFacts(graph === undefined ? {} : { build: graph }),
    image,
  );
}

describe('the images of a bake file', () => {
  it('are its selected targets, with their own platforms and labels', () => {
    const { images, problems } = draft(bake());
    expect(problems).toEqual([]);
    expect(images).toEqual([
      {
        name: 'base',
        source: { kind: 'bake', target: 'base' },
        platforms: [AMD64, { os: 'linux', architecture: 'arm64' }],
        labels: { team: 'core' },
        parents: [],
      },
      {
        name: 'app',
        source: { kind: 'bake', target: 'app' },
        platforms: [AMD64],
        labels: {},
        parents: ['base'],
      },
      {
        name: 'tool',
        source: { kind: 'bake', target: 'tool' },
        platforms: [AMD64],
        labels: {},
        parents: ['base'],
      },
    ]);
  });

  it('may have other names than the targets', () => {
    const { images } = draft(bake({ names: { base: 'acme-base', helper: 'unused' } }));
    expect(images.map(({ name, source, parents }) => [name, source, parents])).toEqual([
      ['acme-base', { kind: 'bake', target: 'base' }, []],
      ['app', { kind: 'bake', target: 'app' }, ['acme-base']],
      ['tool', { kind: 'bake', target: 'tool' }, ['acme-base']],
    ]);
  });

  it('may be called as the members of JavaScript objects are', () => {
    const graph = aBuild([aTarget('constructor'), aTarget('valueof', { parents: ['constructor'] })]);
    expect(draft(bake(), undefined, graph)).toMatchObject({
      images: [{ name: 'constructor' }, { name: 'valueof', parents: ['constructor'] }],
      problems: [],
    });
  });

  it('need names that a registry can spell, and that are their own', () => {
    const graph = aBuild([aTarget('App'), aTarget('a'), aTarget('b')]);
    const { problems } = draft(bake({ names: { b: 'a' } }), undefined, graph);
    expect(problems.map(({ message }) => message)).toEqual([
      'the image name from the bake target is not valid: App (corrected: app)',
      'two images have the same name: a',
    ]);
  });

  it('are refused with a platform that is none', () => {
    const graph = aBuild([aTarget('a', { platforms: ['linux/amd64', 'amd64'] })]);
    expect(draft(bake(), undefined, graph)).toMatchObject({
      images: [{ platforms: [AMD64] }],
      problems: [{ code: 'INPUT_INVALID', message: expect.stringContaining('amd64') }],
    });
  });
});

describe('declared images', () => {
  const set = imageSet(
    anImageInput({ name: 'my.base', platforms: [AMD64], labels: { team: 'core' } }),
    anImageInput({ name: 'app', contexts: { base: 'target:my.base' } }),
    anImageInput({ name: 'brought', from: { kind: 'oci-archive', path: '/work/repo/x.tar' } }),
  );
  const graph = aBuild([aTarget('my-base'), aTarget('app', { parents: ['my-base'] })]);
  const inputs = { build: someBuildInputs({ definition: set }) };

  it('have the targets of the generated bake file, and parents by their names', () => {
    const { images, problems } = draft(inputs, undefined, graph);
    expect(problems).toEqual([]);
    expect(images).toEqual([
      {
        name: 'my.base',
        source: { kind: 'bake', target: 'my-base' },
        platforms: [AMD64],
        labels: { team: 'core' },
        parents: [],
      },
      {
        name: 'app',
        source: { kind: 'bake', target: 'app' },
        platforms: [],
        labels: {},
        parents: ['my.base'],
      },
      {
        name: 'brought',
        source: { kind: 'oci-archive', path: '/work/repo/x.tar' },
        platforms: [],
        labels: {},
        parents: [],
      },
    ]);
  });

  it('of which the tag names one, are that one; its parents are then no images of this plan', () => {
    const { images, problems } = draft(inputs, 'app', graph);
    expect(problems).toEqual([]);
    expect(images).toMatchObject([{ name: 'app', parents: [] }]);
  });

  it('of which the tag names none, are refused with the names there are', () => {
    const { images, problems } = draft(inputs, 'other', graph);
    expect(images).toEqual([]);
    expect(problems).toEqual([
      expect.objectContaining({
        message: 'the git tag names no image of the set: other',
        hint: 'Tag with the name of one of my.base, app, brought.',
      }),
    ]);
  });

  it('without a name of its own have the default one, which the tag may give', () => {
    expect(draft({}, undefined, undefined).images).toMatchObject([
      { name: 'modules', source: { target: 'image' } },
    ]);
    expect(draft({}, 'my-module', undefined).images).toMatchObject([
      { name: 'my-module', source: { target: 'image' } },
    ]);
    expect(draft({}, 'My-Module', undefined).problems).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('the git tag is not valid: My-Module (corrected: my-module)'),
      }),
    ]);
  });
});

describe('a module without a Dockerfile', () => {
  const drafted = (module: Partial<ModuleImage>) =>
    draftImages(
      anInputs(),
      aContext(),
      someFacts({
        build: aBuild([aTarget('image')]),
        moduleImages: new Map([['.', { manifestPath: 'manifest.json', ...module }]]),
      }),
      undefined,
    );

  it('has its own description, and the platform that its platform runs', () => {
    expect(drafted({ entrypoint: 'a:B', description: 'Counts' })).toMatchObject({
      images: [{ description: 'Counts', platforms: [AMD64] }],
      problems: [],
    });
  });

  it('is refused with an entrypoint that is none', () => {
    expect(drafted({ strangeEntrypoint: '"a\\nRUN b"' }).problems).toMatchObject([
      {
        code: 'MANIFEST_INVALID',
        message: 'execution.entrypoint of manifest.json names no class of a module: "a\\nRUN b"',
        at: { file: 'manifest.json' },
      },
    ]);
  });
});
