import type { Descriptor } from '../../model/descriptor.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';
import type { BlobOutcome } from '../../ports/registry.ts';
import { RegistryFailure } from './failure.ts';
import type { Body } from './http.ts';
import { AddressError, resolveLocation } from './redirect.ts';
import { type Answer, type Call, placeOf, type Transport } from './transport.ts';

export type BlobPush = {
  readonly repository: Repository;
  readonly blob: Descriptor;
  readonly source: Source;
  readonly mountFrom: readonly Repository[];
  /** This run has brought it to the registry: it is hardly in this repository already. */
  readonly isNew?: boolean;
};

/** Where the bytes of a blob are. */
export type Source = { readonly path: string } | { readonly bytes: Uint8Array };

export type Session = { readonly url: URL };

const OCTETS = { 'content-type': 'application/octet-stream' };

/**
 * HEAD, else mount, else one streamed PUT to an upload session. What is new at the registry is mounted without a question,
 * and asked for only where it is not mounted. Bytes in memory are few and have just been made: they are sent at once.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
export async function pushBlob(transport: Transport, push: BlobPush): Promise<BlobOutcome> {
  const isThere = (): Promise<boolean> => blobExists((call) => transport.call(call), push);
  const mayBeThere = 'path' in push.source;
  const mountFirst = push.isNew === true && push.mountFrom.length > 0;
  if (mayBeThere && !mountFirst && (await isThere())) return 'existing';
  const mount = await tryMount(transport, push);
  if (mount === 'mounted') return mount;
  if (mayBeThere && mountFirst && (await isThere())) {
    if (mount !== undefined) await cancel(transport, push.repository, mount);
    return 'existing';
  }
  await upload(transport, push, mount);
  return 'uploaded';
}

export async function blobExists(
  send: Transport['call'],
  push: Pick<BlobPush, 'repository' | 'blob'>,
): Promise<boolean> {
  const head = callOf(push, { method: 'HEAD', to: `blobs/${push.blob.digest}`, expect: [200, 404] });
  return (await send(head)).status === 200;
}

/** Mounting is a favor: a registry that does not, or may not, opens an upload session or refuses, and the bytes are sent. */
export async function tryMount(
  transport: Transport,
  push: Omit<BlobPush, 'source'>,
): Promise<'mounted' | Session | undefined> {
  let session: Session | undefined;
  for (const from of push.mountFrom) {
    const to = `blobs/uploads/?${new URLSearchParams({ mount: push.blob.digest, from: from.path })}`;
    const call = { ...callOf(push, { method: 'POST', to, expect: [201, 202] }), from };
    try {
      const answer = await transport.once(call);
      if (session !== undefined) await cancel(transport, push.repository, session);
      if (answer.status === 201) return 'mounted';
      session = sessionOf(answer, call);
    } catch (error) {
      if (!(error instanceof RegistryFailure)) throw error;
    }
  }
  return session;
}

/** One attempt to open an upload session. */
export async function openSession(transport: Transport, repository: Repository): Promise<Session> {
  const call = { repository, access: 'push', method: 'POST', to: 'blobs/uploads/', expect: [202] } as const;
  return sessionOf(await transport.once(call), call);
}

/** Registries forget sessions by themselves, so a refusal to delete one is nothing. */
export async function cancel(transport: Transport, repository: Repository, session: Session): Promise<void> {
  const call = { repository, access: 'push', method: 'DELETE', to: session.url, expect: [204] } as const;
  await transport.once(call).catch(() => undefined);
}

async function upload(transport: Transport, push: BlobPush, opened: Session | undefined): Promise<void> {
  let session = opened;
  await transport.retrying(async (attempt) => {
    if (attempt > 1) {
      if (await blobExists((call) => transport.once(call), push)) return;
      if (session !== undefined && (await resume(transport, push, session))) return;
      session = undefined;
    }
    session ??= await openSession(transport, push.repository);
    try {
      await finish(transport, push, session, bodyFrom(push, 0));
    } catch (error) {
      throw asForgotten(error);
    }
  });
}

/** A session that the registry has forgotten is a break like any other: the next attempt opens a new one. */
export function asForgotten(error: unknown): unknown {
  if (!(error instanceof RegistryFailure) || !error.says('BLOB_UPLOAD_UNKNOWN')) return error;
  const { method, target, stage, errors, status = 404 } = error;
  return new RegistryFailure({ method, target, stage, errors, status, transient: true });
}

/**
 * After a break: asks how much arrived, and sends the rest. False when the registry cannot tell, has nothing, or does not
 * like the rest: then a new session is opened, and the bytes are sent from their start.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks
 */
async function resume(transport: Transport, push: BlobPush, session: Session): Promise<boolean> {
  const { blob } = push;
  try {
    const ask = callOf(push, { method: 'GET', to: session.url, expect: [204] });
    const answer = await transport.once(ask);
    const start = nextOffset(answer.headers.range);
    if (start === 0 || start > blob.size) return false;
    let current = answer.headers.location === undefined ? session : sessionOf(answer, ask);
    if (start < blob.size) {
      const headers = { ...OCTETS, 'content-range': `${start}-${blob.size - 1}` };
      const body = bodyFrom(push, start);
      const patch = { ...callOf(push, { method: 'PATCH', to: current.url, expect: [202] }), headers, body };
      current = sessionOf(await transport.once(patch), patch);
    }
    await finish(transport, push, current, undefined);
    return true;
  } catch (error) {
    if (error instanceof RegistryFailure) return false;
    throw error;
  }
}

/** `0-99` is 100 bytes. `0-0` is what registries say of an empty session. */
function nextOffset(range: string | undefined): number {
  const end = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(range ?? '')?.[1] ?? 0);
  return end === 0 ? 0 : end + 1;
}

export async function finish(
  transport: Transport,
  push: Pick<BlobPush, 'repository' | 'blob'>,
  session: Session,
  body: Body | undefined,
): Promise<void> {
  // The query is the registry's own (state, signatures) and stays as it is, byte for byte.
  const to = new URL(session.url);
  to.search = `${to.search === '' ? '?' : `${to.search}&`}digest=${encodeURIComponent(push.blob.digest)}`;
  const put = callOf(push, { method: 'PUT', to, expect: [201, 204] });
  const answer = await transport.once({ ...put, headers: OCTETS, ...(body === undefined ? {} : { body }) });
  requireAnswered(answer, push.blob.digest, push.repository);
}

function bodyFrom({ source, blob }: BlobPush, start: number): Body {
  if ('bytes' in source) return { kind: 'bytes', bytes: source.bytes.subarray(start) };
  return { kind: 'file', path: source.path, start, size: blob.size - start };
}

/** What the registry says it has stored must be what we sent. */
export function requireAnswered(answer: Answer, expected: Digest, repository: Repository): void {
  const said = answer.headers['docker-content-digest'];
  if (said === undefined || !isDigest(said) || said === expected) return;
  throw new ReleaseError(
    'DIGEST_MISMATCH',
    `${formatRepository(repository)} answers another digest than was sent: expected ${expected}, got ${said}`,
  );
}

function sessionOf(answer: Answer, call: Call): Session {
  const { location } = answer.headers;
  const fail = (reason: string): never => {
    throw new RegistryFailure({ ...placeOf(call), reason, transient: false });
  };
  if (location === undefined) return fail('an upload session without a Location');
  try {
    return { url: resolveLocation(location, answer.url) };
  } catch (error) {
    if (error instanceof AddressError) return fail(error.message);
    throw error;
  }
}

function callOf(push: Pick<BlobPush, 'repository'>, call: Pick<Call, 'method' | 'to' | 'expect'>): Call {
  return { ...call, repository: push.repository, access: 'push' };
}
