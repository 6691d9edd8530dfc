import type { BundleFault } from '../model/verification.ts';

export type { BundleFault } from '../model/verification.ts';

/** Where and with what to sign. URLs are those of a signing config; empty lists = that service is not used. */
export type SigningSpec =
  | {
      readonly kind: 'keyless';
      readonly instance: 'public-good' | 'github' | 'private';
      /** Text of a signing config (`application/vnd.dev.sigstore.signingconfig.v0.2+json`); for `private` only. */
      readonly signingConfig?: string;
      /** Text of the trusted root that readers judge by: what the services cannot give and it demands is an error at once. */
      readonly trustedRoot?: string;
    }
  | {
      readonly kind: 'key';
      /** PEM. */
      readonly key: string;
      readonly password: string;
      /** Whose log and timestamps bear witness; absent: nobody, so that nothing gets known and no network is needed. */
      readonly instance?: 'public-good' | 'private';
      readonly signingConfig?: string;
    };

/** What to believe: `file` is the text of a trusted root (`application/vnd.dev.sigstore.trustedroot+json`). */
export type TrustSpec =
  | {
      readonly kind: 'keyless';
      readonly instance: 'public-good' | 'github';
      /** Ask for the present root once; when it cannot be had, the one of the public-good instance that ships with us does. */
      readonly hasty?: true;
    }
  | { readonly kind: 'keyless'; readonly instance: 'private'; readonly trustedRoot: string }
  | { readonly kind: 'key' /** PEM of the public key. */; readonly publicKey: string };

/** One certificate and its key, used for as many statements as it is valid for. */
export interface Signer {
  /**
   * A Sigstore bundle v0.3 (JSON bytes) that holds the payload in a DSSE envelope. Safe to call concurrently. Retries over
   * minutes; throws SIGSTORE_UNAVAILABLE, OIDC_MISSING.
   */
  sign(payload: Uint8Array, payloadType: string): Promise<{ bundle: Uint8Array; logIndex?: string }>;
  /** PEM of the public key, for key-based signing only. */
  readonly publicKey?: string;
}

/** What Fulcio has written into a certificate. https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
export type CertificateIdentity = {
  /** Subject alternative name: for GitHub the signer workflow with its ref, as a URI. */
  readonly san: string;
  readonly issuer?: string;
  readonly buildSignerUri?: string;
  readonly buildSignerDigest?: string;
  readonly runnerEnvironment?: string;
  readonly sourceRepositoryUri?: string;
  readonly sourceRepositoryDigest?: string;
  readonly sourceRepositoryRef?: string;
  readonly buildConfigUri?: string;
  readonly buildTrigger?: string;
  readonly runInvocationUri?: string;
  readonly sourceRepositoryVisibility?: string;
};

/** A bundle whose signature, certificate chain at signing time and log inclusion or timestamp hold. Who signed it and what it says is for the reader to judge. */
export type ProvenBundle = {
  readonly payload: Uint8Array;
  readonly payloadType: string;
  /** Undefined when it was signed by key. */
  readonly identity?: CertificateIdentity;
  /** The proven time of signing, where there is one. */
  readonly signedAt?: Date;
  readonly logIndex?: string;
};

export type BundleProof =
  | { readonly ok: true; readonly bundle: ProvenBundle }
  | { readonly ok: false; readonly fault: BundleFault; readonly message: string };

/** Checks bundles against one trusted root. */
export interface BundleVerifier {
  /**
   * Never throws for what is in the bytes: hostile bundles give a fault. `artifact`: the bytes that a bundle without an
   * envelope signs (`cosign sign-blob`); they come back as its payload, with an empty payload type. Without it only
   * bundles with an in-toto statement are believed.
   */
  prove(bytes: Uint8Array, artifact?: Uint8Array): Promise<BundleProof>;
}

/** A signature and its certificate in files of their own, as cosign wrote them before bundles. Hostile until proven. */
export type DetachedSignature = {
  readonly artifact: Uint8Array;
  /** Text of the `.sig` file: base64. */
  readonly signature: string;
  /** Text of the `.pem` file: PEM, or base64 of it. */
  readonly certificate: string;
};

/** Sigstore: https://docs.sigstore.dev. The libraries behind it are loaded by the first call. */
export interface Sigstore {
  signer(spec: SigningSpec): Promise<Signer>;
  /** Fetches the root by TUF (cached) where the spec names an instance; throws SIGSTORE_UNAVAILABLE. */
  verifier(spec: TrustSpec): Promise<BundleVerifier>;
  /**
   * The bundle of a detached signature, with its entry in the log of the public-good instance, which alone tells when it
   * was made. Nothing in it is proven yet. Undefined when the texts are none, or the log has no such entry; throws SIGSTORE_UNAVAILABLE.
   */
  bundleOf(detached: DetachedSignature): Promise<Uint8Array | undefined>;
}
