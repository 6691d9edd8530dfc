import { createHash } from 'node:crypto';
import { toBase64 } from './json.ts';
import type { SigningKey } from './signing-key.ts';

/** A DSSE envelope as JSON. https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export type Envelope = {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly [{ readonly sig: string }];
};

/** What proves that the signature is right: a certificate or a bare public key. */
export type Verifier = {
  readonly kind: 'certificate' | 'key';
  /** DER. */
  readonly bytes: Uint8Array;
  readonly pem: string;
  /** Name of the key's algorithm in Rekor v2's requests. */
  readonly details: string;
};

/** What logs and timestamp authorities bear witness to. */
export type Signed = {
  readonly payload: Uint8Array;
  /** SHA-256 of the bytes that were signed, which hold the payload and its type. */
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly envelope: Envelope;
  readonly verifier: Verifier;
};

export function signEnvelope(
  payload: Uint8Array,
  payloadType: string,
  key: SigningKey,
  certificate?: { readonly bytes: Uint8Array; readonly pem: string },
): Signed {
  const bytes = preAuthEncoding(payload, payloadType);
  const signature = key.sign(bytes);
  const { details } = key;
  return {
    payload,
    digest: createHash('sha256').update(bytes).digest(),
    signature,
    envelope: { payload: toBase64(payload), payloadType, signatures: [{ sig: toBase64(signature) }] },
    verifier:
      certificate === undefined
        ? { kind: 'key', bytes: key.publicKeyBytes, pem: key.publicKey, details }
        : { kind: 'certificate', bytes: certificate.bytes, pem: certificate.pem, details },
  };
}

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md#signature-definition */
function preAuthEncoding(payload: Uint8Array, payloadType: string): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
