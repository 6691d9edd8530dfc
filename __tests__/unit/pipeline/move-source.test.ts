import { describe, expect, it } from '@jest/globals';
import type { ReleaseSelector } from '../../../src/model/channel.ts';
import { encodeJson, MEDIA } from '../../../src/model/manifest.ts';
import { ANNOTATION } from '../../../src/model/plan.ts';
import type { Reference } from '../../../src/model/reference.ts';
import { parseVersion } from '../../../src/model/version.ts';
import {
  isReleaseOf,
  namesIn,
  requireOneRelease,
  resolveSources,
} from '../../../src/pipeline/move-source.ts';
import { aPlannedImage } from '../../helpers/a-release.ts';
import { fakeRegistry } from '../../helpers/registry/fake-registry.ts';

const COMMIT = 'a'.repeat(40);
const repositoryOf = (name: string, registry = 'ghcr.io') => ({ registry, path: `acme/${name}` });
const IMAGES = ['one', 'two'].map((name) => aPlannedImage(name, { repositories: [repositoryOf(name)] }));

function imageOf(name: string, version: string, revision = COMMIT) {
  const annotations = { [ANNOTATION.version]: version, [ANNOTATION.revision]: revision };
  return encodeJson({ schemaVersion: 2, manifests: [], annotations, name }, MEDIA.ociIndex);
}

function bench() {
  const registry = fakeRegistry();
  const hold = (reference: Reference, image: ReturnType<typeof imageOf>) => {
    registry.hold(reference, image);
    return image.descriptor.digest;
  };
  return { registry, hold, resolve: (from: ReleaseSelector) => resolveSources(IMAGES, from, { registry }) };
}

describe('what is promoted', () => {
  it('is found by version, for every image of the set', async () => {
    const { hold, resolve } = bench();
    const digests = ['one', 'two'].map((name) =>
      hold({ repository: repositoryOf(name), tag: '1.2.3-5' }, imageOf(name, '1.2.3-5')),
    );
    const sources = await resolve({ kind: 'name', name: '1.2.3+5' });
    expect(sources.map(({ ref }) => ref.digest)).toEqual(digests);
    expect(sources[0]?.annotations[ANNOTATION.revision]).toBe(COMMIT);
  });

  it('may lie elsewhere: the last part of the path names the image', async () => {
    const { hold, resolve } = bench();
    const references = ['two', 'one'].map((name) => ({
      repository: { registry: 'example.com', path: `staging/deep/${name}` },
      tag: '1.2.3',
    }));
    for (const [i, name] of ['two', 'one'].entries()) hold(references[i]!, imageOf(name, '1.2.3'));
    const sources = await resolve({ kind: 'references', references });
    expect(sources.map(({ ref }) => ref.repository.path)).toEqual(['staging/deep/one', 'staging/deep/two']);
  });

  it('is all of the set, and everything that is missing is told at once', async () => {
    const { hold, resolve } = bench();
    const digest = hold({ repository: repositoryOf('one'), tag: '1.2.3' }, imageOf('one', '1.2.3'));
    await expect(resolve({ kind: 'name', name: '1.2.3' })).rejects.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
      message: 'there is no image at ghcr.io/acme/two:1.2.3',
    });
    await expect(resolve({ kind: 'name', name: '9.9.9' })).rejects.toMatchObject({
      problems: [{ code: 'REGISTRY_NOT_FOUND' }, { code: 'REGISTRY_NOT_FOUND' }],
    });
    await expect(
      resolve({
        kind: 'digests',
        digests: [
          { image: 'one', digest },
          { image: 'three', digest },
        ],
      }),
    ).rejects.toMatchObject({
      problems: [
        { code: 'INPUT_INVALID', message: 'the set has no image three', hint: 'It has one, two.' },
        { message: expect.stringContaining('no digest is given for the image two') },
      ],
    });
    // One digest is no set of two.
    await expect(resolve({ kind: 'digests', digests: [{ digest }] })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });
});

describe('one release', () => {
  async function sourcesAt(tag: string, ...carried: readonly [string, string?][]) {
    const { hold, resolve } = bench();
    for (const [i, name] of ['one', 'two'].entries()) {
      const [version = '', revision = COMMIT] = carried[i] ?? [];
      hold({ repository: repositoryOf(name), tag }, imageOf(name, version, revision));
    }
    return resolve({ kind: 'name', name: tag });
  }

  it.each<[string, readonly [string, string?][], string | undefined]>([
    ['1.2.3', [['1.2.3'], ['1.2.3']], undefined],
    ['1.2.3', [['1.2.3-rc.1'], ['1.2.3-rc.1']], undefined],
    ['1.2.3', [['1.2.3'], ['1.2.2']], 'VERIFY_FAILED'],
    ['1.2.3', [['1.3.0-rc.1'], ['1.3.0-rc.1']], 'VERIFY_FAILED'],
    ['1.2.3', [['1.2.3'], ['1.2.3', 'b'.repeat(40)]], 'INPUT_INVALID'],
    ['dev', [['1.2.3'], ['1.2.3']], undefined],
    ['dev', [['1.2.3'], ['1.2.4', 'b'.repeat(40)]], 'INPUT_INVALID'],
  ])('%s with %j: %s', async (tag, carried, code) => {
    const sources = await sourcesAt(tag, ...carried);
    const check = () => requireOneRelease(sources, { kind: 'name', name: tag });
    if (code === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code }));
    expect(() => requireOneRelease(sources, { kind: 'digests', digests: [] })).not.toThrow();
  });

  it.each([
    ['1.6.0', '1.6.0-rc.4', true],
    ['1.6.0', '1.6.1-rc.1', false],
    ['1.6.0', '1.6.0', false],
    ['1.6.0-rc.5', '1.6.0-rc.4', false],
  ])('%s is a name for %s: %s', (version, prerelease, expected) => {
    expect(isReleaseOf(parseVersion(version)!, parseVersion(prerelease)!)).toBe(expected);
  });
});

describe('the images that a selector names', () => {
  it('are known for digests and references alone', () => {
    expect(namesIn({ kind: 'name', name: 'dev' })).toBeUndefined();
    const references = [{ repository: repositoryOf('one'), tag: 'x' }];
    expect(namesIn({ kind: 'references', references })).toEqual(['one']);
  });
});
