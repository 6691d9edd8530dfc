import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Http } from '../../ports/http.ts';
import type { Signed } from './envelope.ts';
import { misbehaves, type Place, unavailable } from './failure.ts';
import { readJson, toBase64 } from './json.ts';
import { below } from './services.ts';
import type { BundleLogEntry } from './sign-bundle.ts';

const hex = (bytes: number) => z.string().check(z.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)));
const count = z.int().check(z.minimum(0));

/** https://github.com/sigstore/rekor/blob/main/openapi.yaml, LogEntry */
export const entrySchema = z.object({
  body: z.base64(),
  integratedTime: count,
  logID: hex(32),
  logIndex: count,
  verification: z.object({
    inclusionProof: z.object({
      checkpoint: z.string(),
      hashes: z.array(hex(32)).check(z.maxLength(64)),
      logIndex: count,
      rootHash: hex(32),
      treeSize: count,
    }),
    signedEntryTimestamp: z.base64(),
  }),
});
export const answerSchema = z.record(z.string(), entrySchema);

/** https://github.com/sigstore/rekor/blob/main/pkg/types/dsse/v0.0.1/dsse_v0_0_1_schema.json, as the log keeps it */
const bodySchema = z.object({
  kind: z.literal('dsse'),
  apiVersion: z.literal('0.0.1'),
  spec: z.object({
    payloadHash: z.object({ algorithm: z.literal('sha256'), value: hex(32) }),
    signatures: z.array(z.object({ signature: z.string() })),
  }),
});

export type Entry = z.infer<typeof entrySchema>;

export const HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/**
 * Enters the envelope into a Rekor v1 log. An equivalent entry that is there already (an earlier attempt whose answer was
 * lost, a key that signs alike each time) is as good. Throws SIGSTORE_UNAVAILABLE; undefined when `until` came before.
 */
export async function enterLog(
  http: Http,
  log: URL,
  signed: Signed,
  until: number | undefined,
): Promise<BundleLogEntry | undefined> {
  const url = below(log, 'api/v1/log/entries');
  const place = { service: 'The transparency log', url };
  const body = JSON.stringify({
    kind: 'dsse',
    apiVersion: '0.0.1',
    spec: {
      proposedContent: {
        envelope: JSON.stringify(signed.envelope),
        verifiers: [toBase64(Buffer.from(signed.verifier.pem))],
      },
    },
  });
  const options = until === undefined ? {} : { until };
  const outcome = await http.exchange(async () => ({ method: 'POST', url, headers: HEADERS, body }), options);
  if (outcome.kind === 'late') return undefined;
  if (outcome.kind !== 'answer') throw unavailable(place, outcome);
  if (outcome.status === 409) {
    const id = entryId(outcome.headers.location) ?? entryId(Buffer.from(outcome.body).toString('utf8'));
    if (id !== undefined) return fetchEntry(http, log, id, signed);
  }
  if (outcome.status !== 200 && outcome.status !== 201) throw unavailable(place, outcome);
  return toBundle(readEntry(outcome.body, signed, place));
}

async function fetchEntry(http: Http, log: URL, id: string, signed: Signed): Promise<BundleLogEntry> {
  const url = below(log, `api/v1/log/entries/${id}`);
  const place = { service: 'The transparency log', url };
  const headers = { accept: 'application/json' };
  const outcome = await http.exchange(async () => ({ method: 'GET', url, headers }));
  if (outcome.kind !== 'answer' || outcome.status !== 200) throw unavailable(place, outcome);
  return toBundle(readEntry(outcome.body, signed, place));
}

/** The UUID of an entry (a hash, with or without the number of its tree), wherever the log writes it; nothing else of it counts. */
function entryId(text: string | undefined): string | undefined {
  return /(?<![0-9a-f])(?:[0-9a-f]{80}|[0-9a-f]{64})(?![0-9a-f])/.exec(text?.slice(0, 8192) ?? '')?.[0];
}

/** Only an entry about this very envelope is believed. */
function readEntry(bytes: Uint8Array, { payload, envelope }: Signed, place: Place): Entry {
  const entries = Object.values(readJson(answerSchema, bytes) ?? {});
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1)
    throw misbehaves(place, 'it is not one entry with inclusion proof and signed timestamp');
  const body = readJson(bodySchema, Buffer.from(entry.body, 'base64'));
  const hash = createHash('sha256').update(payload).digest('hex');
  const signatures = body?.spec.signatures.map(({ signature }) => signature) ?? [];
  if (body?.spec.payloadHash.value !== hash || signatures.join() !== envelope.signatures[0].sig)
    throw misbehaves(place, 'its entry is not about what was signed');
  return entry;
}

/** An entry as bundles hold it. */
export function toBundle(
  { body, integratedTime, logID, logIndex, verification }: Entry,
  kind: 'dsse' | 'hashedrekord' = 'dsse',
): BundleLogEntry {
  const proof = verification.inclusionProof;
  const fromHex = (text: string) => toBase64(Buffer.from(text, 'hex'));
  return {
    logIndex: String(logIndex),
    logId: { keyId: fromHex(logID) },
    kindVersion: { kind, version: '0.0.1' },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: verification.signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      rootHash: fromHex(proof.rootHash),
      treeSize: String(proof.treeSize),
      hashes: proof.hashes.map(fromHex),
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: body,
  };
}
