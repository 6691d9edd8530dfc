import { generateKeyPairSync } from 'node:crypto';
import { initializeTSA } from '@sigstore/mock/dist/timestamp/index.js';

export type TimestampAuthority = {
  /** DER: the certificate that signs, and the root. */
  readonly chain: readonly [Buffer, Buffer];
  /** The reply (DER) to a request as DER or as the JSON that only Sigstore's authority takes. Throws for other bytes. */
  timestamp(request: Buffer, contentType: string): Promise<Buffer>;
};

type Request = {
  readonly artifactHash: Buffer;
  readonly hashAlgorithmOID: string;
  readonly certReq: boolean;
  /** Bytes of an INTEGER. */
  readonly nonceBytes: Uint8Array | undefined;
};

/** What there is of the mock's implementation that its types do not show. */
type Info = { nonce?: { valueBlock: { valueHexView: Uint8Array } } };

const SHA256 = '2.16.840.1.101.3.4.2.1';
const JSON_HASHES: Readonly<Record<string, string>> = {
  sha256: SHA256,
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
const POLICY = '1.3.6.1.4.1.57264.2';

/** An RFC 3161 timestamp authority. `now` is its clock. */
export async function createTimestampAuthority(now: () => Date): Promise<TimestampAuthority> {
  const tsa = await initializeTSA(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const { tstInfo } = tsa as unknown as { tstInfo(request: unknown): Info };
  Object.assign(tsa, {
    getCurrentTime: now,
    // The mock takes only small numbers as nonce; a client's has 8 bytes and more.
    tstInfo(request: Request): Info {
      const info = tstInfo.call(tsa, request);
      if (request.nonceBytes === undefined) delete info.nonce;
      // A copy: the library writes the whole buffer under a view.
      else if (info.nonce !== undefined)
        info.nonce.valueBlock.valueHexView = Uint8Array.from(request.nonceBytes);
      return info;
    },
  });
  return {
    chain: [bytesOf(tsa.intCertificate), bytesOf(tsa.rootCertificate)],
    async timestamp(request, contentType) {
      const parsed = contentType.includes('json') ? parseJson(request) : parseDer(request);
      return bytesOf(await tsa.timestamp({ ...parsed, nonce: 1, policyOID: POLICY }));
    },
  };
}

const bytesOf = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** https://github.com/sigstore/timestamp-authority/blob/main/pkg/api/timestamp.go */
function parseJson(request: Buffer): Request {
  const { artifactHash, hashAlgorithm, nonce, certificates } = JSON.parse(request.toString());
  const hashAlgorithmOID = JSON_HASHES[String(hashAlgorithm).toLowerCase().replace('-', '')];
  if (hashAlgorithmOID === undefined) throw new Error(`hash algorithm ${hashAlgorithm}`);
  return {
    artifactHash: Buffer.from(artifactHash, 'base64'),
    hashAlgorithmOID,
    certReq: certificates ?? false,
    nonceBytes:
      nonce === undefined ? undefined : Buffer.from(BigInt(nonce).toString(16).padStart(18, '0'), 'hex'),
  };
}

/** https://www.rfc-editor.org/rfc/rfc3161#section-2.4.1 */
function parseDer(request: Buffer): Request {
  const [body] = elements(request);
  const [, imprint, ...optional] = elements(body?.value ?? Buffer.alloc(0));
  const [algorithm, hash] = elements(imprint?.value ?? Buffer.alloc(0));
  if (body?.tag !== 0x30 || algorithm === undefined || hash?.tag !== 0x04)
    throw new Error('this is no timestamp request');
  const oid = elements(algorithm.value)[0]?.value.toString('hex');
  const last = { '01': SHA256, '02': JSON_HASHES.sha384, '03': JSON_HASHES.sha512 }[oid?.slice(-2) ?? ''];
  if (oid?.startsWith('6086480165030402') !== true || last === undefined)
    throw new Error(`hash algorithm ${oid}`);
  return {
    artifactHash: hash.value,
    hashAlgorithmOID: last,
    certReq: optional.some(({ tag, value }) => tag === 0x01 && value[0] !== 0),
    nonceBytes: optional.find(({ tag }) => tag === 0x02)?.value,
  };
}

/** The elements of a DER sequence's content. */
function elements(bytes: Buffer): readonly { readonly tag: number; readonly value: Buffer }[] {
  const found: { tag: number; value: Buffer }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at);
    const short = bytes.readUInt8(at + 1);
    const more = short < 0x80 ? 0 : short - 0x80;
    const length = more === 0 ? short : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    found.push({ tag, value: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}
