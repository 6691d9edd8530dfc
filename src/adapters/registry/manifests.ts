import type { Descriptor } from '../../model/descriptor.ts';
import { isDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import {
  describeBytes,
  type Encoded,
  MANIFEST_TYPES,
  mediaTypeOf,
  requireDigest,
} from '../../model/manifest.ts';
import { formatReference, isDigestRef, type Reference } from '../../model/reference.ts';
import { RegistryFailure } from './failure.ts';
import { READ_BACK, RETRY } from './retry.ts';
import { type Answer, type AnswerWithBytes, type Call, placeOf, type Transport } from './transport.ts';
import { requireAnswered } from './uploads.ts';

/** What registries must take at least, and hardly any takes more. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
export const MANIFEST_BYTES = 4 * 1024 * 1024;
/** What a busy registry asks for (Retry-After) is kept as it is everywhere. */
const PATIENT_READ_BACK = { ...READ_BACK, totalMs: RETRY.totalMs };
const ACCEPT = { accept: MANIFEST_TYPES.join(', ') };

type Access = Call['access'];

/** HEAD; where a registry leaves something out of the headers, the manifest itself is read. */
export async function resolveManifest(
  transport: Transport,
  ref: Reference,
  access: Access,
): Promise<Descriptor | undefined> {
  return readHead(ref, await transport.call(readCall(ref, 'HEAD', access)), () =>
    getManifest(transport, ref, access),
  );
}

/** The same without retries. */
export async function resolveManifestOnce(
  transport: Transport,
  ref: Reference,
  access: Access,
): Promise<Descriptor | undefined> {
  return readHead(ref, await transport.once(readCall(ref, 'HEAD', access)), () =>
    getManifestOnce(transport, ref, access),
  );
}

async function readHead(
  ref: Reference,
  answer: Answer,
  read: () => Promise<Encoded | undefined>,
): Promise<Descriptor | undefined> {
  if (answer.status === 404) return undefined;
  const digest = answer.headers['docker-content-digest'];
  const mediaType = mediaTypeOfHeader(answer.headers['content-type']);
  const length = answer.headers['content-length'];
  if (digest === undefined || !isDigest(digest) || mediaType === undefined || !/^\d+$/.test(length ?? ''))
    return (await read())?.descriptor;
  if (isDigestRef(ref) && digest !== ref.digest) throw mismatch(ref, ref.digest, digest);
  return { mediaType, digest, size: Number(length) };
}

/** By digest the bytes are checked against it; by tag their own hash is the truth, and the header must agree. */
export async function getManifest(
  transport: Transport,
  ref: Reference,
  access: Access,
): Promise<Encoded | undefined> {
  return readManifest(ref, await transport.bytes(readCall(ref, 'GET', access), MANIFEST_BYTES));
}

/** The same without retries, for whoever must not act on what was read a while ago. */
export async function getManifestOnce(
  transport: Transport,
  ref: Reference,
  access: Access,
): Promise<Encoded | undefined> {
  return readManifest(ref, await transport.onceBytes(readCall(ref, 'GET', access), MANIFEST_BYTES));
}

function readManifest(ref: Reference, answer: AnswerWithBytes): Encoded | undefined {
  if (answer.status === 404) return undefined;
  const encoded = describeBytes(answer.bytes, mediaTypeOfAnswer(answer, ref));
  if (isDigestRef(ref)) requireDigest(answer.bytes, ref.digest, formatReference(ref));
  const said = answer.headers['docker-content-digest'];
  if (said !== undefined && isDigest(said) && said !== encoded.descriptor.digest)
    throw mismatch(ref, said, encoded.descriptor.digest);
  return encoded;
}

/** PUT, then read back until the registry shows what was written: some need a moment, also for a tag that moved. */
export async function putManifest(transport: Transport, ref: Reference, manifest: Encoded): Promise<void> {
  const { digest } = manifest.descriptor;
  await sendManifest(transport, ref, manifest);
  await transport.retrying(async (attempt) => {
    // distribution answers 500 while it writes the same manifest under another tag: that is over in milliseconds.
    const look = attempt === 1 ? resolveManifestOnce : resolveManifest;
    const found = await look(transport, ref, 'push');
    if (found?.digest === digest) return;
    const place = placeOf({ method: 'HEAD', repository: ref.repository });
    if (found === undefined)
      throw new RegistryFailure({
        ...place,
        reason: `${digest} was written and is not there`,
        transient: true,
      });
    const reason = `${formatReference(ref)} was written as ${digest} and is read back as ${found.digest}`;
    throw new NotReadBack({ ...place, reason, transient: true });
  }, PATIENT_READ_BACK);
}

/**
 * PUT with retries, not read back. `subject`: the registry lists the manifest as a referrer of it by itself.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
export async function sendManifest(
  transport: Transport,
  ref: Reference,
  manifest: Encoded,
): Promise<{ readonly subject?: string }> {
  const { digest } = manifest.descriptor;
  if (isDigestRef(ref) && ref.digest !== digest) throw mismatch(ref, ref.digest, digest);
  const answer = await transport.retrying(() =>
    putManifestOnce(transport, ref, manifest).catch((error) => Promise.reject(asUnsettled(error))),
  );
  const subject = answer.headers['oci-subject'];
  return subject === undefined ? {} : { subject };
}

/** One PUT, not read back. */
export async function putManifestOnce(
  transport: Transport,
  ref: Reference,
  { bytes, descriptor }: Encoded,
): Promise<Answer> {
  const answer = await transport.once({
    ...manifestCall(ref, 'PUT', 'push', [200, 201, 202]),
    headers: { 'content-type': descriptor.mediaType },
    body: { kind: 'bytes', bytes },
  });
  requireAnswered(answer, descriptor.digest, ref.repository);
  return answer;
}

/** Something else than was written shows up. */
export class NotReadBack extends RegistryFailure {}

/** A registry may need a moment before it knows a blob or a member that it has just taken. */
function asUnsettled(error: unknown): unknown {
  if (!(error instanceof RegistryFailure) || error.transient) return error;
  if (!error.says('MANIFEST_BLOB_UNKNOWN') && !error.says('MANIFEST_UNKNOWN') && !error.says('BLOB_UNKNOWN'))
    return error;
  const { method, target, stage, errors, status = 404 } = error;
  return new RegistryFailure({ method, target, stage, errors, status, transient: true });
}

function readCall(ref: Reference, method: 'HEAD' | 'GET', access: Access): Call {
  return { ...manifestCall(ref, method, access, [200, 404]), headers: ACCEPT };
}

function manifestCall(ref: Reference, method: Call['method'], access: Access, expect: Call['expect']): Call {
  const to = `manifests/${isDigestRef(ref) ? ref.digest : ref.tag}`;
  return { repository: ref.repository, access, method, to, expect };
}

function mediaTypeOfHeader(header: string | undefined): string | undefined {
  const type = header?.split(';')[0]?.trim().toLowerCase();
  return MANIFEST_TYPES.find((known) => known === type);
}

function mediaTypeOfAnswer(answer: AnswerWithBytes, ref: Reference): string {
  const type = mediaTypeOfHeader(answer.headers['content-type']);
  if (type !== undefined) return type;
  try {
    return mediaTypeOf(answer.bytes);
  } catch (cause) {
    const message = `the registry answers no manifest: ${formatReference(ref)}`;
    throw new ReleaseError('REGISTRY_UNAVAILABLE', message, { cause });
  }
}

function mismatch(ref: Reference, expected: string, actual: string): ReleaseError {
  return new ReleaseError('DIGEST_MISMATCH', `${formatReference(ref)}: expected ${expected}, got ${actual}`);
}
