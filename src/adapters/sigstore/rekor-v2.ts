import * as z from 'zod/mini';
import type { Http } from '../../ports/http.ts';
import type { Signed } from './envelope.ts';
import { misbehaves, unavailable } from './failure.ts';
import { readJson, toBase64 } from './json.ts';
import { below } from './services.ts';
import type { BundleLogEntry } from './sign-bundle.ts';

/** 64-bit numbers are text in the JSON form of protobuf, and may be numbers. */
const int64 = z.pipe(
  z.union([z.string().check(z.regex(/^\d{1,19}$/)), z.int().check(z.minimum(0))]),
  z.transform(String),
);

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_rekor.proto, TransparencyLogEntry */
const entrySchema = z.object({
  logIndex: z._default(int64, '0'),
  logId: z.object({ keyId: z.base64() }),
  kindVersion: z.object({ kind: z.literal('hashedrekord'), version: z.literal('0.0.2') }),
  inclusionProof: z.object({
    logIndex: z._default(int64, '0'),
    rootHash: z.base64(),
    treeSize: int64,
    hashes: z._default(z.array(z.base64()).check(z.maxLength(64)), []),
    checkpoint: z.object({ envelope: z.string() }),
  }),
  canonicalizedBody: z.base64(),
});

const bodySchema = z.object({
  spec: z.object({
    hashedRekordV002: z.object({
      data: z.object({ algorithm: z.literal('SHA2_256'), digest: z.string() }),
      signature: z.object({ content: z.string() }),
    }),
  }),
});

/**
 * Enters the envelope into a Rekor v2 log (tiles), which tells no time: a timestamp authority must. It takes nothing but
 * signed digests (hashedrekord), and keeps equivalent entries as one by itself. Throws SIGSTORE_UNAVAILABLE; undefined when `until` came before an answer.
 */
export async function enterLogV2(
  http: Http,
  log: URL,
  signed: Signed,
  until: number | undefined,
): Promise<BundleLogEntry | undefined> {
  const url = below(log, 'api/v2/log/entries');
  const place = { service: 'The transparency log', url };
  const { kind, bytes, details } = signed.verifier;
  const material = { rawBytes: toBase64(bytes) };
  const verifier = kind === 'certificate' ? { x509Certificate: material } : { publicKey: material };
  const digest = toBase64(signed.digest);
  const [{ sig }] = signed.envelope.signatures;
  const signature = { content: sig, verifier: { ...verifier, keyDetails: details } };
  const body = JSON.stringify({ hashedRekordRequestV002: { digest, signature } });
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const options = until === undefined ? {} : { until };
  const outcome = await http.exchange(async () => ({ method: 'POST', url, headers, body }), options);
  if (outcome.kind === 'late') return undefined;
  if (outcome.kind !== 'answer' || (outcome.status !== 200 && outcome.status !== 201))
    throw unavailable(place, outcome);
  const entry = readJson(entrySchema, outcome.body);
  if (entry === undefined) throw misbehaves(place, 'it is not an entry with inclusion proof');
  const kept = readJson(bodySchema, Buffer.from(entry.canonicalizedBody, 'base64'))?.spec.hashedRekordV002;
  if (kept?.signature.content !== sig || kept.data.digest !== digest)
    throw misbehaves(place, 'its entry is not about what was signed');
  return entry;
}
