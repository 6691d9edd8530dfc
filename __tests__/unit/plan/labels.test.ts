import { describe, expect, it } from '@jest/globals';
import type { RunContext } from '../../../src/model/context.ts';
import { parseVersion } from '../../../src/model/version.ts';
import { globalHelpers } from '../../../src/plan/expressions.ts';
import { type MetadataSource, metadataOf, renderUserMetadata } from '../../../src/plan/labels.ts';
import { aContext, COMMIT, someFacts, someVersionInputs } from '../../helpers/a-context.ts';

const OCI = 'org.opencontainers.image.';
const NONE = { labels: {}, annotations: [] };

function source(change: Partial<MetadataSource> = {}): MetadataSource {
  return {
    context: aContext(),
    about: { description: 'Modules of Acme', license: 'Apache-2.0' },
    version: parseVersion('1.2.3')!,
    revision: COMMIT,
    sourceDateEpoch: 1_763_632_800,
    user: NONE,
    ...change,
  };
}

const image = { name: 'app', labels: {} };

describe('the metadata of an image', () => {
  it('has the predefined keys of the image spec as labels and annotations', () => {
    const keys = {
      [`${OCI}title`]: 'app',
      [`${OCI}description`]: 'Modules of Acme',
      [`${OCI}url`]: 'https://github.com/Acme/Modules',
      [`${OCI}source`]: 'https://github.com/Acme/Modules',
      [`${OCI}version`]: '1.2.3',
      [`${OCI}created`]: '2025-11-20T10:00:00Z',
      [`${OCI}revision`]: COMMIT,
      [`${OCI}licenses`]: 'Apache-2.0',
    };
    expect(metadataOf(image, source())).toEqual({
      labels: keys,
      annotations: { index: keys, manifest: keys },
    });
  });

  it('describes a module by its own words before those of the repository, and by a label before both', () => {
    const described = { ...image, description: 'Counts peptides' };
    const key = `${OCI}description`;
    expect(metadataOf(described, source()).labels[key]).toBe('Counts peptides');
    const labels = { [key]: 'Of a label' };
    const { annotations } = metadataOf({ ...described, labels }, source());
    expect(annotations.index[key]).toBe('Of a label');
  });

  it('leaves out what is not known', () => {
    const { version: _, ...rest } = source({ about: { license: 'NOASSERTION' } });
    const { labels } = metadataOf(image, rest);
    expect(Object.keys(labels).map((key) => key.slice(OCI.length))).toEqual([
      'title',
      'url',
      'source',
      'created',
      'revision',
    ]);
  });

  it('is what the user says, of one image before all images', () => {
    const user = { labels: { [`${OCI}title`]: 'All', maintainer: 'all', team: 'all' }, annotations: [] };
    const { labels, annotations } = metadataOf({ name: 'app', labels: { team: 'one' } }, source({ user }));
    expect(labels).toMatchObject({ [`${OCI}title`]: 'All', maintainer: 'all', team: 'one' });
    // A title is one everywhere; a label of another kind is no annotation.
    expect(annotations.index).toMatchObject({ [`${OCI}title`]: 'All' });
    expect(annotations.index).not.toHaveProperty('maintainer');
  });

  it('has annotations at their levels', () => {
    const user = {
      labels: {},
      annotations: [
        { levels: ['index' as const], key: 'a', value: '1' },
        { levels: ['manifest' as const], key: 'b', value: '2' },
        { levels: ['index' as const, 'manifest' as const], key: 'c', value: '3' },
        { levels: [], key: 'd', value: '4' },
        { levels: ['manifest' as const], key: `${OCI}title`, value: 'Mine' },
      ],
    };
    const { annotations } = metadataOf(image, source({ user }));
    const { index, manifest } = annotations;
    expect([index.a, index.b, index.c, index.d, index[`${OCI}title`]]).toEqual([
      '1',
      undefined,
      '3',
      '4',
      'app',
    ]);
    expect([manifest.a, manifest.b, manifest.c, manifest.d, manifest[`${OCI}title`]]).toEqual([
      undefined,
      '2',
      '3',
      '4',
      'Mine',
    ]);
  });

  it('always has the true revision as an annotation, whatever the labels say', () => {
    const user = { labels: { [`${OCI}revision`]: 'x' }, annotations: [] };
    const { labels, annotations } = metadataOf(image, source({ user }));
    expect(labels[`${OCI}revision`]).toBe('x');
    expect([annotations.index[`${OCI}revision`], annotations.manifest[`${OCI}revision`]]).toEqual([
      COMMIT,
      COMMIT,
    ]);
  });
});

describe("the user's own metadata", () => {
  const render = (
    labels: Record<string, string>,
    annotations: Record<string, string> = {},
    context: Partial<RunContext> = {},
  ) =>
    renderUserMetadata(
      someVersionInputs({
        labels,
        annotations: Object.entries(annotations).map(([key, value]) => ({ levels: [], key, value })),
      }),
      globalHelpers(aContext(context), someFacts(), COMMIT),
    );

  it('may hold expressions, and templates of other tools', () => {
    const { user, problems } = render(
      { built: "{{commit_date 'YYYY-MM-DDTHH:mm:ss[Z]'}}", run: 'docker run {{.Image}} {{other}}' },
      { branch: '{{branch}}' },
      { ref: 'refs/heads/main' },
    );
    expect(user.labels).toEqual({ built: '2026-11-20T10:00:00Z', run: 'docker run {{.Image}} {{other}}' });
    expect(user.annotations).toEqual([{ levels: [], key: 'branch', value: 'main' }]);
    expect(problems).toEqual([]);
  });

  it('may not hold the time of the run', () => {
    const { problems } = render({ built: "{{date 'YYYY'}}" }, { at: "{{date 'YYYY'}}" });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('{{commit_date}}'),
    });
  });

  it.each([`${OCI}revision`, 'io.github.module-release.plan-hash'])('may not be the annotation %s', (key) => {
    expect(render({}, { [key]: 'x' }).problems).toEqual([
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(key) }),
    ]);
  });
});
