import { describe, expect, it } from '@jest/globals';
import { OUTPUTS } from '../../../src/inputs/names.ts';
import { digestOf, hexOf } from '../../../src/model/digest.ts';
import { problem } from '../../../src/model/errors.ts';
import type { Repository } from '../../../src/model/reference.ts';
import { parseVersion } from '../../../src/model/version.ts';
import { outputsOf } from '../../../src/report/outputs.ts';
import {
  aBuiltImage,
  aFinding,
  anInspection,
  aPlan,
  aPlannedImage,
  aRelease,
  aSecret,
  aTaggedImage,
  someAttestations,
} from '../../helpers/a-release.ts';

const GHCR: Repository = { registry: 'ghcr.io', path: 'acme/base' };
const HUB: Repository = { registry: 'docker.io', path: 'acme/base' };

describe('the outputs of a release', () => {
  const plan = aPlan({ images: [aPlannedImage('base'), aPlannedImage('runtime', { parents: ['base'] })] });
  const base = aBuiltImage(plan.images[0]);
  const release = aRelease({
    plan,
    inspections: [anInspection(base, [aFinding(), aFinding({ severity: 'LOW', id: 'CVE-2' }), aSecret()])],
  });
  const outputs = outputsOf(release, { record: '/runner/release.json' });

  it('are all of the declared ones', () => {
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(OUTPUTS).sort());
  });

  it('name the first image by tag and by digest', () => {
    expect(outputs).toMatchObject({
      version: '1.2.3',
      prerelease: 'false',
      image: 'ghcr.io/acme/base:1.2.3',
      digest: digestOf('base'),
      'image-ref': `ghcr.io/acme/base@${digestOf('base')}`,
      pushed: 'true',
      status: 'released',
      'error-code': '',
      record: '/runner/release.json',
    });
  });

  it('describe every image', () => {
    const images = JSON.parse(outputs.images);
    expect(images.map((each: { name: string }) => each.name)).toEqual(['base', 'runtime']);
    expect(images[0]).toEqual({
      name: 'base',
      repository: 'ghcr.io/acme/base',
      digest: digestOf('base'),
      ref: `ghcr.io/acme/base@${digestOf('base')}`,
      tags: ['1.2.3'],
      platforms: [
        { platform: 'linux/amd64', digest: digestOf('base amd64') },
        { platform: 'linux/arm64', digest: digestOf('base arm64') },
      ],
      sbom: ['amd64.cyclonedx', 'amd64.spdx', 'arm64.cyclonedx', 'arm64.spdx'].map(
        (name) => `/runner/reports/base-${name}.json`,
      ),
      findings: { critical: 1, high: 0, medium: 0, low: 1, unknown: 0, secrets: 1 },
    });
    expect(images[1]).toMatchObject({ sbom: [], findings: {} });
  });

  it('carry digests that no mask of a prefix blanks', () => {
    expect(JSON.parse(outputs.digests)).toEqual({
      base: hexOf(digestOf('base')),
      runtime: hexOf(digestOf('runtime')),
    });
  });

  it('list tags and report files by line', () => {
    expect(outputs.tags).toBe('ghcr.io/acme/base:1.2.3\nghcr.io/acme/runtime:1.2.3');
    expect(outputs['sarif-path']).toBe(
      '/runner/reports/base-amd64.sarif.json\n/runner/reports/base-arm64.sarif.json',
    );
    expect(outputs['scan-report-path'].split('\n')).toHaveLength(2);
    expect(outputs['sbom-path'].split('\n')).toHaveLength(4);
  });

  it('hold the plan as data', () => {
    expect(JSON.parse(outputs.plan)).toMatchObject({
      version: '1.2.3',
      images: [{ name: 'base', repository: 'ghcr.io/acme/base', tags: ['1.2.3'] }, { name: 'runtime' }],
      steps: expect.arrayContaining([{ id: 'gate', do: 'run', reason: 'it is a release' }]),
      problems: [],
    });
  });
});

describe('the outputs of a set of modules', () => {
  it('have the version of each in the plan, and what is left as it is', () => {
    const { version: _, ...plan } = aPlan({
      images: [{ ...aPlannedImage('a'), version: parseVersion('2.0.0')! }],
      released: [{ repository: { registry: 'ghcr.io', path: 'acme/b' }, tag: '1.0.0' }],
    });
    const { version, plan: text } = outputsOf(aRelease({ plan }), { record: '/runner/release.json' });
    expect(version).toBe('');
    expect(JSON.parse(text)).toMatchObject({
      version: null,
      images: [{ name: 'a', version: '2.0.0' }],
      released: ['ghcr.io/acme/b:1.0.0'],
    });
  });
});

describe('tags in the outputs', () => {
  const planned = aPlannedImage('base', { repositories: [GHCR, HUB] });
  const plan = aPlan({ images: [planned] });

  it('are told for every registry, and once by name', () => {
    const outputs = outputsOf(aRelease({ plan }));
    expect(outputs.tags).toBe('ghcr.io/acme/base:1.2.3\ndocker.io/acme/base:1.2.3');
    expect(JSON.parse(outputs.images)[0].tags).toEqual(['1.2.3']);
  });

  it('leave out a tag that points elsewhere', () => {
    const image = aTaggedImage(aBuiltImage(planned), {
      tags: [
        { ref: { repository: GHCR, tag: '1.2.3' }, kind: 'immutable', outcome: 'unchanged' },
        {
          ref: { repository: GHCR, tag: 'latest' },
          kind: 'moving',
          outcome: 'kept',
          previous: digestOf('x'),
        },
        { ref: { repository: GHCR, tag: '1' }, kind: 'moving', outcome: 'moved', previous: digestOf('x') },
      ],
    });
    const outputs = outputsOf(aRelease({ plan, images: [image] }));
    expect(outputs.tags).toBe('ghcr.io/acme/base:1.2.3\nghcr.io/acme/base:1');
  });
});

describe('the outputs of a run that did not go all the way', () => {
  it.each(['planned', 'gated'] as const)('are the planned references without digests when %s', (status) => {
    const outputs = outputsOf(aRelease({ status, images: [] }));
    expect(outputs).toMatchObject({
      image: 'ghcr.io/acme/base:1.2.3',
      tags: 'ghcr.io/acme/base:1.2.3',
      digest: '',
      'image-ref': '',
      digests: '{}',
      pushed: 'false',
      status,
    });
    expect(JSON.parse(outputs.images)[0]).toMatchObject({ digest: null, ref: null, tags: ['1.2.3'] });
  });

  it('name no tag that does not exist when it failed, and keep what is known', () => {
    const failed = [problem('GATE_FINDINGS', 'base: 1 finding')];
    const outputs = outputsOf(aRelease({ status: 'failed', images: [], problems: failed }));
    expect(outputs).toMatchObject({
      version: '1.2.3',
      image: '',
      tags: '',
      pushed: 'false',
      status: 'failed',
      'error-code': 'GATE_FINDINGS',
    });
    expect(outputs['sarif-path']).not.toBe('');
  });

  it('tell the images that were pushed before it failed', () => {
    const plan = aPlan({ images: [aPlannedImage('base'), aPlannedImage('runtime')] });
    const pushed = aTaggedImage(aBuiltImage(plan.images[0]), { tags: [] });
    const outputs = outputsOf(
      aRelease({
        plan,
        status: 'failed',
        images: [pushed],
        problems: [problem('REGISTRY_UNAVAILABLE', 'ghcr.io')],
      }),
    );
    expect(outputs).toMatchObject({ digest: digestOf('base'), image: '', pushed: 'false', tags: '' });
    expect(JSON.parse(outputs.digests)).toEqual({ base: hexOf(digestOf('base')) });
    expect(JSON.parse(outputs.images).map((each: { digest: string }) => each.digest)).toEqual([
      digestOf('base'),
      null,
    ]);
  });

  it('are all there when not even the inputs were right', () => {
    const outputs = outputsOf({
      status: 'failed',
      steps: [],
      inspections: [],
      images: [],
      tools: [],
      problems: [problem('INPUT_INVALID', 'platforms: linux')],
    });
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(OUTPUTS).sort());
    expect(outputs).toMatchObject({
      'error-code': 'INPUT_INVALID',
      status: 'failed',
      images: '[]',
      digests: '{}',
      plan: '{}',
      pushed: 'false',
    });
  });
});

describe('evidence in the outputs', () => {
  const image = aTaggedImage();

  it('is named by its address in the store and by its file', () => {
    const outputs = outputsOf(aRelease({ images: [image], attestations: someAttestations(image) }));
    expect(outputs['attestation-urls']).toBe(
      'https://github.com/Acme/Modules/attestations/10\nhttps://github.com/Acme/Modules/attestations/9',
    );
    expect(outputs['bundle-path']).toBe(
      '/runner/reports/base.provenance.sigstore.json\n/runner/reports/base.signature.sigstore.json',
    );
  });

  it('leaves out what is in another store alone', () => {
    const [first, second] = someAttestations(image);
    const { url: _, ...unlinked } = first!;
    const { path: __, ...unfiled } = second!;
    const outputs = outputsOf(aRelease({ images: [image], attestations: [unlinked, unfiled] }));
    expect(outputs['attestation-urls']).toBe(second!.url);
    expect(outputs['bundle-path']).toBe(first!.path);
  });

  it('is empty where nothing was signed', () => {
    for (const release of [aRelease(), aRelease({ attestations: [] })]) {
      const outputs = outputsOf(release);
      expect([outputs['attestation-urls'], outputs['bundle-path']]).toEqual(['', '']);
    }
  });
});
