import type { Digest } from './digest.ts';
import type { DigestRef } from './reference.ts';

/** What a statement says about its subject, by our short names. `signature` says no more than "signed". */
export const PREDICATES = {
  provenance: 'https://slsa.dev/provenance/v1',
  cyclonedx: 'https://cyclonedx.org/bom',
  spdx: 'https://spdx.dev/Document',
  scan: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  signature: 'https://sigstore.dev/cosign/sign/v1',
} as const;

export type AttestationKind = keyof typeof PREDICATES;

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** Payload type of every DSSE envelope that we write. https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
/** https://docs.sigstore.dev/about/bundle/ */
export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md; always one subject: one index or one manifest. */
export type Statement = {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly [{ readonly name: string; readonly digest: { readonly sha256: string } }];
  readonly predicateType: string;
  readonly predicate: unknown;
};

/** What is still to be signed: a statement about one index or one platform manifest. */
export type StatementDraft = {
  /** Name of the image in the plan. */
  readonly image: string;
  readonly kind: AttestationKind;
  /** The index or manifest that it is about. */
  readonly subject: Digest;
  /** `linux/arm64`; undefined for an index. */
  readonly platform?: string;
  readonly statement: Statement;
  /** Kept out of the GitHub store, whose limit it exceeds. */
  readonly registryOnly: boolean;
};

/** A signed statement: a Sigstore bundle v0.3 as JSON bytes. */
export type SignedStatement = StatementDraft & {
  readonly bundle: Uint8Array;
  /** Index of the entry in the transparency log, where there is one. */
  readonly logIndex?: string;
};

/** A stored bundle. */
export type Attestation = {
  readonly image: string;
  readonly kind: AttestationKind;
  readonly predicateType: string;
  readonly subject: Digest;
  readonly platform?: string;
  /** sha256 of the bundle's bytes. */
  readonly digest: Digest;
  /** The referrer manifests, one for each registry. */
  readonly referrers: readonly DigestRef[];
  /** In GitHub's attestation store. */
  readonly url?: string;
  /** The bundle as a file on the runner. */
  readonly path?: string;
  readonly logIndex?: string;
  /** An earlier run has signed it, and it was in every store already. */
  readonly known?: true;
};
