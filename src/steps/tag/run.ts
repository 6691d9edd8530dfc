import { mapLimit } from '../../model/concurrency.ts';
import { ReleaseError, releaseErrorOf } from '../../model/errors.ts';
import type { PushedImage, TaggedImage, TagOutcome } from '../../model/image.ts';
import { decodeManifest, type Encoded } from '../../model/manifest.ts';
import type { Plan } from '../../model/plan.ts';
import { type DigestRef, formatReference } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { decideTag, type Present, type TagDecision, type TagRequest } from './decide.ts';

type TagPorts = Pick<Ports, 'log' | 'registry'>;
type Decided = { readonly subject: DigestRef; readonly request: TagRequest; readonly decision: TagDecision };

const AT_ONCE = 8;

/**
 * Sets the tags of all images at all registries. The state of every tag is read first and refused as a whole; then the
 * immutable tags are set, then the moving ones, each with the very bytes that the digest names.
 */
export async function tagImages(
  images: readonly PushedImage[],
  plan: Plan,
  ports: TagPorts,
): Promise<readonly TaggedImage[]> {
  const decided = await mapLimit(requestsOf(images, plan), AT_ONCE, async ({ subject, request }) => {
    const decision = decideTag(request, await lookAt(request, ports));
    return { subject, request, decision };
  });
  const problems = decided.flatMap(({ decision }) => (decision.do === 'refuse' ? [decision.problem] : []));
  if (problems.length > 0) throw releaseErrorOf(problems);

  const bytes = manifestCache(ports);
  for (const kind of ['immutable', 'moving'] as const) {
    const wanted = decided.filter(({ request }) => request.planned.kind === kind);
    await mapLimit(wanted, AT_ONCE, (each) => set(each, bytes, ports));
  }
  return images.map((image) => ({
    ...image,
    tags: decided.filter(({ request }) => request.image === image.planned).map(outcomeOf),
  }));
}

function requestsOf(images: readonly PushedImage[], plan: Plan) {
  return images.flatMap((image) =>
    image.subjects.flatMap((subject) =>
      image.planned.tags.map((planned) => ({
        subject,
        request: {
          ref: { repository: subject.repository, tag: planned.tag },
          planned,
          image: image.planned,
          digest: subject.digest,
          revision: plan.revision,
          ...(plan.version === undefined ? {} : { version: plan.version }),
        },
      })),
    ),
  );
}

/** Annotations are read only where they decide: when the tag holds something else. */
async function lookAt({ ref, digest }: TagRequest, { registry }: TagPorts): Promise<Present | undefined> {
  const there = await registry.resolve(ref);
  if (there === undefined) return undefined;
  if (there.digest === digest) return { digest, annotations: {} };
  const manifest = await registry.getManifest(ref);
  if (manifest === undefined) return undefined;
  return { digest: manifest.descriptor.digest, annotations: decodeManifest(manifest.bytes).annotations };
}

/** The bytes of a digest, asked for once. */
function manifestCache({ registry }: TagPorts): (subject: DigestRef) => Promise<Encoded> {
  const known = new Map<string, Promise<Encoded>>();
  const get = async (subject: DigestRef): Promise<Encoded> => {
    const manifest = await registry.getManifest(subject);
    if (manifest !== undefined) return manifest;
    throw new ReleaseError('DIGEST_MISMATCH', `${formatReference(subject)} was pushed and is gone again`);
  };
  return (subject) => {
    const key = formatReference(subject);
    const asked = known.get(key) ?? get(subject);
    known.set(key, asked);
    return asked;
  };
}

async function set(
  { subject, request, decision }: Decided,
  bytes: (subject: DigestRef) => Promise<Encoded>,
  { log, registry }: TagPorts,
): Promise<void> {
  const name = formatReference(request.ref);
  switch (decision.do) {
    case 'create':
    case 'move':
      await registry.putManifest(request.ref, await bytes(subject));
      log.info(
        decision.do === 'move'
          ? `${name} moved from ${decision.from} to ${subject.digest}.`
          : `${name} now names ${subject.digest}.`,
      );
      return;
    case 'keep':
      log.info(`${name} is left alone, because ${decision.reason}.`);
      return;
    case 'unchanged':
    case 'refuse':
  }
}

function outcomeOf({ request, decision }: Decided): TagOutcome {
  const tag = { ref: request.ref, kind: request.planned.kind };
  switch (decision.do) {
    case 'create':
      return { ...tag, outcome: 'created' };
    case 'move':
      return { ...tag, outcome: 'moved', previous: decision.from };
    case 'keep':
      return {
        ...tag,
        outcome: 'kept',
        reason: decision.reason,
        ...(decision.holds === undefined ? {} : { previous: decision.holds }),
      };
    case 'unchanged':
    case 'refuse':
      return { ...tag, outcome: 'unchanged' };
  }
}
