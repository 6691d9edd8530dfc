import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { Entry } from '@sigstore/protobuf-specs/rekor/v2';
import { sha256 } from './merkle.ts';

/** An entry that Rekor refuses with 400. */
export class BadEntry extends Error {}

/** https://www.rfc-editor.org/rfc/rfc8785 for what stands in entries: objects, arrays, strings, whole numbers. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}

// biome-ignore lint/suspicious/noExplicitAny: entries have three shapes, and what does not fit is refused below.
type Loose = any;

/** What Rekor keeps of a proposed entry, after it has checked the signature. https://github.com/sigstore/rekor/tree/main/pkg/types */
export function canonicalEntry(proposed: Loose): unknown {
  try {
    const { kind, apiVersion, spec } = proposed;
    if (kind === 'dsse' && apiVersion === '0.0.1') return { kind, apiVersion, spec: dsseSpec(spec) };
    if (kind === 'intoto' && apiVersion === '0.0.2') return { kind, apiVersion, spec: intotoSpec(spec) };
    if (kind === 'hashedrekord' && apiVersion === '0.0.1') {
      if (spec.signature.publicKey.content === undefined || spec.data.hash.value.length !== 64)
        throw new BadEntry('invalid hashedrekord entry');
      return { kind, apiVersion, spec: hashedSpec(spec) };
    }
    throw new BadEntry(`unsupported entry: ${kind} ${apiVersion}`);
  } catch (error) {
    throw error instanceof BadEntry ? error : new BadEntry(`invalid entry: ${error}`);
  }
}

/** The PEM as the log writes it, however it came: searching by an entry relies on that. */
function hashedSpec({ data, signature }: Loose): unknown {
  const pem = Buffer.from(signature.publicKey.content, 'base64').toString();
  const canonical = pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).toString() : pem;
  const publicKey = { content: Buffer.from(canonical).toString('base64') };
  return { data, signature: { content: signature.content, publicKey } };
}

function dsseSpec({ proposedContent }: Loose): unknown {
  const envelope = JSON.parse(proposedContent.envelope);
  const payload = Buffer.from(envelope.payload, 'base64');
  const keys: readonly string[] = proposedContent.verifiers;
  const signatures = envelope.signatures.map(({ sig }: Loose) => {
    const verifier = keys.find((key) => isSigned(envelope.payloadType, payload, sig, pemKey(key)));
    if (verifier === undefined) throw new BadEntry('could not verify envelope');
    return { signature: sig, verifier };
  });
  if (signatures.length === 0) throw new BadEntry('envelope has no signatures');
  const hashOf = (bytes: Buffer) => ({ algorithm: 'sha256', value: sha256(bytes).toString('hex') });
  return {
    envelopeHash: hashOf(Buffer.from(proposedContent.envelope)),
    payloadHash: hashOf(payload),
    signatures,
  };
}

function intotoSpec({ content }: Loose): unknown {
  const { payload, payloadType, signatures } = content.envelope;
  const bytes = Buffer.from(Buffer.from(payload, 'base64').toString(), 'base64');
  for (const { sig, publicKey } of signatures) {
    const signature = Buffer.from(sig, 'base64').toString();
    if (!isSigned(payloadType, bytes, signature, pemKey(publicKey)))
      throw new BadEntry('could not verify envelope');
  }
  return { content: { ...content, envelope: { payloadType, signatures } } };
}

/** From the base64 of a certificate or public key in PEM. */
function pemKey(content: string): KeyObject {
  return createPublicKey(Buffer.from(content, 'base64'));
}

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function isSigned(payloadType: string, payload: Buffer, signature: string, key: KeyObject): boolean {
  const head = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `);
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return verify(algorithm, Buffer.concat([head, payload]), key, Buffer.from(signature, 'base64'));
}

/**
 * What Rekor v2 keeps of a request: for a DSSE envelope too a hashedrekord, of the bytes that are signed. Clients since June 2026
 * take no other kind (https://github.com/sigstore/sigstore-go/pull/627). The signature is not checked: Node cannot, by a digest.
 */
export function canonicalEntryV2({ hashedRekordRequestV002: request }: Loose): unknown {
  if (typeof request !== 'object' || Buffer.from(request.digest ?? '', 'base64').length !== 32)
    throw new BadEntry('invalid hashedrekord request');
  const { x509Certificate, publicKey } = request.signature?.verifier ?? {};
  if ((x509Certificate ?? publicKey)?.rawBytes === undefined) throw new BadEntry('missing verifier');
  const data = { algorithm: 'SHA2_256', digest: request.digest };
  const spec = { hashedRekordV002: { data, signature: request.signature } };
  // Numbers for names of algorithms and the like become what the log itself writes.
  return Entry.toJSON(Entry.fromJSON({ kind: 'hashedrekord', apiVersion: '0.0.2', spec }));
}
