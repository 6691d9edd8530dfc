import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { BUNDLE_TYPE, PAYLOAD_TYPE } from '../../src/model/attestation.ts';

/** What the certificate says; the defaults are those of a release of acme/app by its own workflow. */
export type Claims = {
  readonly san: string;
  readonly issuer: string;
  readonly repository: string;
  readonly commit: string;
  readonly ref: string;
  /** Extensions in place of those above, by the last number of their OID; undefined leaves one out. */
  readonly extensions: Readonly<Record<number, string | undefined>>;
};

export type BundleOptions = {
  readonly claims?: Partial<Claims>;
  readonly payloadType?: string;
  /** When the certificate begins to be valid, for ten minutes; default now. */
  readonly issuedAt?: Date;
  /** Default: both. */
  readonly log?: boolean;
  readonly timestamp?: boolean;
  /** Default: now. */
  readonly stampedAt?: Date;
};

// biome-ignore lint/suspicious/noExplicitAny: tests bend bundles in every way.
export type BundleJson = any;

export const CLAIMS: Claims = {
  san: 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3',
  issuer: 'https://token.actions.githubusercontent.com',
  repository: 'https://github.com/acme/app',
  commit: '0123456789abcdef0123456789abcdef01234567',
  ref: 'refs/tags/v1.2.3',
  extensions: {},
};

/** Fulcio, its log of certificates, Rekor and a timestamp authority in this process, made anew by each call. */
export async function createBundleMaker() {
  const { initializeCA, initializeCTLog, initializeTLog, initializeTSA } = await import('@sigstore/mock');
  const keys = { ca: pair('P-384'), ct: pair('P-256'), log: pair('P-256'), tsa: pair('P-384') };
  const ctLog = await initializeCTLog(keys.ct);
  const authority = await initializeCA(keys.ca, ctLog);
  const log = await initializeTLog('https://rekor.example.com', keys.log);
  const tsa = await initializeTSA(keys.tsa);
  let stampTime: Date | undefined;
  Object.assign(tsa, { getCurrentTime: () => stampTime ?? new Date() });
  // A fixed clock makes another root certificate with the same key; the chain is checked against the first.
  const authorityAt = (time: Date) => initializeCA(keys.ca, ctLog, time);

  async function make(payload: unknown, options: BundleOptions = {}): Promise<BundleJson> {
    const { payloadType = PAYLOAD_TYPE, issuedAt } = options;
    stampTime = options.stampedAt;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload));
    const leaf = pair('P-256');
    const ca = issuedAt === undefined ? authority : await authorityAt(issuedAt);
    const claims = { ...CLAIMS, ...options.claims };
    const certificate = Buffer.from(
      toBytes(
        await ca.issueCertificate({
          publicKey: leaf.publicKey.export({ type: 'spki', format: 'der' }),
          subjectAltName: claims.san,
          extensions: extensionsOf(claims),
        }),
      ),
    );
    const signature = sign('sha256', preAuth(payloadType, bytes), leaf.privateKey);
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
    return {
      mediaType: BUNDLE_TYPE,
      verificationMaterial: {
        certificate: { rawBytes: certificate.toString('base64') },
        tlogEntries: options.log === false ? [] : [await entry(bytes, signature, pem)],
        timestampVerificationData: {
          rfc3161Timestamps: options.timestamp === false ? [] : [{ signedTimestamp: await stamp(signature) }],
        },
      },
      dsseEnvelope: {
        payload: bytes.toString('base64'),
        payloadType,
        signatures: [{ sig: signature.toString('base64') }],
      },
    };
  }

  async function entry(payload: Buffer, signature: Buffer, verifier: string): Promise<BundleJson> {
    const hash = (value: Buffer) => ({
      algorithm: 'sha256',
      value: createHash('sha256').update(value).digest('hex'),
    });
    const answer = await log.log({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: hash(payload),
        payloadHash: hash(payload),
        signatures: [
          { signature: signature.toString('base64'), verifier: Buffer.from(verifier).toString('base64') },
        ],
      },
    });
    const [found] = Object.values(answer as BundleJson) as BundleJson[];
    const proof = found?.verification?.inclusionProof;
    return {
      logIndex: String(found?.logIndex),
      logId: { keyId: Buffer.from(String(found?.logID), 'hex').toString('base64') },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: String(found?.integratedTime),
      inclusionPromise: { signedEntryTimestamp: found?.verification?.signedEntryTimestamp },
      inclusionProof: {
        logIndex: String(proof?.logIndex),
        rootHash: Buffer.from(String(proof?.rootHash), 'hex').toString('base64'),
        treeSize: String(proof?.treeSize),
        hashes: [],
        checkpoint: { envelope: proof?.checkpoint },
      },
      canonicalizedBody: String(found?.body),
    };
  }

  async function stamp(signature: Buffer): Promise<string> {
    const answer = await tsa.timestamp({
      artifactHash: createHash('sha256').update(signature).digest(),
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      nonce: 7,
      policyOID: '1.3.6.1.4.1.57264.2',
    });
    return Buffer.from(toBytes(answer)).toString('base64');
  }

  /** As text; without the services named, as GitHub's own instance has no logs. */
  function trustedRoot(without: readonly ('tlogs' | 'ctlogs' | 'timestampAuthorities')[] = []): string {
    const start = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString();
    const logKey = (key: KeyObject, url: string) => ({
      baseUrl: url,
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: der(key).toString('base64'),
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        validFor: { start },
      },
      logId: { keyId: createHash('sha256').update(der(key)).digest('base64') },
    });
    const chain = (certificates: readonly Uint8Array[], uri: string) => ({
      subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
      uri,
      certChain: {
        certificates: certificates.map((raw) => ({ rawBytes: Buffer.from(raw).toString('base64') })),
      },
      validFor: { start },
    });
    const root: Record<string, unknown> = {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [logKey(keys.log.publicKey, 'https://rekor.example.com')],
      certificateAuthorities: [chain([toBytes(authority.rootCertificate)], 'https://fulcio.example.com')],
      ctlogs: [logKey(keys.ct.publicKey, 'https://ctfe.example.com')],
      timestampAuthorities: [
        chain([toBytes(tsa.intCertificate), toBytes(tsa.rootCertificate)], 'https://tsa.example.com'),
      ],
    };
    for (const name of without) root[name] = [];
    return JSON.stringify(root);
  }

  return { make, trustedRoot };
}

/** A bundle signed by a plain key, as `cosign attest --key` writes it without a log. */
export function keyBundle(payload: unknown, keys = pair('P-256')): BundleJson {
  const bytes = Buffer.from(JSON.stringify(payload));
  const signature = sign('sha256', preAuth(PAYLOAD_TYPE, bytes), keys.privateKey);
  return {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: {
      publicKey: { hint: createHash('sha256').update(der(keys.publicKey)).digest('base64') },
      tlogEntries: [],
    },
    dsseEnvelope: {
      payload: bytes.toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: signature.toString('base64') }],
    },
  };
}

export function pair(namedCurve: 'P-256' | 'P-384') {
  return generateKeyPairSync('ec', { namedCurve });
}

export function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

export function bytesOf(bundle: BundleJson): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(bundle));
}

function der(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function preAuth(type: string, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ]);
}

function toBytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
function extensionsOf({ san, issuer, repository, commit, ref, extensions }: Claims) {
  const values: Readonly<Record<number, string | undefined>> = {
    8: issuer,
    9: san,
    10: commit,
    11: 'github-hosted',
    12: repository,
    13: commit,
    14: ref,
    18: `${repository}/.github/workflows/release.yml@${ref}`,
    20: 'push',
    21: `${repository}/actions/runs/7/attempts/1`,
    22: 'public',
    ...extensions,
  };
  return Object.entries(values).flatMap(([number, value]) =>
    value === undefined ? [] : [{ oid: `1.3.6.1.4.1.57264.1.${number}`, value }],
  );
}
