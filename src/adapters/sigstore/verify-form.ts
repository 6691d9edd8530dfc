import type { Bundle } from '@sigstore/bundle';
import { PAYLOAD_TYPE } from '../../model/attestation.ts';
import { BUNDLE_LIMIT } from '../../model/verification.ts';
import type { BundleFault } from '../../ports/sigstore.ts';

/** Why a bundle is not believed, on the way to its verdict. */
export class Refusal extends Error {
  readonly fault: BundleFault;

  constructor(fault: BundleFault, message: string) {
    super(message);
    this.name = 'Refusal';
    this.fault = fault;
  }
}

/** https://docs.sigstore.dev/about/bundle/; the first two are of older tools. */
const BUNDLE_TYPES = [
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
];

/** The work for one bundle grows with them, and honest tools write one or two. */
const MOST_ENTRIES = 8;

/** Bytes to a bundle whose form is right; nothing in it is proven. Throws a Refusal. */
export async function readBundle(bytes: Uint8Array): Promise<Bundle> {
  if (bytes.byteLength > BUNDLE_LIMIT)
    throw new Refusal('bundle-too-large', `it has ${bytes.byteLength} bytes, more than ${BUNDLE_LIMIT}`);
  const json = readJson(bytes);
  const mediaType = 'mediaType' in json ? json.mediaType : undefined;
  if (typeof mediaType !== 'string' || !BUNDLE_TYPES.includes(mediaType)) {
    const shown = typeof mediaType === 'string' ? mediaType.slice(0, 100) : 'nothing';
    throw new Refusal('media-type-wrong', `its media type is ${shown}, not that of a Sigstore bundle`);
  }
  const { bundleFromJSON, ValidationError } = await import('@sigstore/bundle');
  const bundle = guarded(
    () => bundleFromJSON(json),
    (error) => {
      const fields = error instanceof ValidationError ? error.fields : [];
      const isProof =
        fields.length > 0 && fields.every((field) => /\.inclusion(?:Proof|Promise)\b/.test(field));
      return isProof
        ? new Refusal('log-proof-missing', 'an entry of the log comes without the proof that it is in there')
        : new Refusal(
            'bundle-malformed',
            `its fields are not those of a bundle: ${fields.join(', ').slice(0, 200)}`,
          );
    },
  );
  const { tlogEntries, timestampVerificationData } = bundle.verificationMaterial;
  const stamps = timestampVerificationData?.rfc3161Timestamps ?? [];
  if (tlogEntries.length > MOST_ENTRIES || stamps.length > MOST_ENTRIES)
    throw new Refusal('bundle-malformed', `it holds more than ${MOST_ENTRIES} log entries or timestamps`);
  return bundle;
}

function readJson(bytes: Uint8Array): object {
  const json: unknown = guarded(
    () => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
    () => new Refusal('bundle-malformed', 'it is no JSON'),
  );
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw new Refusal('bundle-malformed', 'it is no JSON object');
}

function guarded<T>(work: () => T, refusal: (error: unknown) => Refusal): T {
  try {
    return work();
  } catch (error) {
    throw refusal(error);
  }
}

/** What was signed, by the bundle's own words. Throws a Refusal where it is not what the caller asks for. */
export function payloadOf(
  bundle: Bundle,
  artifact: Uint8Array | undefined,
): { readonly payload: Uint8Array; readonly payloadType: string } {
  const { content } = bundle;
  if (content.$case === 'messageSignature') {
    if (artifact !== undefined) return { payload: artifact, payloadType: '' };
    throw new Refusal('payload-type-wrong', 'it signs bytes that are not in it, and no statement');
  }
  const { payload, payloadType } = content.dsseEnvelope;
  if (artifact !== undefined)
    throw new Refusal(
      'payload-type-wrong',
      'it holds an envelope, where a signature of given bytes is expected',
    );
  if (payloadType !== PAYLOAD_TYPE)
    throw new Refusal(
      'payload-type-wrong',
      `its payload is ${payloadType.slice(0, 100)}, not ${PAYLOAD_TYPE}`,
    );
  return { payload, payloadType };
}
