import { X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { ReleaseError } from '../../model/errors.ts';
import type { Http } from '../../ports/http.ts';
import { misbehaves, unavailable } from './failure.ts';
import { readJson, toBase64 } from './json.ts';
import { below } from './services.ts';
import type { SigningKey } from './signing-key.ts';

/** A certificate for a key, and how long it was made to live. */
export type IssuedCertificate = {
  /** DER. */
  readonly bytes: Uint8Array;
  readonly pem: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
};

const chain = z.object({ chain: z.object({ certificates: z.array(z.string()).check(z.minLength(1)) }) });
/** https://github.com/sigstore/fulcio/blob/main/fulcio.proto, message SigningCertificate; GitHub's CA has no CT log, so no SCT. */
const answerSchema = z.object({
  signedCertificateEmbeddedSct: z.optional(chain),
  signedCertificateDetachedSct: z.optional(chain),
});

const LARGEST = 128 * 1024;

type Request = {
  readonly http: Http;
  readonly fulcio: URL;
  readonly key: SigningKey;
  /** A fresh one for each attempt: tokens live for minutes only. */
  readonly token: () => Promise<string>;
};

/** A certificate over the key for the identity in the token. Throws SIGSTORE_UNAVAILABLE, and what `token` throws. */
export async function requestCertificate({ http, fulcio, key, token }: Request): Promise<IssuedCertificate> {
  const url = below(fulcio, 'api/v2/signingCert');
  const place = { service: 'Fulcio', url };
  const tokens = new Set<string>();
  const outcome = await http.exchange(
    async () => {
      const fresh = await token();
      tokens.add(fresh);
      return { method: 'POST', url, headers: JSON_HEADERS, body: JSON.stringify(bodyOf(fresh, key)) };
    },
    { limit: LARGEST },
  );
  if (outcome.kind !== 'answer' || outcome.status < 200 || outcome.status > 299)
    throw unavailable(place, outcome, [...tokens]);
  const answer = readJson(answerSchema, outcome.body);
  const pem = (answer?.signedCertificateEmbeddedSct ?? answer?.signedCertificateDetachedSct)?.chain
    .certificates[0];
  if (pem === undefined) throw misbehaves(place, 'it holds no certificate');
  return readCertificate(pem, key, place);
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/** The signed subject proves that who sends the token holds the key. */
function bodyOf(token: string, key: SigningKey): unknown {
  return {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: key.publicKey },
      proofOfPossession: toBase64(key.sign(Buffer.from(subjectOf(token)))),
    },
  };
}

const claims = z.object({
  sub: z.optional(z.string()),
  email: z.optional(z.string()),
  email_verified: z.optional(z.union([z.boolean(), z.string()])),
});

/** What Fulcio takes as the name of who signs: an address where there is one (people), else the subject (machines). */
function subjectOf(token: string): string {
  const payload = readJson(claims, Buffer.from(token.split('.')[1] ?? '', 'base64url'));
  const verified = payload?.email_verified === true || payload?.email_verified === 'true';
  const subject = payload?.email !== undefined && verified ? payload.email : payload?.sub;
  if (subject !== undefined && subject !== '') return subject;
  throw new ReleaseError(
    'SIGSTORE_UNAVAILABLE',
    'the OIDC token of this run cannot be used: it names no subject',
  );
}

function readCertificate(
  pem: string,
  key: SigningKey,
  place: Parameters<typeof misbehaves>[0],
): IssuedCertificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw misbehaves(place, 'its certificate cannot be read');
  }
  const { raw, publicKey, validFromDate: notBefore, validToDate: notAfter } = certificate;
  if (!publicKey.export({ format: 'der', type: 'spki' }).equals(key.publicKeyBytes))
    throw misbehaves(place, 'its certificate is for another key');
  if (!(notAfter > notBefore)) throw misbehaves(place, 'its certificate is never valid');
  return { bytes: raw, pem: certificate.toString(), notBefore, notAfter };
}
