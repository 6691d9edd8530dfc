import { describe, expect, it } from '@jest/globals';
import type { BuildInputs, ImageInput } from '../../../src/model/inputs.ts';
import { bakeDocument, bakeTargets, checkContexts } from '../../../src/plan/bake-document.ts';
import { buildSecrets } from '../../../src/plan/build-secrets.ts';
import { anImageInput, anInputs, imageSet, someBuildInputs } from '../../helpers/a-context.ts';

const AMD64 = { os: 'linux', architecture: 'amd64' };
const ARM64 = { os: 'linux', architecture: 'arm64' };

function documentOf(
  images: readonly Partial<ImageInput>[],
  change: Partial<BuildInputs> = {},
  workingDirectory = '/work/repo',
) {
  const definition = imageSet(...images.map(anImageInput));
  return bakeDocument(anInputs({ workingDirectory, build: someBuildInputs({ definition, ...change }) }));
}

const target = (...wanted: Parameters<typeof documentOf>) =>
  Object.values(documentOf(...wanted)?.target ?? {})[0];

describe('the generated bake file', () => {
  it('has one target for each image, parents by their target, and a group of them all', () => {
    expect(
      documentOf([
        { name: 'my.base', file: 'docker/base/Dockerfile', platforms: [AMD64, ARM64] },
        {
          name: 'app',
          context: 'docker/app',
          contexts: { base: 'target:my.base', alpine: 'docker-image://alpine:3' },
        },
        { name: 'brought', from: { kind: 'registry', reference: 'x' } },
      ]),
    ).toEqual({
      group: { default: { targets: ['my-base', 'app'] } },
      target: {
        'my-base': {
          context: '.',
          dockerfile: 'docker/base/Dockerfile',
          platforms: ['linux/amd64', 'linux/arm64'],
        },
        app: {
          context: 'docker/app',
          contexts: { base: 'target:my-base', alpine: 'docker-image://alpine:3' },
        },
      },
    });
  });

  it('is none for a bake file of the user, and when nothing is built', () => {
    expect(documentOf([{ from: { kind: 'registry', reference: 'x' } }])).toBeUndefined();
    const definition = { kind: 'bake-file', files: [], targets: [], names: {} } as const;
    expect(bakeDocument(anInputs({ build: someBuildInputs({ definition }) }))).toBeUndefined();
  });

  it.each<[string[], string[]]>([
    [
      ['a.b', 'a-b', 'a_b'],
      ['a-b', 'a-b-2', 'a_b'],
    ],
    [
      ['a-b-2', 'a-b', 'a.b'],
      ['a-b-2', 'a-b', 'a-b-3'],
    ],
    [['default'], ['default-2']],
  ])('names the targets of %j %j', (names, targets) => {
    expect(bakeTargets(names.map((name) => anImageInput({ name })))).toEqual(targets);
  });

  it('has a name for the image without one', () => {
    expect(documentOf([{}])?.group).toEqual({ default: { targets: ['image'] } });
  });

  it.each<[string, string, string]>([
    ['.', 'Dockerfile', 'Dockerfile'],
    ['.', './docker/Dockerfile.prod', 'docker/Dockerfile.prod'],
    ['docker/app', 'docker/app/Dockerfile', 'Dockerfile'],
    ['docker/app', 'docker/base/Dockerfile', '../base/Dockerfile'],
    ['..', 'Dockerfile', 'module/Dockerfile'],
    ['/work/repo', 'Dockerfile', 'module/Dockerfile'],
    ['.', '/etc/Dockerfile', '/etc/Dockerfile'],
    ['https://github.com/acme/x.git#main', 'docker/Dockerfile', 'docker/Dockerfile'],
    ['git@github.com:acme/x.git', 'docker/Dockerfile', 'docker/Dockerfile'],
    ['github.com/acme/x', 'docker/Dockerfile', 'docker/Dockerfile'],
  ])('in the context %s finds the file %s as %s', (context, file, dockerfile) => {
    expect(target([{ context, file }], {}, '/work/repo/module')).toMatchObject({ context, dockerfile });
  });

  it('lets bake evaluate nothing that the user wrote', () => {
    const hostile = '${HOME}%{if true}';
    const made = target(
      [
        {
          context: hostile,
          file: `x/${hostile}`,
          target: hostile,
          args: { [hostile]: hostile },
          contexts: { [hostile]: hostile },
        },
      ],
      {
        ssh: [hostile],
        secretFiles: { [hostile]: `/x/${hostile}` },
      },
    );
    const text = JSON.stringify(made);
    expect(text).not.toMatch(/\$\{HOME|%\{if/);
    expect(text.match(/\{HOME\}/g)).toHaveLength(10);
  });

  it('uses the platforms of all images for those without their own', () => {
    const document = documentOf([{ name: 'a' }, { name: 'b', platforms: [ARM64] }], { platforms: [AMD64] });
    expect([document?.target.a?.platforms, document?.target.b?.platforms]).toEqual([
      ['linux/amd64'],
      ['linux/arm64'],
    ]);
  });

  it('passes what shapes bytes to every target, and leaves caches to the build', () => {
    const made = target([{ target: 'final', args: { A: '1', EMPTY: '' } }], {
      ssh: ['default'],
      network: 'host',
      noCache: true,
      pull: true,
      cacheFrom: ['type=gha'],
      cacheTo: ['type=gha,mode=max'],
    });
    expect(made).toEqual({
      context: '.',
      target: 'final',
      args: { A: '1', EMPTY: '' },
      ssh: ['default'],
      network: 'host',
    });
  });
});

describe('a module without a Dockerfile', () => {
  const module = { manifestPath: 'manifest.json', entrypoint: 'backend.main:Module' };
  const targetOf = (image: Partial<ImageInput>, build: Partial<BuildInputs> = {}) => {
    const inputs = anInputs({
      build: someBuildInputs({ definition: imageSet(anImageInput(image)), ...build }),
    });
    return bakeDocument(inputs, new Map([['.', module]]))?.target.image;
  };

  it('has a generated one, of which bake evaluates nothing', () => {
    const made = targetOf({ args: { A: '1' } }, { moduleBaseImage: 'ghcr.io/acme/base:1' });
    expect(made).toMatchObject({ context: '.', args: { A: '1' }, platforms: ['linux/amd64'] });
    expect(targetOf({ platforms: [ARM64] })?.platforms).toEqual(['linux/arm64']);
    expect(targetOf({}, { platforms: [ARM64] })?.platforms).toEqual(['linux/arm64']);
    const text = String(made?.['dockerfile-inline']);
    expect(text).toMatch(/^ARG HLA_COMPASS_BASE_IMAGE=ghcr\.io\/acme\/base:1\n/);
    expect(text).toContain('FROM ${"$"}{HLA_COMPASS_BASE_IMAGE}');
    expect(text).not.toContain('wheels');
  });

  it('is installed from the context of wheels, where there is one', () => {
    expect(targetOf({ contexts: { wheels: './wheels' } })?.['dockerfile-inline']).toContain('from=wheels');
  });

  it.each<[string, Partial<ImageInput>]>([
    ['another context', { context: 'app' }],
    ['a named Dockerfile', { file: 'docker/Dockerfile' }],
    ['a stage', { target: 'runtime' }],
  ])('is not what is built from %s', (_, image) => {
    expect(targetOf(image)).not.toHaveProperty('dockerfile-inline');
  });
});

describe('build secrets', () => {
  const build = someBuildInputs({
    secrets: { token: 's3cret', 'n,pm': 'line 1\nline 2' },
    secretFiles: { key: '/run/key' },
  });

  it('go in by environment variables, never as values', () => {
    expect(buildSecrets(build)).toEqual({
      entries: [
        { type: 'env', id: 'token', env: 'MODULE_RELEASE_SECRET_0' },
        { type: 'env', id: 'n,pm', env: 'MODULE_RELEASE_SECRET_1' },
        { type: 'file', id: 'key', src: '/run/key' },
      ],
      env: { MODULE_RELEASE_SECRET_0: 's3cret', MODULE_RELEASE_SECRET_1: 'line 1\nline 2' },
    });
    const document = JSON.stringify(bakeDocument(anInputs({ build })));
    expect(document).toContain('MODULE_RELEASE_SECRET_1');
    expect(document).not.toMatch(/s3cret|line 1/);
  });
});

describe('parents', () => {
  it('cannot be brought images', () => {
    const images = [
      anImageInput({ name: 'base', from: { kind: 'oci-layout', path: '/x' } }),
      anImageInput({ name: 'app', contexts: { base: 'target:base', other: 'target:app2' } }),
      anImageInput({ name: 'app2' }),
    ];
    expect(checkContexts(images)).toEqual([
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining('target:base') }),
    ]);
  });
});
