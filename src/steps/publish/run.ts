import type { Descriptor } from '../../model/descriptor.ts';
import { ReleaseError, toReleaseError } from '../../model/errors.ts';
import type { PublishedModule, PublishJob, PublishRequest } from '../../model/publish.ts';
import { type DigestRef, formatReference } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import type { JobReading } from '../../ports/publish-api.ts';
import { failureOf, outcomeOf, versionExists } from './outcome.ts';
import {
  idempotencyKey,
  type Noted,
  type Publishing,
  RECORD_TYPE,
  readRecords,
  recordReferrer,
} from './record.ts';
import type { ManifestSigner } from './sign.ts';
import { hasEnded, pauseAfter, waitForJob } from './wait.ts';

export { publishManifest } from './manifest.ts';
export { bumpHint, versionExists } from './outcome.ts';
export { generateSigner, loadSigner, type ManifestSigner } from './sign.ts';
export { distrust, type ImageSigner } from './trust.ts';

type PublishPorts = Pick<Ports, 'anonymousRegistry' | 'clock' | 'log' | 'publishApi' | 'registry'>;

/** One module and the image that was released for it. */
export type PublishTask = {
  readonly image: string;
  readonly request: PublishRequest & { readonly image: DigestRef };
  /** What the reference points at. */
  readonly descriptor: Descriptor;
  readonly signer?: ManifestSigner;
};

export type Patience = { readonly wait: boolean; readonly timeoutSeconds: number };

/**
 * Makes the platform have this version, once: what an earlier run has published is found by the note beside the image, and
 * a request whose end nobody saw is repeated with the same Idempotency-Key. `note` is told what is known as soon as it
 * is, also before an error. Throws PUBLISH_VERSION_EXISTS, PUBLISH_FAILED, PUBLISH_TIMEOUT and what the platform's adapter throws.
 */
export async function publishModule(
  task: PublishTask,
  patience: Patience,
  ports: PublishPorts,
  note: (module: PublishedModule) => void,
): Promise<PublishedModule> {
  const { request } = task;
  const of = publishingOf(request, ports);
  const noted = readRecords(await ports.registry.referrers(request.image, RECORD_TYPE), of);
  const known = await readKnown(noted.at(-1), ports);
  const isGood = known !== undefined && !isFailure(known);
  const told = isGood ? { job: known, isNew: false } : await tell(task, of, noted.length, ports);
  // Whatever ends the wait, the job is known.
  note({
    ...aboutOf(task, ports),
    outcome: outcomeOf(told.job, false, false),
    job: told.job,
    ...watchOf(told.job, ports),
  });
  const watched = await watch(told.job, request, patience, ports);
  const outcome = outcomeOf(watched.job, patience.wait, watched.late);
  const module: PublishedModule = {
    ...aboutOf(task, ports),
    outcome: outcome === 'published' && !told.isNew ? 'unchanged' : outcome,
    job: watched.job,
    ...watchOf(watched.job, ports),
  };
  ports.log.info(`${module.name} ${module.version} at ${module.platform}: ${module.outcome}.`);
  note(module);
  const failure = failureOf(module, patience.timeoutSeconds);
  if (failure !== undefined) throw failure;
  return module;
}

function publishingOf(
  { name, version, scope, org }: PublishRequest,
  { publishApi }: PublishPorts,
): Publishing {
  return { realm: publishApi.realm, name, version, scope, ...(org === undefined ? {} : { org }) };
}

function aboutOf({ image, request, signer }: PublishTask, { publishApi }: PublishPorts) {
  const { name, version, scope, image: ref } = request;
  const about = { image, name, version, ref, scope, platform: publishApi.name };
  if (signer === undefined) return about;
  const { publicKey, fingerprint, origin } = signer;
  return { ...about, identity: { publicKey, fingerprint, origin } };
}

function watchOf({ id }: PublishJob, { publishApi }: PublishPorts): { readonly watch?: string } {
  const watch = id === undefined ? undefined : publishApi.watchCommand?.(id);
  return watch === undefined ? {} : { watch };
}

function isFailure({ state }: PublishJob): boolean {
  return state === 'failed' || state === 'rejected' || state === 'cancelled';
}

const ASKS = 4;
const PAUSE_MS = 2000;

/** What became of the last request of an earlier run; undefined when there is none, or the platform has forgotten it. */
async function readKnown(
  last: Noted | undefined,
  { publishApi, clock }: PublishPorts,
): Promise<PublishJob | undefined> {
  if (last === undefined) return undefined;
  // Nothing can be asked: the platform took it, and that was the end of it.
  if (publishApi.status === undefined || last.id === undefined)
    return { status: 'accepted', state: 'published', ...(last.id === undefined ? {} : { id: last.id }) };
  let reason = '';
  let reading: JobReading | undefined;
  for (let asked = 0; asked < ASKS; asked += 1) {
    if (asked > 0) await clock.sleep(pauseAfter(reading, PAUSE_MS * 2 ** asked));
    reading = await publishApi.status(last.id);
    if (reading.kind === 'job') return reading.job;
    if (reading.kind === 'missing') return undefined;
    reason = reading.reason;
  }
  // To publish without knowing could be a second time.
  throw new ReleaseError(
    'PUBLISH_UNAVAILABLE',
    `the job ${last.id} of an earlier run cannot be read: ${reason}`,
  );
}

type Told = { readonly job: PublishJob; readonly isNew: boolean };

async function tell(task: PublishTask, of: Publishing, earlier: number, ports: PublishPorts): Promise<Told> {
  const { request } = task;
  const { publishApi, log } = ports;
  await warnWhenPrivate(request.image, ports);
  const answer = await publishApi.publish(request, idempotencyKey(of, request.image, earlier));
  if (answer.kind === 'job') {
    log.info(
      `${publishApi.name} took ${request.name} ${request.version}: ${formatReference(request.image)}.`,
    );
    await remember(task, of, answer.job.id, ports);
    return { job: answer.job, isNew: true };
  }
  const isSame = answer.sameRequest || answer.digest === request.image.digest;
  if (!isSame) throw versionExists(aboutOf(task, ports), answer.digest, answer.message);
  log.info(`${publishApi.name} has ${request.name} ${request.version} already, with these bytes.`);
  const job = await readKnown({ at: '', ...(answer.id === undefined ? {} : { id: answer.id }) }, ports);
  return { job: job ?? { status: 'accepted', state: 'published' }, isNew: false };
}

/** The note beside the image. Without it a re-run asks again with the same key, so it is no reason to fail. */
async function remember(
  { request, descriptor }: PublishTask,
  of: Publishing,
  id: string | undefined,
  { registry, clock, log }: PublishPorts,
): Promise<void> {
  const at = clock.now().toISOString();
  const referrer = recordReferrer(descriptor, of, { at, ...(id === undefined ? {} : { id }) });
  try {
    await registry.attach(request.image, [referrer]);
  } catch (error) {
    const { code, message } = toReleaseError(error);
    log.warning(
      `It could not be noted beside the image that it was published (${code}: ${message}). A re-run asks the platform again with the same Idempotency-Key.`,
    );
  }
}

async function watch(
  job: PublishJob,
  { scope }: PublishRequest,
  { wait, timeoutSeconds }: Patience,
  ports: PublishPorts,
): Promise<{ readonly job: PublishJob; readonly late: boolean }> {
  const { status } = ports.publishApi;
  if (!wait || status === undefined || job.id === undefined || hasEnded(job, scope))
    return { job, late: false };
  return waitForJob({ id: job.id, first: job, scope, timeoutSeconds, status }, ports);
}

/** The platform pulls with its own credential, which the client never sends. */
async function warnWhenPrivate(
  ref: DigestRef,
  { anonymousRegistry, log }: Pick<PublishPorts, 'anonymousRegistry' | 'log'>,
): Promise<void> {
  if (await isPublic(ref, anonymousRegistry)) return;
  const { registry, path } = ref.repository;
  const scope = registry === 'ghcr.io' ? ' (for ghcr.io a token of a machine user with `read:packages`)' : '';
  log.warning(
    `Nobody can pull ${formatReference(ref)} without credentials. The platform needs a read-only credential for ${registry}/${path}${scope}, given to its team once; or make the package public.`,
  );
}

async function isPublic(ref: DigestRef, anonymous: PublishPorts['anonymousRegistry']): Promise<boolean> {
  try {
    return (await anonymous.resolve(ref)) !== undefined;
  } catch (error) {
    const { code } = toReleaseError(error);
    // A registry that does not answer now says nothing about its doors.
    return code !== 'REGISTRY_LOGIN' && code !== 'REGISTRY_FORBIDDEN' && code !== 'REGISTRY_NOT_FOUND';
  }
}
