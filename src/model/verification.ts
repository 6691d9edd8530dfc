import type { AttestationKind } from './attestation.ts';
import type { Digest } from './digest.ts';
import type { DigestRef } from './reference.ts';

/**
 * Bytes of the largest bundle that we read. Its payload is base64 in it: an SBOM of 24 MB is the largest that fits.
 * GitHub's store takes 16 MiB.
 */
export const BUNDLE_LIMIT = 32 * 1024 * 1024;

/** Why a bundle is not believed; each is one way in which evidence can be wrong. */
export const BUNDLE_FAULTS = [
  'bundle-malformed',
  'bundle-too-large',
  'media-type-wrong',
  'certificate-untrusted',
  'certificate-expired',
  'log-proof-missing',
  'log-proof-invalid',
  'timestamp-missing',
  'timestamp-invalid',
  'signature-invalid',
  'payload-type-wrong',
  'key-mismatch',
] as const;
export type BundleFault = (typeof BUNDLE_FAULTS)[number];

/** What a believed bundle may still say wrong, and what may be missing. */
export const EVIDENCE_FAULTS = [
  'issuer-mismatch',
  'repository-mismatch',
  'workflow-mismatch',
  'ref-mismatch',
  'commit-mismatch',
  /** Another digest, such as that of a sibling image. */
  'subject-mismatch',
  'builder-mismatch',
  'statement-invalid',
  'predicate-invalid',
  'sbom-invalid',
  /** The newest scan found what its policy refuses. */
  'scan-refused',
  'predicate-missing',
  /** The members of the index have what the index itself lacks. */
  'index-unsigned',
  'member-unsigned',
] as const;
export type EvidenceFault = (typeof EVIDENCE_FAULTS)[number];

export type VerificationFault = BundleFault | EvidenceFault;

/** What must be there; an SBOM may have any of its formats. */
export const REQUIREMENTS = ['signature', 'provenance', 'sbom', 'scan'] as const;
export type Requirement = (typeof REQUIREMENTS)[number];

/** Equal, or matched as a whole by a regular expression: only where somebody asked for one. */
export type Expected = { readonly kind: 'exact' | 'regexp'; readonly value: string };

/** Who signs, in the words of the certificate. https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
export type IdentityPolicy = {
  /** `https://token.actions.githubusercontent.com` */
  readonly issuer: Expected;
  /** `https://github.com/Owner/Name`: the repository that the run is of. */
  readonly repository: Expected;
  readonly workflow: WorkflowPolicy;
  /** `refs/tags/v1.2.3`: what the run ran on; undefined = any, and the workflow must be of the same. */
  readonly ref?: Expected;
};

/**
 * The workflow whose job signs: the subject of the certificate. `repository` (a URL) and `ref` are given for a reusable
 * workflow of another repository; without them they are those of the run. `any`: whichever of the run's own repository.
 */
export type WorkflowPolicy =
  | { readonly kind: 'exact'; readonly repository?: string; readonly path: string; readonly ref?: string }
  | { readonly kind: 'regexp'; readonly value: string }
  | { readonly kind: 'any' };

export type VerificationPolicy = {
  /** Empty: nothing is asked. */
  readonly require: readonly Requirement[];
  /** `key`: a key vouches, and keys have no name. */
  readonly identity: IdentityPolicy | 'key';
  /** 40 hex digits: what was built; undefined = whatever commit the certificate names. */
  readonly commit?: string;
  /**
   * `each`: every platform has evidence of its own, as our releases have. `covered`: where no platform has any of a kind,
   * that of the index counts for them, whose digests it holds: other tools attest the index alone.
   */
  readonly members: 'each' | 'covered';
};

/** One question with its answer. */
export type Check = {
  /** `provenance.repository` */
  readonly id: string;
  /** For people: `Source repository of the provenance`. */
  readonly title: string;
  readonly expected: string;
  readonly actual: string;
  readonly ok: boolean;
  /** What is wrong, for programs; there unless ok. */
  readonly fault?: VerificationFault;
};

/** A bundle that was looked at and not taken. */
export type RefusedBundle = {
  /** The manifest or store that holds it. */
  readonly source: string;
  /** Its own claim, not proven. */
  readonly kind?: AttestationKind;
  readonly fault: VerificationFault;
  readonly message: string;
};

/** An index or a platform manifest. */
export type SubjectReport = {
  readonly digest: Digest;
  /** `linux/arm64`; undefined for an index. */
  readonly platform?: string;
  readonly checks: readonly Check[];
  readonly refused: readonly RefusedBundle[];
};

export type ImageReport = {
  readonly image: string;
  /** What was asked, and what it pointed at. */
  readonly reference: string;
  readonly ref: DigestRef;
  readonly require: readonly Requirement[];
  readonly checks: readonly Check[];
  readonly subjects: readonly SubjectReport[];
  readonly ok: boolean;
};

export type VerificationReport = { readonly images: readonly ImageReport[]; readonly ok: boolean };

export function reportOf(images: readonly ImageReport[]): VerificationReport {
  return { images, ok: images.length > 0 && images.every(({ ok }) => ok) };
}

/** All checks of an image, those of its subjects behind its own. */
export function checksOf(image: ImageReport): readonly Check[] {
  return [...image.checks, ...image.subjects.flatMap(({ checks }) => checks)];
}

/** What is wrong, each once, in the order found. */
export function faultsOf(report: VerificationReport): readonly VerificationFault[] {
  const faults = report.images.flatMap(checksOf).flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
  return [...new Set(faults)];
}
