import { mapLimit } from '../../model/concurrency.ts';
import { ReleaseError, releaseErrorOf } from '../../model/errors.ts';
import type { PushedImage, TaggedImage, TagOutcome } from '../../model/image.ts';
import { decodeManifest, type Encoded } from '../../model/manifest.ts';
import type { Plan } from '../../model/plan.ts';
import type { ProvenImage } from '../../model/proven.ts';
import { formatReference } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import type { Registry } from '../../ports/registry.ts';
import { decideTag, needsAnnotations, type Present, type TagDecision, type Wish, wavesOf } from './decide.ts';

type TagPorts = Pick<Ports, 'registry' | 'log'>;
type Decided = { readonly wish: Wish; readonly decision: Exclude<TagDecision, { do: 'refuse' }> };

/** Two requests for a tag, mostly waiting: as many as the client has connections. */
const TAGS_AT_ONCE = 8;

/**
 * Sets the tags of all images at all registries, wave by wave (see `wavesOf`). All of them are read first, and one that is
 * refused stops everything before anything moved. Each is looked at again right before it is written, as another run may
 * have set it meanwhile; registries cannot compare and swap, so the moment of that write is left. `note` is told how the
 * tags stand whenever one was set, so that a run that fails or is cancelled in between still reports what it did.
 */
export async function tagImages(
  images: readonly ProvenImage[],
  plan: Plan,
  ports: TagPorts,
  note: (tagged: readonly TaggedImage[]) => void = () => undefined,
): Promise<readonly TaggedImage[]> {
  const decided = await decideAll(images.flatMap(wishesOf), plan, ports.registry);
  const settled = new Map<Wish, TagOutcome>();
  const settle = (each: Decided): void => {
    settled.set(each.wish, outcomeOf(each));
    ports.log.info(sentence(each));
  };
  for (const each of decided) if (!isWrite(each)) settle(each);
  const standing = (): readonly TaggedImage[] =>
    images.map((image) => ({
      ...image,
      tags: decided
        .filter(({ wish }) => wish.image === image.planned)
        .flatMap(({ wish }) => settled.get(wish) ?? []),
    }));
  note(standing());
  const manifests = new Map<PushedImage, Promise<Encoded>>();
  const write = async ({ wish }: Decided): Promise<void> => {
    const image = images.find(({ planned }) => planned === wish.image);
    if (image === undefined)
      throw new ReleaseError('INTERNAL', `no pushed image is named ${wish.image.name}`);
    const manifest = manifests.get(image) ?? readManifest(image, ports.registry);
    manifests.set(image, manifest);
    const bytes = await manifest;
    const decision = await decide(wish, plan, ports.registry);
    if (decision.do === 'refuse') throw releaseErrorOf([decision.problem]);
    const now = { wish, decision };
    if (isWrite(now)) await ports.registry.putManifest(wish.ref, bytes);
    settle(now);
    note(standing());
  };
  const planned = images.map((image) => image.planned);
  for (const wave of wavesOf(decided.filter(isWrite), planned)) await mapLimit(wave, TAGS_AT_ONCE, write);
  return standing();
}

function isWrite({ decision }: Decided): boolean {
  return decision.do === 'create' || decision.do === 'move';
}

function wishesOf({ planned: image, descriptor, subjects }: PushedImage): readonly Wish[] {
  return image.tags.flatMap((planned) =>
    subjects.map(({ repository }) => ({
      image,
      planned,
      ref: { repository, tag: planned.tag },
      digest: descriptor.digest,
    })),
  );
}

async function decideAll(
  wishes: readonly Wish[],
  plan: Plan,
  registry: Registry,
): Promise<readonly Decided[]> {
  const decisions = await mapLimit(wishes, TAGS_AT_ONCE, async (wish) => ({
    wish,
    decision: await decide(wish, plan, registry),
  }));
  const problems = decisions.flatMap(({ decision }) => (decision.do === 'refuse' ? [decision.problem] : []));
  if (problems.length > 0) throw releaseErrorOf(problems);
  return decisions.flatMap(({ wish, decision }) => (decision.do === 'refuse' ? [] : [{ wish, decision }]));
}

async function decide(wish: Wish, plan: Plan, registry: Registry): Promise<TagDecision> {
  return decideTag(wish, plan, await readPresent(wish, registry));
}

async function readPresent(wish: Wish, registry: Registry): Promise<Present | undefined> {
  const found = await registry.resolve(wish.ref);
  if (found === undefined) return undefined;
  const { digest } = found;
  if (digest === wish.digest || !needsAnnotations(wish)) return { digest, annotations: {} };
  const manifest = await registry.getManifest({ repository: wish.ref.repository, digest });
  return { digest, annotations: manifest === undefined ? {} : annotationsOf(manifest) };
}

/** Whatever somebody else put under the tag: what cannot be read has no annotations. */
function annotationsOf({ bytes }: Encoded): Present['annotations'] {
  try {
    return decodeManifest(bytes).annotations;
  } catch {
    return {};
  }
}

/** The very bytes that were pushed: a tag is set by writing them once more under its name. */
async function readManifest({ subjects }: PushedImage, registry: Registry): Promise<Encoded> {
  const [subject] = subjects;
  const manifest = subject === undefined ? undefined : await registry.getManifest(subject);
  if (manifest !== undefined) return manifest;
  const name = subject === undefined ? 'an image without a registry' : formatReference(subject);
  throw new ReleaseError('REGISTRY_UNAVAILABLE', `what was pushed is no longer there: ${name}`);
}

function outcomeOf({ wish: { ref, planned }, decision }: Decided): TagOutcome {
  const base = { ref, kind: planned.kind };
  switch (decision.do) {
    case 'create':
      return { ...base, outcome: 'created' };
    case 'unchanged':
      return { ...base, outcome: 'unchanged' };
    case 'move':
      return { ...base, outcome: 'moved', previous: decision.previous };
    case 'keep': {
      const { reason, previous } = decision;
      return { ...base, outcome: 'kept', reason, ...(previous === undefined ? {} : { previous }) };
    }
  }
}

function sentence({ wish, decision }: Decided): string {
  const tag = formatReference(wish.ref);
  switch (decision.do) {
    case 'create':
      return `The tag ${tag} was created.`;
    case 'unchanged':
      return `The tag ${tag} is unchanged.`;
    case 'move':
      return `The tag ${tag} was moved from ${decision.previous}.`;
    case 'keep':
      return `The tag ${tag} was left alone: ${decision.reason}.`;
  }
}
