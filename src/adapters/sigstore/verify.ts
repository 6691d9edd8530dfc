import { createHash, X509Certificate } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import type { SignedEntity, Signer } from '@sigstore/verify';
import type {
  BundleFault,
  BundleProof,
  BundleVerifier,
  ProvenBundle,
  TrustSpec,
} from '../../ports/sigstore.ts';
import { readTrust, type Trust, type TufOptions } from './trust.ts';
import { payloadOf, Refusal, readBundle } from './verify-form.ts';
import { identityOf } from './verify-identity.ts';
import { readTimes } from './verify-time.ts';

/**
 * A judge of bundles for one trusted root or key. @sigstore/verify gives the verdict; what stands here before it only
 * refuses, to say exactly what is wrong. Throws SIGSTORE_UNAVAILABLE when a root cannot be fetched.
 */
export async function createVerifier(spec: TrustSpec, options: TufOptions): Promise<BundleVerifier> {
  const [trust, { toSignedEntity, Verifier }] = await Promise.all([
    readTrust(spec, options),
    import('@sigstore/verify'),
  ]);
  const judge = new Verifier(trust.material, trust.thresholds);

  async function proven(bytes: Uint8Array, artifact: Uint8Array | undefined): Promise<ProvenBundle> {
    const read = await readBundle(bytes);
    const content = payloadOf(read, artifact);
    const bundle = trust.kind === 'key' ? withoutLog(read) : read;
    requireProofs(bundle, trust);
    const entity = toSignedEntity(bundle, artifact === undefined ? undefined : Buffer.from(artifact));
    readTimes(entity);
    if (trust.kind === 'keyless') requireSignature(bundle, entity);
    const signer = judged(bundle, trust, () => judge.verify(entity));
    return {
      ...content,
      ...(trust.kind === 'key' ? {} : { identity: identity(signer) }),
      ...signingTime(entity),
      ...logIndex(bundle),
    };
  }

  return {
    async prove(bytes, artifact): Promise<BundleProof> {
      try {
        return { ok: true, bundle: await proven(bytes, artifact) };
      } catch (error) {
        const fault: BundleFault = error instanceof Refusal ? error.fault : 'bundle-malformed';
        const message = error instanceof Error ? error.message : String(error);
        return { ok: false, fault, message: message.slice(0, 500) };
      }
    },
  };
}

/** What vouches for a key is the key: entries and timestamps of services that nobody named are left aside. */
function withoutLog(bundle: Bundle): Bundle {
  const { content } = bundle.verificationMaterial;
  return {
    ...bundle,
    verificationMaterial: { content, tlogEntries: [], timestampVerificationData: { rfc3161Timestamps: [] } },
  };
}

/** That everything is there which the trusted root makes a duty. */
function requireProofs({ verificationMaterial }: Bundle, { kind, thresholds }: Trust): void {
  const { content, tlogEntries, timestampVerificationData } = verificationMaterial;
  const isKey = content.$case === 'publicKey';
  if (isKey && kind === 'keyless')
    throw new Refusal('key-mismatch', 'it is signed by a key, where a certificate is expected');
  if (!isKey && kind === 'key')
    throw new Refusal('key-mismatch', 'it is signed with a certificate, where the given key is expected');
  const unproven = tlogEntries.some((entry) => !entry.inclusionProof && !entry.inclusionPromise);
  if (tlogEntries.length < thresholds.tlogThreshold || unproven)
    throw new Refusal('log-proof-missing', 'no proof that the signature is in the transparency log');
  const promised = tlogEntries.some((entry) => entry.inclusionPromise && Number(entry.integratedTime) > 0);
  const stamps = timestampVerificationData?.rfc3161Timestamps ?? [];
  if (thresholds.timestampThreshold > 0 && stamps.length === 0 && !promised)
    throw new Refusal('timestamp-missing', 'nothing in it proves the time of signing');
}

/** The library finds an altered payload by the log entry first; this calls it by its name. */
function requireSignature({ verificationMaterial: { content } }: Bundle, entity: SignedEntity): void {
  const raw = certificateOf(content);
  if (raw === undefined) return;
  if (!entity.signature.verifySignature(new X509Certificate(raw).publicKey))
    throw new Refusal('signature-invalid', 'its signature is not one of the certificate over this payload');
}

type KeyContent = Bundle['verificationMaterial']['content'];

function certificateOf(content: KeyContent): Buffer | undefined {
  if (content.$case === 'publicKey') return undefined;
  if (content.$case === 'certificate') return content.certificate.rawBytes;
  return content.x509CertificateChain.certificates[0]?.rawBytes;
}

const FAULTS: Readonly<Record<string, BundleFault>> = {
  TLOG_ERROR: 'log-proof-invalid',
  TLOG_BODY_ERROR: 'log-proof-invalid',
  TLOG_INCLUSION_PROOF_ERROR: 'log-proof-invalid',
  TLOG_INCLUSION_PROMISE_ERROR: 'log-proof-invalid',
  TLOG_MISSING_INCLUSION_ERROR: 'log-proof-missing',
  TIMESTAMP_ERROR: 'timestamp-invalid',
  CERTIFICATE_ERROR: 'certificate-untrusted',
  PUBLIC_KEY_ERROR: 'key-mismatch',
  SIGNATURE_ERROR: 'signature-invalid',
};

function judged(bundle: Bundle, trust: Trust, verify: () => Signer): Signer {
  try {
    return verify();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const words = error instanceof Error ? causes(error) : String(error);
    throw new Refusal(faultOf(code, words, bundle, trust), words);
  }
}

function faultOf(code: string, words: string, bundle: Bundle, trust: Trust): BundleFault {
  const fault = FAULTS[code] ?? 'bundle-malformed';
  if (fault === 'certificate-untrusted' && /expired/.test(words)) return 'certificate-expired';
  if (fault === 'signature-invalid' && isOtherKey(bundle, trust)) return 'key-mismatch';
  return fault;
}

/** The hint of cosign and sigstore-go is the digest of the key; any other hint says nothing. */
function isOtherKey({ verificationMaterial: { content } }: Bundle, { material }: Trust): boolean {
  if (content.$case !== 'publicKey' || content.publicKey.hint === '') return false;
  const { hint } = content.publicKey;
  const key = material.publicKey(hint).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64') !== hint;
}

function causes(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${causes(cause)}` : error.message;
}

function identity({ identity: found }: Signer) {
  const extensions = (found?.oids ?? []).map(({ oid, value }) => ({ oid: (oid?.id ?? []).join('.'), value }));
  try {
    return identityOf(extensions);
  } catch (error) {
    throw new Refusal('certificate-untrusted', error instanceof Error ? error.message : String(error));
  }
}

/** The earliest proven time: timestamps, and entries that the log signed together with their time. */
function signingTime({ timestamps }: SignedEntity): { signedAt?: Date } {
  const times = timestamps.flatMap((each) => {
    if (each.$case === 'timestamp-authority') return [each.timestamp.signingTime.getTime()];
    const { inclusionPromise, integratedTime } = each.tlogEntry;
    return inclusionPromise === undefined ? [] : [Number(integratedTime) * 1000];
  });
  return times.length === 0 ? {} : { signedAt: new Date(Math.min(...times)) };
}

/** The index is signed with the time of an entry, or proven with its place in the tree. */
function logIndex({ verificationMaterial: { tlogEntries } }: Bundle): { logIndex?: string } {
  const [entry] = tlogEntries;
  if (entry === undefined) return {};
  const index = entry.inclusionPromise === undefined ? entry.inclusionProof?.logIndex : entry.logIndex;
  return index === undefined ? {} : { logIndex: index };
}
