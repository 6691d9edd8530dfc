import * as z from 'zod/mini';
import { parseDigest } from '../../../model/digest.ts';
import type { PublishJob, SecurityScan, TrustedSigner } from '../../../model/publish.ts';

/** A field that is not what we know is as good as absent: the server is young, and only its clients are documented. */
const text = z.catch(z.optional(z.string()), undefined);

/** `{success, data}` round everything, or nothing round it; no body is an empty answer. Undefined: no JSON object. */
export function readBody(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const body = new TextDecoder().decode(bytes);
  if (body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    const parsed = z.record(z.string(), z.unknown()).safeParse(value);
    if (!parsed.success) return undefined;
    const { success, data } = parsed.data;
    const inner = z.record(z.string(), z.unknown()).safeParse(data);
    return success === true && inner.success ? inner.data : parsed.data;
  } catch {
    return undefined;
  }
}

const words = z.object({ code: text, message: text, detail: text });
const refusal = z.object({
  code: text,
  message: text,
  error: z.catch(z.optional(z.union([words, z.string()])), undefined),
  detail: z.catch(z.optional(z.union([words, z.string()])), undefined),
});

const LONGEST = 500;

/** The platform's own code and words, of the forms that its clients read; control characters are gone. */
export function readRefusal(body: Readonly<Record<string, unknown>>): { code?: string; message?: string } {
  const { error, detail, ...root } = refusal.parse(body);
  const inError = typeof error === 'object' ? [error.message, error.detail] : [error];
  const inDetail = typeof detail === 'object' ? [detail.message] : [detail];
  const message = clean([...inError, ...inDetail, root.message].find((each) => each !== undefined));
  const code = clean((typeof error === 'object' ? error.code : undefined) ?? root.code);
  return { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
}

function clean(words: string | undefined): string | undefined {
  const line = words
    ?.replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, LONGEST)
    .toWellFormed();
  return line === '' ? undefined : line;
}

/** The digest and the id that a conflict names, wherever they stand. */
export function readConflict(body: Readonly<Record<string, unknown>>) {
  const places = [
    body,
    member(body, 'error'),
    member(body, 'details'),
    member(member(body, 'error'), 'details'),
  ];
  const find = (keys: readonly string[]) =>
    places.flatMap((place) => keys.map((key) => place[key])).find((each) => typeof each === 'string');
  const named = find(['digest', 'imageDigest', 'image_digest', 'imageRef', 'image_ref', 'image']);
  const digest = parseDigest(typeof named === 'string' ? named.slice(named.indexOf('@') + 1) : '');
  const id = readId(find(['publishId', 'publish_id']));
  return { ...(digest === undefined ? {} : { digest }), ...(id === undefined ? {} : { id }) };
}

function member(value: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(value[key]);
  return parsed.success ? parsed.data : {};
}

/** An id gets into addresses, commands and outputs, so it is plain. */
function readId(id: unknown): string | undefined {
  return typeof id === 'string' && /^[\w.:-]{1,200}$/.test(id) ? id : undefined;
}

const job = z.object({
  publishId: text,
  id: text,
  status: text,
  state: text,
  currentPhase: text,
  failurePhase: text,
  failureReason: text,
  reason: text,
  message: text,
  logsUrl: text,
  securityScan: z.catch(
    z.optional(
      z.object({
        status: text,
        severityCounts: z.catch(z.record(z.string(), z.int()), {}),
        failedSeverities: z.catch(z.array(z.string()), []),
        message: text,
      }),
    ),
    undefined,
  ),
});

const STATES: ReadonlyMap<string, PublishJob['state']> = new Map([
  ['submitted', 'submitted'],
  ['completed', 'published'],
  ['approved', 'published'],
  ['failed', 'failed'],
  ['rejected', 'rejected'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
]);

/** `status` counts where it is given, else `state`; what nobody knows is still going on. */
export function readJob(body: Readonly<Record<string, unknown>>): PublishJob {
  const found = job.parse(body);
  const status = (clean(found.status) ?? clean(found.state) ?? 'accepted').toLowerCase();
  // `in_progress` beside the state SUBMITTED: a person has to approve it.
  const isSubmitted = found.state?.toLowerCase() === 'submitted' && !STATES.has(status);
  const state = isSubmitted ? 'submitted' : (STATES.get(status) ?? 'running');
  const id = readId(found.publishId) ?? readId(found.id);
  const phase = clean(found.failurePhase ?? found.currentPhase);
  const reason = clean(found.failureReason ?? found.reason) ?? (isFailure(state) ? saidOf(body) : undefined);
  const logsUrl = clean(found.logsUrl);
  const scan = readScan(found.securityScan);
  return {
    status,
    state,
    ...(id === undefined ? {} : { id }),
    ...(phase === undefined ? {} : { phase }),
    ...(reason === undefined ? {} : { reason }),
    ...(logsUrl === undefined ? {} : { logsUrl }),
    ...(scan === undefined ? {} : { scan }),
  };
}

/** A code that came without a reason is shown as it is. */
function saidOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const { code, message } = readRefusal(body);
  return [code, message].filter((each) => each !== undefined).join(': ') || undefined;
}

function isFailure(state: PublishJob['state']): boolean {
  return state === 'failed' || state === 'rejected' || state === 'cancelled';
}

function readScan(found: z.infer<typeof job>['securityScan']): SecurityScan | undefined {
  if (found === undefined) return undefined;
  const status = clean(found.status);
  const message = clean(found.message);
  const counts = Object.entries(found.severityCounts).slice(0, 10);
  return {
    counts: Object.fromEntries(counts.map(([name, number]) => [clean(name) ?? '', number])),
    failed: found.failedSeverities.slice(0, 10).flatMap((each) => clean(each) ?? []),
    ...(status === undefined ? {} : { status }),
    ...(message === undefined ? {} : { message }),
  };
}

const signer = z.object({
  type: z.string(),
  identityRegexp: text,
  identity_regexp: text,
  oidcIssuer: text,
  oidc_issuer: text,
  publicKeyPem: text,
  public_key_pem: text,
});

/** Undefined when the answer has no such list. */
export function readSigners(body: Readonly<Record<string, unknown>>): readonly TrustedSigner[] | undefined {
  const list = body.trustedSigners ?? body.trusted_signers;
  if (!Array.isArray(list)) return undefined;
  return list.slice(0, 100).flatMap((each: unknown): readonly TrustedSigner[] => {
    const parsed = signer.safeParse(each);
    if (!parsed.success) return [];
    const { data } = parsed;
    const identityRegexp = data.identityRegexp ?? data.identity_regexp;
    const issuer = data.oidcIssuer ?? data.oidc_issuer;
    const publicKey = data.publicKeyPem ?? data.public_key_pem;
    return [
      {
        type: data.type,
        ...(identityRegexp === undefined ? {} : { identityRegexp }),
        ...(issuer === undefined ? {} : { issuer }),
        ...(publicKey === undefined ? {} : { publicKey }),
      },
    ];
  });
}
