import { describe, expect, it } from '@jest/globals';
import type { Facts, ManifestFacts } from '../../../src/model/facts.ts';
import type { BakeFileInput, ImageInput, Inputs, PublishInputs } from '../../../src/model/inputs.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { formatReference } from '../../../src/model/reference.ts';
import { moduleSet, modulesImage } from '../../../src/plan/module-set.ts';
import { planRelease } from '../../../src/plan/plan-release.ts';
import {
  aBuild,
  aContext,
  anImageInput,
  anInputs,
  aTarget,
  imageSet,
  someBuildInputs,
  someFacts,
  somePublishInputs,
  someVersionInputs,
} from '../../helpers/a-context.ts';

const STAR = { version: someVersionInputs({ tagPrefix: '*/v' }) };
const built = (...images: readonly ImageInput[]) => ({
  build: someBuildInputs({ definition: imageSet(...images) }),
});
const BAKE: BakeFileInput = {
  kind: 'bake-file',
  files: ['docker-bake.hcl'],
  targets: ['default'],
  names: {},
};

function module(name: string, version?: string, folder = `modules/${name}`) {
  const manifest: ManifestFacts = {
    path: `${folder}/manifest.json`,
    name,
    ...(version === undefined ? {} : { version, line: 4 }),
  };
  return { folder, manifest };
}
const MODULES = [module('indexer', '2.0.0'), module('parser', '1.0.0')];

describe('all modules of a checkout', () => {
  it.each<[string, Partial<Inputs>, boolean]>([
    ['a star', STAR, true],
    ['no star', {}, false],
    ['images of the config', { ...STAR, ...built(anImageInput({ name: 'a' })) }, false],
    ['a context', { ...STAR, ...built(anImageInput({ context: 'app' })) }, false],
    ['a Dockerfile', { ...STAR, ...built(anImageInput({ file: 'x/Dockerfile' })) }, false],
    ['a stage', { ...STAR, ...built(anImageInput({ target: 'x' })) }, false],
    [
      'an image of another tool',
      { ...STAR, ...built(anImageInput({ from: { kind: 'docker-daemon', reference: 'x' } })) },
      false,
    ],
    ['a bake file', { ...STAR, build: someBuildInputs({ definition: BAKE }) }, false],
    ['a name', { ...STAR, names: { registries: ['ghcr.io'], image: 'app' } }, false],
    ['no manifests', { version: someVersionInputs({ tagPrefix: '*/v', manifest: 'false' }) }, false],
  ])('may be meant with %s: %#', (_, change, meant) => {
    expect(modulesImage(anInputs(change)) !== undefined).toBe(meant);
  });

  it('become images with what the one image has, named by their manifest or folder', () => {
    const image = anImageInput({ args: { A: '1' }, contexts: { wheels: './wheels' } });
    const nameless = { folder: 'modules/odd', manifest: { path: 'modules/odd/manifest.json' } };
    const { build } = moduleSet(anInputs(STAR), image, [module('parser', '1.0.0', 'src/p'), nameless]);
    expect(build.definition).toEqual({
      kind: 'images',
      images: [
        { ...image, name: 'parser', context: 'src/p' },
        { ...image, name: 'odd', context: 'modules/odd' },
      ],
    });
  });
});

const BY_HAND = { eventName: 'workflow_dispatch', ref: 'refs/heads/main' };

/** The plan of the modules, as the survey finds them. */
function planOf(
  context: Parameters<typeof aContext>[0],
  modules = MODULES,
  change: Partial<Facts> = {},
  version = {},
  publish: Partial<PublishInputs> = {},
): Plan {
  const inputs = {
    ...anInputs(STAR),
    version: someVersionInputs({ tagPrefix: '*/v', ...version }),
    publish: somePublishInputs(publish),
  };
  const set = moduleSet(inputs, anImageInput(), modules);
  const graph = aBuild(modules.map(({ manifest }) => aTarget(manifest.name ?? '')));
  const byFolder = new Map(modules.map(({ folder, manifest }) => [folder, manifest]));
  return planRelease(set, aContext(context), someFacts({ build: graph, modules: byFolder, ...change }));
}

const tagsOf = ({ images }: Plan) =>
  images.flatMap(({ repositories: [repository], tags }) =>
    tags.flatMap(({ tag }) =>
      repository === undefined || tag.startsWith('sha-') ? [] : [formatReference({ repository, tag })],
    ),
  );

describe('the plan of a set of modules', () => {
  it('is of the one that the tag names', () => {
    const plan = planOf({ ref: 'refs/tags/parser/v1.0.0' });
    expect(plan.problems).toEqual([]);
    expect(tagsOf(plan)).toEqual(['ghcr.io/acme/parser:1.0.0']);
    expect(plan).toMatchObject({
      version: { raw: '1.0.0' },
      images: [{ name: 'parser', manifest: 'modules/parser/manifest.json' }],
    });
  });

  it('compares the tag with the module that it names, and with no other', () => {
    expect(planOf({ ref: 'refs/tags/parser/v1.1.0' }).problems).toMatchObject([
      { code: 'VERSION_MISMATCH', at: { file: 'modules/parser/manifest.json', line: 4 } },
    ]);
  });

  it('has on a dispatch the version of each, in tags, labels and what is asked about publishing', () => {
    const plan = planOf(BY_HAND);
    expect(plan.problems).toEqual([]);
    expect(plan.version).toBeUndefined();
    expect(tagsOf(plan)).toEqual(['ghcr.io/acme/indexer:2.0.0', 'ghcr.io/acme/parser:1.0.0']);
    const labels = plan.images.map((image) => image.labels['org.opencontainers.image.version']);
    expect(labels).toEqual(['2.0.0', '1.0.0']);
    expect(plan.images.map(({ version }) => version?.raw)).toEqual(['2.0.0', '1.0.0']);
  });

  it('has one version where the modules have one', () => {
    const plan = planOf(BY_HAND, [module('a', '1.0.0-rc.1'), module('b', '1.0.0-rc.1')]);
    expect(plan).toMatchObject({ version: { raw: '1.0.0-rc.1' }, prerelease: true });
  });

  it('takes a version that is given for all, and compares each with it', () => {
    const plan = planOf(BY_HAND, MODULES, {}, { version: '2.0.0' });
    expect(plan.version?.raw).toBe('2.0.0');
    expect(plan.problems).toMatchObject([{ code: 'VERSION_MISMATCH' }]);
  });

  it.each([
    [undefined, 'VERSION_MISSING', /the image odd has no version of its own/],
    ['1.0', 'MANIFEST_INVALID', /corrected: 1\.0\.0/],
  ])('tells of a module with the version %j', (version, code, words) => {
    const { problems } = planOf(BY_HAND, [...MODULES, module('odd', version)]);
    expect(problems).toMatchObject([{ code, message: expect.stringMatching(words) }]);
  });

  it('leaves out what another commit has released, and says where it is', () => {
    const released = new Map([
      ['indexer', { repository: { registry: 'ghcr.io', path: 'acme/indexer' }, tag: '2.0.0' }],
    ]);
    const plan = planOf(BY_HAND, MODULES, { released });
    expect(plan.images.map(({ name }) => name)).toEqual(['parser']);
    expect(plan.released?.map(formatReference)).toEqual(['ghcr.io/acme/indexer:2.0.0']);
    expect(plan.version?.raw).toBe('1.0.0');
  });

  it('has no version on a branch', () => {
    const plan = planOf({ ref: 'refs/heads/main' });
    expect(plan.problems).toEqual([]);
    expect([plan.version, tagsOf(plan)]).toEqual([undefined, []]);
  });

  it('says a wrong rule once, however many modules there are', () => {
    const tags = [
      { type: 'raw', attributes: { value: '{{nope}}' }, raw: 'type=raw,value={{nope}}' } as const,
    ];
    const { problems } = planOf(BY_HAND, MODULES, {}, { tags });
    expect(problems.filter(({ message }) => message.includes('type=raw'))).toHaveLength(1);
  });
});

describe('what is published of a set of modules', () => {
  const [INDEXER, PARSER] = MODULES.map(({ manifest: { name, path } }) => ({ image: name, manifest: path }));
  const asked = { asked: true, token: 't', key: 'k' };
  const plan = (
    context: Parameters<typeof planOf>[0],
    publish: Partial<PublishInputs> = asked,
    change: Partial<Facts> = {},
  ) => planOf(context, MODULES, change, {}, publish);
  const left = (...names: readonly string[]) => ({
    released: new Map(
      names.map((name) => [
        name,
        { repository: { registry: 'ghcr.io', path: `acme/${name}` }, tag: '1.0.0' },
      ]),
    ),
  });

  it('is each module by its own manifest.json', () => {
    const { publish, problems } = plan(BY_HAND);
    expect(publish).toEqual([INDEXER, PARSER]);
    expect(problems).toEqual([]);
  });

  it('is the one that the tag names', () => {
    expect(plan({ ref: 'refs/tags/parser/v1.0.0' }).publish).toEqual([PARSER]);
  });

  it('is not what another commit has released', () => {
    expect(plan(BY_HAND, asked, left('indexer')).publish).toEqual([PARSER]);
    const none = plan(BY_HAND, asked, left('indexer', 'parser'));
    expect([none.images, none.publish, none.problems]).toEqual([[], undefined, []]);
  });

  it('is told to another platform too', () => {
    const target = { kind: 'webhook', url: 'https://deploy.example.com' } as const;
    expect(plan(BY_HAND, { asked: true, token: 't', target }).publish).toEqual([INDEXER, PARSER]);
  });

  it('follows the tags that `publish.when` names', () => {
    const when = (tag: string) => ({ token: 't', key: 'k', when: { tag, prerelease: false } });
    expect(plan({ ref: 'refs/tags/parser/v1.0.0' }, when('*/v*')).publish).toEqual([PARSER]);
    expect(plan({ ref: 'refs/tags/parser/v1.0.0' }, when('indexer/v*')).publish).toBeUndefined();
    expect(plan(BY_HAND, when('*/v*')).publish).toBeUndefined();
  });

  it('needs its secrets, which is said once', () => {
    const { problems } = plan(BY_HAND, { asked: true });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('it needs a `publish-token`'),
      expect.stringContaining('it needs a `publish-key`'),
    ]);
  });
});
