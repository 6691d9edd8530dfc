import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { fulcioHandler, initializeCA, initializeCTLog } from '@sigstore/mock/dist/fulcio/index.js';

export type Authority = {
  /** DER of the root certificate. */
  readonly root: Buffer;
  /** Of the CT log that the certificates are entered into. */
  readonly ctLog: { readonly publicKey: Buffer; readonly id: Buffer };
  /** The leaf and the root (PEM) for a request that `readRequest` accepted. */
  issue(request: CertificateRequest): Promise<readonly string[]>;
};

export type CertificateRequest = { readonly body: string; readonly claims: TokenClaims };

/** What of a token matters here; the rest goes into the certificate as it is. */
export type TokenClaims = {
  readonly iss: string;
  readonly sub: string;
  readonly job_workflow_ref?: string;
  readonly [name: string]: unknown;
};

/** A request that Fulcio refuses. */
export class BadRequest extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Fulcio's certificate authority with its CT log. `now` is its clock. */
export async function createAuthority(now: () => Date): Promise<Authority> {
  // Separate keys: a verifier that takes one for the other must fail.
  const ctLog = await initializeCTLog(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const ca = await initializeCA(generateKeyPairSync('ec', { namedCurve: 'P-256' }), ctLog);
  for (const clocked of [ctLog, ca]) Object.assign(clocked, { getCurrentTime: now });
  const { fn } = fulcioHandler(ca, { subjectClaim: 'san' });
  return {
    root: bytesOf(ca.rootCertificate),
    ctLog: { publicKey: ctLog.publicKey, id: bytesOf(ctLog.logID) },
    async issue({ body, claims }) {
      const { job_workflow_ref } = claims;
      // As the real one for GitHub's issuer; for others the subject.
      const san = job_workflow_ref === undefined ? claims.sub : `https://github.com/${job_workflow_ref}`;
      const payload = Buffer.from(JSON.stringify({ ...claims, san })).toString('base64url');
      const request = { ...JSON.parse(body), credentials: { oidcIdentityToken: `e30.${payload}.e30` } };
      const { statusCode, response } = await fn(JSON.stringify(request));
      if (statusCode !== 201) throw new BadRequest(statusCode, String(response));
      return JSON.parse(String(response)).signedCertificateEmbeddedSct.chain.certificates;
    },
  };
}

const bytesOf = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** Checks a request as Fulcio does: token by the issuer's key, audience, time, and the proof of possession of the key. */
export async function readRequest(
  body: string,
  authorization: string | undefined,
  issuer: string,
): Promise<CertificateRequest> {
  // biome-ignore lint/suspicious/noExplicitAny: a request in the form of https://github.com/sigstore/fulcio/blob/main/fulcio.proto
  let request: any;
  try {
    request = JSON.parse(body);
  } catch {
    throw new BadRequest(400, 'the request is no JSON');
  }
  // cosign sends the token in the header, @sigstore/sign in the body.
  const token = request.credentials?.oidcIdentityToken || authorization?.replace(/^Bearer /, '');
  if (typeof token !== 'string') throw new BadRequest(401, 'there is no identity token');
  const claims = await verifyToken(token, issuer);
  const { publicKeyRequest } = request;
  if (publicKeyRequest !== undefined) {
    const key = createPublicKey(publicKeyRequest.publicKey.content);
    const proof = Buffer.from(publicKeyRequest.proofOfPossession, 'base64');
    if (!verify('sha256', Buffer.from(claims.sub), key, proof))
      throw new BadRequest(400, 'the signature supplied in the request could not be verified');
  }
  return { body, claims };
}

async function verifyToken(token: string, issuer: string): Promise<TokenClaims> {
  const configuration = await getJson(`${issuer}/.well-known/openid-configuration`);
  const { keys } = await getJson(configuration.jwks_uri);
  const [head = '', payload = '', signature = ''] = token.split('.');
  try {
    const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString());
    // biome-ignore lint/suspicious/noExplicitAny: a JSON Web Key set.
    const jwk = keys.find((key: any) => key.kid === kid);
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const signed = Buffer.from(`${head}.${payload}`);
    if (alg !== 'RS256' || !verify('sha256', signed, key, Buffer.from(signature, 'base64url')))
      throw new Error('the signature is wrong');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const now = Date.now() / 1000;
    if (claims.iss !== configuration.issuer) throw new Error(`the issuer is unknown: ${claims.iss}`);
    if (claims.aud !== 'sigstore') throw new Error(`the audience is wrong: ${claims.aud}`);
    if (!(claims.exp > now && claims.nbf <= now)) throw new Error('it is not valid now');
    if (typeof claims.sub !== 'string') throw new Error('it has no subject');
    return claims;
  } catch (error) {
    throw new BadRequest(
      401,
      `the identity token is refused: ${error instanceof Error ? error.message : error}`,
    );
  }
}

// biome-ignore lint/suspicious/noExplicitAny: two small documents of the issuer stand-in.
async function getJson(url: string): Promise<any> {
  const response = await fetch(url);
  if (!response.ok) throw new BadRequest(500, `the issuer does not answer: ${url} ${response.status}`);
  return response.json();
}
