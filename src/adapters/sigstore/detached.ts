import { createHash, verify, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { BUNDLE_TYPE } from '../../model/attestation.ts';
import type { Http } from '../../ports/http.ts';
import type { DetachedSignature } from '../../ports/sigstore.ts';
import { misbehaves, unavailable } from './failure.ts';
import { readJson, toBase64 } from './json.ts';
import { answerSchema, type Entry, HEADERS, toBundle } from './rekor.ts';
import { below } from './services.ts';

/** https://github.com/sigstore/rekor/blob/main/openapi.yaml, searchLogQuery */
const foundSchema = z.array(answerSchema).check(z.maxLength(10));

/** https://github.com/sigstore/rekor/blob/main/pkg/types/hashedrekord/v0.0.1/hashedrekord_v0_0_1_schema.json */
const bodySchema = z.object({
  kind: z.literal('hashedrekord'),
  apiVersion: z.literal('0.0.1'),
  spec: z.object({
    data: z.object({ hash: z.object({ algorithm: z.literal('sha256'), value: z.string() }) }),
    signature: z.object({ content: z.string() }),
  }),
});

/**
 * Asks a Rekor v1 log for the entry that `cosign sign-blob` made, and puts it into a bundle with signature and certificate.
 * The certificate was valid for ten minutes: only the log's signed time can prove that they were those of the signing. The
 * log's answer decides nothing here: whoever verifies the bundle checks the entry too.
 */
export async function bundleOfDetached(
  http: Http,
  log: URL,
  { artifact, signature, certificate }: DetachedSignature,
): Promise<Uint8Array | undefined> {
  const leaf = readCertificate(certificate);
  const bytes = fromBase64(signature);
  if (leaf === undefined || bytes === undefined || !isSigned(artifact, leaf, bytes)) return undefined;
  const digest = createHash('sha256').update(artifact).digest();
  const content = toBase64(bytes);
  const entry = await findEntry(http, log, {
    kind: 'hashedrekord',
    apiVersion: '0.0.1',
    spec: {
      data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
      signature: { content, publicKey: { content: toBase64(Buffer.from(leaf.toString())) } },
    },
  });
  if (entry === undefined) return undefined;
  const bundle = {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: {
      certificate: { rawBytes: toBase64(leaf.raw) },
      tlogEntries: [toBundle(entry, 'hashedrekord')],
    },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: toBase64(digest) },
      signature: content,
    },
  };
  return Buffer.from(JSON.stringify(bundle));
}

type Spec = z.infer<typeof bodySchema>['spec'];
type Proposed = {
  readonly kind: 'hashedrekord';
  readonly apiVersion: '0.0.1';
  readonly spec: Spec & { readonly signature: { readonly publicKey: { readonly content: string } } };
};

async function findEntry(http: Http, log: URL, wanted: Proposed): Promise<Entry | undefined> {
  const url = below(log, 'api/v1/log/entries/retrieve');
  const place = { service: 'The transparency log', url };
  const body = JSON.stringify({ entries: [wanted] });
  const outcome = await http.exchange(async () => ({ method: 'POST', url, headers: HEADERS, body }));
  if (outcome.kind === 'answer' && (outcome.status === 400 || outcome.status === 404)) return undefined;
  if (outcome.kind !== 'answer' || outcome.status !== 200) throw unavailable(place, outcome);
  const found = readJson(foundSchema, outcome.body);
  if (found === undefined) throw misbehaves(place, 'it is no list of entries');
  return found.flatMap((each) => Object.values(each)).find((entry) => isAbout(entry, wanted));
}

function isAbout({ body }: Entry, { spec: { data, signature } }: Proposed): boolean {
  const spec = readJson(bodySchema, Buffer.from(body, 'base64'))?.spec;
  return spec?.data.hash.value === data.hash.value && spec.signature.content === signature.content;
}

function isSigned(artifact: Uint8Array, { publicKey }: X509Certificate, signature: Uint8Array): boolean {
  try {
    return verify('sha256', artifact, publicKey, signature);
  } catch {
    return false;
  }
}

/** cosign 1 and 2 wrote the PEM in base64. */
function readCertificate(text: string): X509Certificate | undefined {
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('latin1');
  const [one, ...others] = pem.match(/-----BEGIN CERTIFICATE-----[\s\w+/=]+-----END CERTIFICATE-----/g) ?? [];
  if (one === undefined || others.length > 0) return undefined;
  try {
    return new X509Certificate(one);
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): Uint8Array | undefined {
  const trimmed = text.trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(trimmed)) return undefined;
  return Buffer.from(trimmed, 'base64');
}
