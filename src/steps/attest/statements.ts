import {
  type AttestationKind,
  PREDICATES,
  STATEMENT_TYPE,
  type Statement,
  type StatementDraft,
} from '../../model/attestation.ts';
import type { ResolvedBuild } from '../../model/build.ts';
import { formatPlatform } from '../../model/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PlatformImage, PushedImage } from '../../model/image.ts';
import { formatRepository } from '../../model/reference.ts';
import type { Finding } from '../../model/scan.ts';
import { materialsOf } from './materials.ts';
import { imageParameters } from './parameters.ts';
import { type Byproduct, provenance, type RunFacts } from './provenance.ts';
import { readSbom, SBOM_MEDIA } from './sbom.ts';
import { type ScanFacts, scanPredicate } from './scan.ts';
import { SIGNATURE } from './signature.ts';
import { fitSbom, isRegistryOnly, type Limits } from './slim.ts';

/** A report file of one platform, read. */
export type EvidenceFile = {
  readonly kind: 'scan' | 'cyclonedx' | 'spdx';
  /** Its file name, without folders. */
  readonly name: string;
  readonly text: string;
};

/** What was found out about one platform in this run; nothing for a platform that was not looked into again. */
export type PlatformEvidence = {
  readonly image: string;
  readonly digest: Digest;
  readonly findings: readonly Finding[];
  readonly files: readonly EvidenceFile[];
};

export type DraftInput = {
  /** All images of the release, parents included. */
  readonly images: readonly PushedImage[];
  readonly evidence: readonly PlatformEvidence[];
  /** Without claims (signed by key, no `id-token: write`) there is no provenance: nobody vouches for who built. */
  readonly run: Omit<RunFacts, 'claims'> & Partial<Pick<RunFacts, 'claims'>>;
  readonly build?: ResolvedBuild;
  /** Undefined: nothing was scanned. */
  readonly scan?: ScanFacts;
  /** Whether bundles go to GitHub's store: then SBOMs are slimmed to fit. */
  readonly github: boolean;
  readonly limits?: Limits;
};

type Draft = Pick<StatementDraft, 'kind' | 'registryOnly'> & { readonly predicate: unknown };
type Subject = { readonly image: PushedImage; readonly digest: Digest; readonly platform?: PlatformImage };

/**
 * All that is to be signed, in order of images: of the index provenance and signature, of each platform provenance, SBOMs,
 * scan and signature; an image without an index is both in one. Provenance only for what this run built. Throws INTERNAL when
 * the digests of an image are not all different, COMMIT_MISMATCH, TOOL_FAILED.
 */
export function draftStatements(input: DraftInput): readonly StatementDraft[] {
  return input.images.flatMap((image) => {
    requireDistinct(image);
    const isIndex = !image.platforms.some(({ descriptor }) => descriptor.digest === image.descriptor.digest);
    const index: readonly Subject[] = isIndex ? [{ image, digest: image.descriptor.digest }] : [];
    const platforms = image.platforms.map((platform) => ({
      image,
      digest: platform.descriptor.digest,
      platform,
    }));
    return [...index, ...platforms].flatMap((subject) => draftsOf(subject, input));
  });
}

/** An SBOM of one platform that is attested to the index, or to another platform, is a lie that nobody sees. */
function requireDistinct({ planned, descriptor, platforms }: PushedImage): void {
  const digests = platforms.map((each) => each.descriptor.digest);
  const names = platforms.map((each) => formatPlatform(each.platform));
  const fault =
    platforms.length === 0
      ? 'has no platform'
      : new Set(digests).size < digests.length
        ? `has one digest for two platforms (${digests.join(', ')})`
        : new Set(names).size < names.length
          ? `has one platform twice (${names.join(', ')})`
          : platforms.length > 1 && digests.includes(descriptor.digest)
            ? `has one digest for its index and a platform (${descriptor.digest})`
            : undefined;
  if (fault === undefined) return;
  throw new ReleaseError('INTERNAL', `the image ${planned.name} ${fault}; nothing of it is signed`);
}

function draftsOf(subject: Subject, input: DraftInput): readonly StatementDraft[] {
  const { image, digest, platform } = subject;
  const evidence = evidenceOf(subject, input);
  const drafts: readonly Draft[] = [
    ...provenanceOf(subject, evidence, input),
    ...(platform === undefined
      ? []
      : evidence.flatMap((each) => platformDrafts(subject, platform, each, input))),
    { kind: 'signature', predicate: SIGNATURE, registryOnly: false },
  ];
  return drafts.map(({ kind, predicate, registryOnly }) => ({
    image: image.planned.name,
    kind,
    subject: digest,
    ...(platform === undefined ? {} : { platform: formatPlatform(platform.platform) }),
    statement: statementOf(image, digest, kind, predicate),
    registryOnly,
  }));
}

/** Of the platform; for an index of all its platforms. */
function evidenceOf({ image, platform }: Subject, input: DraftInput): readonly PlatformEvidence[] {
  const wanted = (platform === undefined ? image.platforms : [platform]).map(
    (each) => each.descriptor.digest,
  );
  return input.evidence.filter((each) => each.image === image.planned.name && wanted.includes(each.digest));
}

function provenanceOf(
  { image, digest, platform }: Subject,
  evidence: readonly PlatformEvidence[],
  { run, images, build, limits }: DraftInput,
): readonly Draft[] {
  const { claims } = run;
  if (image.origin !== 'built' || claims === undefined) return [];
  const predicate = provenance(
    { ...run, claims },
    {
      image: imageParameters(image.planned, build),
      materials: materialsOf(image, platform?.platform, images),
      byproducts: evidence.flatMap(({ files }) => files.map(byproductOf)),
    },
  );
  const name = `the provenance of ${image.planned.name}@${digest}`;
  return [{ kind: 'provenance', predicate, registryOnly: isRegistryOnly(name, predicate, limits) }];
}

/** The whole file, also where its slimmed form is what is attested. */
function byproductOf({ kind, name, text }: EvidenceFile): Byproduct {
  const mediaType = kind === 'scan' ? 'application/json' : SBOM_MEDIA[kind];
  return { name, digest: digestOf(text), mediaType };
}

function platformDrafts(
  { image }: Subject,
  { platform }: PlatformImage,
  { findings, files }: PlatformEvidence,
  { scan, run, github, limits }: DraftInput,
): readonly Draft[] {
  const how = { github, ...(limits === undefined ? {} : { limits }) };
  const sboms = files.flatMap(({ kind, name, text }): readonly Draft[] => {
    if (kind === 'scan') return [];
    const { predicate, registryOnly } = fitSbom(kind, name, readSbom(kind, name, text), how);
    return [{ kind, predicate, registryOnly }];
  });
  if (scan === undefined) return sboms;
  const subject = { image: image.planned.name, platform, findings };
  const predicate = scanPredicate(subject, scan, run);
  const name = `the scan of ${image.planned.name} (${formatPlatform(platform)})`;
  return [...sboms, { kind: 'scan', predicate, registryOnly: isRegistryOnly(name, predicate, limits) }];
}

function statementOf(
  { planned }: PushedImage,
  digest: Digest,
  kind: AttestationKind,
  predicate: unknown,
): Statement {
  const [repository] = planned.repositories;
  if (repository === undefined)
    throw new ReleaseError('INTERNAL', `an image without a repository: ${planned.name}`);
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: formatRepository(repository), digest: { sha256: hexOf(digest) } }],
    predicateType: PREDICATES[kind],
    predicate,
  };
}
