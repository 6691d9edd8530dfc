import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { ANNOTATION } from '../../../../src/model/plan.ts';
import { formatReference } from '../../../../src/model/reference.ts';
import { parseVersion } from '../../../../src/model/version.ts';
import { releasedBefore } from '../../../../src/steps/preflight/run.ts';
import { aPlan, aPlannedImage } from '../../../helpers/a-release.ts';
import { type FakeRegistry, fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const plan = aPlan({
  images: ['a', 'b', 'c'].map((name) => ({
    ...aPlannedImage(name, { repositories: [{ registry: 'ghcr.io', path: `acme/${name}` }] }),
    version: parseVersion('1.0.0')!,
  })),
});
let registry: FakeRegistry;

beforeEach(() => {
  registry = fakeRegistry();
});

function hold(name: string, annotations: Readonly<Record<string, string>>): void {
  const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [], annotations };
  const repository = { registry: 'ghcr.io', path: `acme/${name}` };
  registry.hold({ repository, tag: '1.0.0' }, encodeJson(index, MEDIA.ociIndex));
}

async function found() {
  const released = await releasedBefore(plan, { registry });
  return [...released].map(([name, ref]) => [name, formatReference(ref)]);
}

describe('what was released before', () => {
  it('are versions of another commit: those of this one are finished by a re-run', async () => {
    hold('a', { [ANNOTATION.revision]: 'f'.repeat(40) });
    hold('b', { [ANNOTATION.revision]: plan.revision });
    expect(await found()).toEqual([['a', 'ghcr.io/acme/a:1.0.0']]);
  });

  it('counts whoever has put it there', async () => {
    hold('c', {});
    expect(await found()).toEqual([['c', 'ghcr.io/acme/c:1.0.0']]);
  });

  it('is nothing where a registry does not answer, which preflight tells', async () => {
    hold('a', {});
    registry.fail(/acme\/a/);
    expect(await found()).toEqual([]);
  });

  it('is nothing for images that have no version of their own', async () => {
    hold('a', {});
    const images = plan.images.map(({ version: _, ...image }) => image);
    expect((await releasedBefore({ ...plan, images }, { registry })).size).toBe(0);
  });
});
