import { SigningConfig, TrustedRoot } from '@sigstore/protobuf-specs';

export type Parts = {
  /** Of the stand-in. */
  readonly url: string;
  readonly fulcioRoot: Buffer;
  readonly ctLog: { readonly publicKey: Buffer; readonly id: Buffer };
  readonly logs: readonly { readonly publicKey: Buffer; readonly id: Buffer }[];
  readonly timestampChain: readonly Buffer[];
};

const OPERATOR = 'stand-in.example.com';
const base64 = (bytes: Buffer): string => bytes.toString('base64');
/** A day ago: certificates of a Fulcio with a slow clock are within it. */
const validFor = (): { readonly start: string } => ({
  start: new Date(Date.now() - 86_400_000).toISOString(),
});

/** Text of a trusted root. https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto */
export function trustedRootText(parts: Parts): string {
  const log = (baseUrl: string, { publicKey, id }: Parts['ctLog']) => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: base64(publicKey),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: validFor(),
    },
    logId: { keyId: base64(id) },
  });
  const authority = (uri: string, commonName: string, certificates: readonly Buffer[]) => ({
    subject: { organization: 'sigstore.mock', commonName },
    uri,
    certChain: { certificates: certificates.map((bytes) => ({ rawBytes: base64(bytes) })) },
    validFor: validFor(),
  });
  return textOf(TrustedRoot, {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: parts.logs.map((one) => log(parts.url, one)),
    certificateAuthorities: [authority(parts.url, 'sigstore', [parts.fulcioRoot])],
    ctlogs: [log(`${parts.url}/ct`, parts.ctLog)],
    timestampAuthorities: [authority(`${parts.url}/api/v1/timestamp`, 'tsa', parts.timestampChain)],
  });
}

/** Which services a signing config names besides Fulcio. Default: Rekor by its API v1, and the TSA. */
export type SigningServices = { readonly rekor?: boolean | 'v2'; readonly tsa?: boolean };

/** Text of a signing config v0.2. https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto */
export function signingConfigText(url: string, oidcUrl: string, services: SigningServices): string {
  const service = (address: string, majorApiVersion = 1) => ({
    url: address,
    majorApiVersion,
    validFor: validFor(),
    operator: OPERATOR,
  });
  const { rekor = true, tsa = true } = services;
  return textOf(SigningConfig, {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service(url)],
    oidcUrls: [service(oidcUrl)],
    ...(rekor !== false
      ? { rekorTlogUrls: [service(url, rekor === 'v2' ? 2 : 1)], rekorTlogConfig: { selector: 'ANY' } }
      : {}),
    ...(tsa ? { tsaUrls: [service(`${url}/api/v1/timestamp`)], tsaConfig: { selector: 'ANY' } } : {}),
  });
}

/** The document in the spelling of its own library, which drops what it does not know. */
function textOf<T>(
  type: { fromJSON(object: unknown): T; toJSON(value: T): unknown },
  document: unknown,
): string {
  return `${JSON.stringify(type.toJSON(type.fromJSON(document)), null, 2)}\n`;
}
