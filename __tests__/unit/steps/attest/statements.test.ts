import { describe, expect, it } from '@jest/globals';
import type { StatementDraft } from '../../../../src/model/attestation.ts';
import { digestOf, hexOf } from '../../../../src/model/digest.ts';
import type { PushedImage } from '../../../../src/model/image.ts';
import { draftStatements } from '../../../../src/steps/attest/statements.ts';
import { AMD64, ARM64, aBuiltImage, aPlannedImage } from '../../../helpers/a-release.ts';
import {
  aDraftInput,
  aPushedImage,
  SPDX,
  someClaims,
  someEvidence,
} from '../../../helpers/an-attestation.ts';

const shown = (drafts: readonly StatementDraft[]) =>
  drafts.map(({ image, platform, kind }) => `${image} ${platform ?? 'index'} ${kind}`);

/** One platform, no index. */
function aSingle(change: Partial<PushedImage> = {}): PushedImage {
  const image = aPushedImage(aBuiltImage(aPlannedImage('app', { platforms: [AMD64] })));
  const [platform] = image.platforms;
  if (platform === undefined) throw new Error('one platform');
  return { ...image, descriptor: platform.descriptor, ...change };
}

describe('what is signed', () => {
  it('is provenance and signature of the index, and all of each platform, each about its own digest', () => {
    const image = aPushedImage();
    const drafts = draftStatements(aDraftInput({ images: [image] }));
    const each = (platform: string) =>
      ['provenance', 'cyclonedx', 'spdx', 'scan', 'signature'].map((kind) => `base ${platform} ${kind}`);
    expect(shown(drafts)).toEqual([
      'base index provenance',
      'base index signature',
      ...each('linux/amd64'),
      ...each('linux/arm64'),
    ]);
    const digests = [image.descriptor.digest, ...image.platforms.map(({ descriptor }) => descriptor.digest)];
    expect([...new Set(drafts.map(({ subject }) => subject))]).toEqual(digests);
    for (const { subject, statement } of drafts)
      expect(statement).toMatchObject({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'ghcr.io/acme/base', digest: { sha256: hexOf(subject) } }],
      });
  });

  it("is each platform's own SBOM", () => {
    const drafts = draftStatements(aDraftInput()).filter(({ kind }) => kind === 'spdx');
    expect(drafts.map(({ platform, statement }) => ({ platform, predicate: statement.predicate }))).toEqual([
      { platform: 'linux/amd64', predicate: { ...SPDX, name: 'base-amd64' } },
      { platform: 'linux/arm64', predicate: { ...SPDX, name: 'base-arm64' } },
    ]);
  });

  it('has the predicate types that verifiers ask for', () => {
    const types = new Map(
      draftStatements(aDraftInput()).map(({ kind, statement }) => [kind, statement.predicateType]),
    );
    expect(Object.fromEntries(types)).toEqual({
      provenance: 'https://slsa.dev/provenance/v1',
      cyclonedx: 'https://cyclonedx.org/bom',
      spdx: 'https://spdx.dev/Document',
      scan: 'https://cosign.sigstore.dev/attestation/vuln/v1',
      signature: 'https://sigstore.dev/cosign/sign/v1',
    });
  });

  it('is one subject with all of it where there is no index', () => {
    const drafts = draftStatements(aDraftInput({ images: [aSingle()] }));
    expect(shown(drafts)).toEqual(
      ['provenance', 'cyclonedx', 'spdx', 'scan', 'signature'].map((kind) => `app linux/amd64 ${kind}`),
    );
    expect(new Set(drafts.map(({ subject }) => subject)).size).toBe(1);
  });

  it('is both for an index of one platform', () => {
    const { descriptor: _, ...image } = aSingle();
    const drafts = draftStatements(
      aDraftInput({ images: [{ ...image, descriptor: { ...aPushedImage().descriptor } }] }),
    );
    expect(shown(drafts).slice(0, 2)).toEqual(['app index provenance', 'app index signature']);
    expect(drafts).toHaveLength(7);
  });

  it.each(['adopted', 'brought'] as const)('is never provenance for what was %s', (origin) => {
    const kinds = draftStatements(aDraftInput({ images: [aPushedImage(aBuiltImage(), { origin })] })).map(
      ({ kind }) => kind,
    );
    expect(kinds).not.toContain('provenance');
    expect(kinds.filter((kind) => kind === 'signature')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'scan')).toHaveLength(2);
  });

  it('is no provenance when nobody vouches for the run', () => {
    const { claims: _, ...run } = aDraftInput().run;
    const kinds = draftStatements(aDraftInput({ run })).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['cyclonedx', 'spdx', 'scan', 'signature']));
  });

  it('is signature alone for what was not looked into again', () => {
    const images = [aPushedImage(aBuiltImage(), { origin: 'adopted' })];
    expect(draftStatements(aDraftInput({ images, evidence: [] })).map(({ kind }) => kind)).toEqual([
      'signature',
      'signature',
      'signature',
    ]);
  });

  it('keeps images that share a manifest apart', () => {
    const [a, b] = ['a', 'b'].map((name) =>
      aSingle({ planned: aPlannedImage(name, { platforms: [AMD64] }) }),
    );
    if (a === undefined || b === undefined) throw new Error('two images');
    const drafts = draftStatements(aDraftInput({ images: [a, b] }));
    const scans = drafts.filter(({ kind }) => kind === 'cyclonedx');
    expect(
      scans.map(({ image, statement }) => [
        image,
        JSON.stringify(statement).includes(`"of":"${image}-amd64"`),
      ]),
    ).toEqual([
      ['a', true],
      ['b', true],
    ]);
  });

  const [amd64, arm64] = aPushedImage().platforms;
  it.each<[string, Partial<PushedImage>]>([
    ['a platform whose digest is the index', { descriptor: amd64!.descriptor }],
    ['two platforms with one digest', { platforms: [amd64!, { ...arm64!, descriptor: amd64!.descriptor }] }],
    ['one platform twice', { platforms: [amd64!, { ...arm64!, platform: AMD64 }] }],
    ['no platform', { platforms: [] }],
  ])('is nothing for an image with %s', (_, change) => {
    expect(() => draftStatements(aDraftInput({ images: [aPushedImage(aBuiltImage(), change)] }))).toThrow(
      expect.objectContaining({
        code: 'INTERNAL',
        message: expect.stringContaining('nothing of it is signed'),
      }),
    );
  });

  it('names the files of its platforms as byproducts: one platform its own, the index all', () => {
    const drafts = draftStatements(aDraftInput()).filter(({ kind }) => kind === 'provenance');
    const names = drafts.map(({ statement }) => {
      const { runDetails } = statement.predicate as {
        runDetails: { byproducts: { name: string; digest: { sha256: string }; mediaType: string }[] };
      };
      return runDetails.byproducts;
    });
    expect(names.map((each) => each.length)).toEqual([6, 3, 3]);
    expect(names[1]).toEqual([
      {
        name: 'base-amd64.trivy.json',
        digest: { sha256: hexOf(digestOf('{"of":"base-amd64"}')) },
        mediaType: 'application/json',
      },
      expect.objectContaining({
        name: 'sbom-base-amd64.cdx.json',
        mediaType: 'application/vnd.cyclonedx+json',
      }),
      expect.objectContaining({ name: 'sbom-base-amd64.spdx.json', mediaType: 'application/spdx+json' }),
    ]);
  });

  it('is nothing when an SBOM is not what it is called', () => {
    const [image] = [aPushedImage()];
    const evidence = someEvidence(image).map((each) => ({
      ...each,
      files: [{ kind: 'cyclonedx' as const, name: 'x.cdx.json', text: JSON.stringify(SPDX) }],
    }));
    expect(() => draftStatements(aDraftInput({ images: [image], evidence }))).toThrow(
      expect.objectContaining({ code: 'TOOL_FAILED', message: expect.stringContaining('x.cdx.json') }),
    );
  });

  it('is nothing when the token speaks of another commit', () => {
    const claims = someClaims({ sha: 'f'.repeat(40) });
    expect(() => draftStatements(aDraftInput({ run: { ...aDraftInput().run, claims } }))).toThrow(
      expect.objectContaining({ code: 'COMMIT_MISMATCH' }),
    );
  });

  it('has a parent of the same platform, and for the index the index', () => {
    const base = aPushedImage();
    const child = aPushedImage(aBuiltImage(aPlannedImage('child', { parents: ['base'] })));
    const drafts = draftStatements(aDraftInput({ images: [base, child] })).filter(
      ({ image, kind }) => image === 'child' && kind === 'provenance',
    );
    const digests = drafts.map(({ statement }) => {
      const { buildDefinition } = statement.predicate as {
        buildDefinition: { resolvedDependencies: { digest: Record<string, string> }[] };
      };
      return buildDefinition.resolvedDependencies.map(({ digest }) => digest.sha256 ?? 'commit');
    });
    const of = (architecture: string) => hexOf(digestOf(`base ${architecture}`));
    expect(digests).toEqual([
      ['commit', hexOf(base.descriptor.digest)],
      ['commit', of('amd64')],
      ['commit', of('arm64')],
    ]);
    expect(ARM64.architecture).toBe('arm64');
  });
});
