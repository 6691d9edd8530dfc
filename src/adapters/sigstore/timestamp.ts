import { createHash, randomBytes } from 'node:crypto';
import type { Http } from '../../ports/http.ts';
import { misbehaves, unavailable } from './failure.ts';

const LARGEST = 64 * 1024;

/** DER of version 1, the OID of SHA-256, and the head of 32 bytes. https://www.rfc-editor.org/rfc/rfc3161#section-2.4.1 */
const VERSION_AND_HASH = Buffer.from('0201013031300d060960864801650304020105000420', 'hex');

/**
 * A signed timestamp (RFC 3161, DER) over the signature. Throws SIGSTORE_UNAVAILABLE; undefined when `until` came before
 * an answer.
 */
export async function requestTimestamp(
  http: Http,
  url: URL,
  signature: Uint8Array,
  until: number | undefined,
): Promise<Uint8Array | undefined> {
  const place = { service: 'The timestamp authority', url };
  const hash = createHash('sha256').update(signature).digest();
  const body = timestampRequest(hash);
  const headers = { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' };
  const outcome = await http.exchange(async () => ({ method: 'POST', url, headers, body }), {
    limit: LARGEST,
    ...(until === undefined ? {} : { until }),
  });
  if (outcome.kind === 'late') return undefined;
  if (outcome.kind !== 'answer' || (outcome.status !== 200 && outcome.status !== 201))
    throw unavailable(place, outcome);
  // A refusal is an answer without a timestamp, so it cannot hold the hash either.
  if (outcome.body[0] !== 0x30 || !Buffer.from(outcome.body).includes(hash))
    throw misbehaves(place, 'it is no timestamp over the signature');
  return outcome.body;
}

/** TimeStampReq: version, message imprint, nonce; the authority's certificates stand in the trusted root. */
function timestampRequest(hash: Uint8Array): Uint8Array {
  const nonce = randomBytes(8);
  // A positive number of exactly eight bytes.
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  const content = Buffer.concat([VERSION_AND_HASH, hash, Buffer.of(0x02, nonce.length), nonce]);
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}
