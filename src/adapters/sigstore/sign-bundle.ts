import { BUNDLE_TYPE } from '../../model/attestation.ts';
import type { Signed } from './envelope.ts';
import { toBase64 } from './json.ts';

/** TransparencyLogEntry in the JSON form of protobuf: bytes in base64, 64-bit numbers as text. */
export type BundleLogEntry = {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  /** Seconds; absent in logs that tell no time. */
  readonly integratedTime?: string;
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string };
  readonly inclusionProof: {
    readonly logIndex: string;
    readonly rootHash: string;
    readonly treeSize: string;
    readonly hashes: readonly string[];
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
};

export type Evidence = {
  readonly entries: readonly BundleLogEntry[];
  /** DER, RFC 3161. */
  readonly timestamps: readonly Uint8Array[];
};

/**
 * A Sigstore bundle v0.3: one certificate or the hint of the key, never a chain.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 */
export function encodeBundle({ verifier, envelope }: Signed, hint: string, evidence: Evidence): Uint8Array {
  const { entries, timestamps } = evidence;
  const signer =
    verifier.kind === 'certificate'
      ? { certificate: { rawBytes: toBase64(verifier.bytes) } }
      : { publicKey: { hint } };
  const rfc3161Timestamps = timestamps.map((bytes) => ({ signedTimestamp: toBase64(bytes) }));
  const bundle = {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: {
      ...signer,
      ...(entries.length === 0 ? {} : { tlogEntries: entries }),
      ...(timestamps.length === 0 ? {} : { timestampVerificationData: { rfc3161Timestamps } }),
    },
    dsseEnvelope: envelope,
  };
  return Buffer.from(JSON.stringify(bundle));
}
