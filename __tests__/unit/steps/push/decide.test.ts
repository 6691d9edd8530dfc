import { describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../../../src/model/descriptor.ts';
import { digestOf } from '../../../../src/model/digest.ts';
import { encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { type ImageContent, planTransfers } from '../../../../src/steps/push/decide.ts';
import { aPlannedImage } from '../../../helpers/a-release.ts';

function blob(name: string, size: number): Descriptor {
  return { mediaType: MEDIA.ociLayerGzip, digest: digestOf(name), size };
}

function content(name: string, blobs: readonly Descriptor[], registries = ['ghcr.io']): ImageContent {
  const repositories = registries.map((registry) => ({ registry, path: `acme/${name}` }));
  const top = encodeJson({ name }, MEDIA.ociManifest);
  return {
    planned: aPlannedImage(name, { repositories }),
    store: { root: '/stage' },
    top,
    levels: [[top]],
    blobs,
  };
}

/** `base 10 → acme/a | acme/b`, by registry. */
function lines(contents: readonly ImageContent[]): Record<string, string[]> {
  return Object.fromEntries(
    planTransfers(contents).map(({ registry, transfers }) => [
      registry,
      transfers.map(({ blob: { size }, first, others }) =>
        [`${size} → ${first.repository.path}`, ...others.map(({ repository }) => repository.path)].join(
          ' | ',
        ),
      ),
    ]),
  );
}

describe('planTransfers', () => {
  it('sends a shared blob to the first image and mounts it into the others, large ones first', () => {
    const [base, a, b] = [blob('base', 50), blob('a', 10), blob('b', 90)];
    expect(lines([content('base', [base]), content('a', [base, a]), content('b', [b, base])])).toEqual({
      'ghcr.io': ['90 → acme/b', '50 → acme/base | acme/a | acme/b', '10 → acme/a'],
    });
  });

  it('gives every registry everything, each from its own first image', () => {
    const shared = blob('shared', 5);
    const contents = [
      content('one', [shared], ['ghcr.io', 'docker.io']),
      content('two', [shared], ['docker.io', 'quay.io']),
    ];
    expect(lines(contents)).toEqual({
      'ghcr.io': ['5 → acme/one'],
      'docker.io': ['5 → acme/one | acme/two'],
      'quay.io': ['5 → acme/two'],
    });
  });

  it('names a repository once, though two images live in it', () => {
    const shared = blob('shared', 5);
    expect(lines([content('one', [shared]), { ...content('one', [shared]) }])).toEqual({
      'ghcr.io': ['5 → acme/one'],
    });
  });

  it('knows where the bytes lie', () => {
    const one = blob('one', 1);
    const [push] = planTransfers([content('one', [one])]);
    expect(push?.transfers[0]?.path).toBe(`/stage/blobs/sha256/${one.digest.slice('sha256:'.length)}`);
  });

  it('plans nothing for nothing', () => {
    expect(planTransfers([])).toEqual([]);
  });
});
