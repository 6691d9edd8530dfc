import type { ReleaseSelector } from '../model/channel.ts';
import { mapLimit } from '../model/concurrency.ts';
import type { Digest } from '../model/digest.ts';
import { ReleaseError } from '../model/errors.ts';
import type { Plan, PlannedImage } from '../model/plan.ts';
import type { ChannelDocument, ChannelEntry, ChannelState } from '../model/promotion.ts';
import type { Repository } from '../model/reference.ts';
import { parseVersion, versionTag } from '../model/version.ts';
import type { Candidate } from '../plan/channel-order.ts';
import { aliasesOf, decideRollback, entryNamed, isWithdrawn, previousEntry } from '../plan/rollback-order.ts';
import type { Ports } from '../ports/index.ts';
import { type ChannelLook, datedBy } from './channel-look.ts';
import { moveChannel } from './channel-move.ts';
import type { RecordSigner } from './channel-record.ts';
import { homeOf, homesOf, openFor } from './channel-trust.ts';
import { proveSources } from './move-proof.ts';
import { requireOneRelease, resolveSources, type SourceImage } from './move-source.ts';
import { moveSigner, startMove } from './move-start.ts';
import type { Progress } from './progress.ts';
import { immutableName, itemOf, movedImage, promotionOf } from './promote.ts';
import type { Start } from './start.ts';

/**
 * The command `rollback`: moves a channel back on all images, aliases and records, to what was live before or to what is
 * named. It needs the registry and a trusted root, and nothing that builds or signs.
 */
export async function rollbackChannel(start: Start, progress: Progress, ports: Ports): Promise<void> {
  const plan = await startMove(start, start.inputs.channels.to, progress, ports);
  const ready = await progress.always('preflight', () => prepare(start, plan, ports));
  const { sources, candidate, look, signer, target } = ready;
  const { evidence } = await proveSources(start, plan, sources, progress, ports);
  const move = await progress.step(plan, 'promote', async () => {
    const done = await moveChannel(
      start,
      {
        kind: 'rollback',
        promotion: promotionOf(plan),
        candidate,
        items: sources.map(itemOf),
        evidence,
        look,
        signer,
        ...(target === undefined ? {} : { target }),
      },
      ports,
      (found) => progress.note({ promotions: [found] }),
    );
    progress.note({ images: sources.map(movedImage) });
    return done;
  });
  progress.skipRest(plan);
  const status = move === undefined ? 'planned' : move.status === 'unchanged' ? 'unchanged' : 'rolled-back';
  progress.note({ status });
}

type Ready = {
  readonly sources: readonly SourceImage[];
  readonly candidate: Candidate;
  readonly look: ChannelLook;
  readonly signer: RecordSigner;
  /** The serial of the entry that comes back. */
  readonly target?: number;
};

async function prepare(start: Start, plan: Plan, ports: Ports): Promise<Ready> {
  const { channel } = promotionOf(plan);
  const repository = plan.images[0]?.repositories[0];
  if (repository === undefined)
    throw new ReleaseError('INPUT_INVALID', 'there is no image to roll back', {
      hint: 'Declare the images in the config, or name one by `image`.',
    });
  const signer = await moveSigner(start, plan, ports);
  const state = await openFor(
    start,
    {
      channel,
      home: homeOf(start, channel, repository),
      kind: 'rollback',
      signer,
      own: [],
      unattested: start.inputs.verify.require.length === 0,
    },
    ports,
  );
  const entry = entryOf(start, state, ports);
  const sources = await sourcesOf(start, plan, entry, ports);
  const [first] = sources;
  if (first === undefined) throw new ReleaseError('INTERNAL', 'a rollback of no image');
  const target = {
    version: entry?.version ?? versionOf(start, first),
    immutable_tag: entry?.immutable_tag ?? immutableOf(start, first),
    moving_tags: entry?.moving_tags ?? [],
    digest: first.ref.digest,
    ...(entry === undefined ? {} : { serial: entry.serial }),
  };
  refuseWithdrawn(start, state, target);
  const present = await presentOf(
    first.planned.repositories[0] ?? repository,
    aliasesOf(state.document, channel, target),
    ports,
  );
  const { revision = '', committed } = datedBy(first.annotations);
  const version = parseVersion(target.version);
  const date = entry?.revision_date === undefined ? committed : new Date(entry.revision_date);
  return {
    sources,
    candidate: {
      digest: first.ref.digest,
      revision: entry?.revision ?? revision,
      immutableTag: target.immutable_tag,
      ...(version === undefined ? {} : { version }),
      ...(date === undefined ? {} : { committed: date }),
    },
    signer,
    look: { state, order: decideRollback(state.document, channel, target, present) },
    ...(entry === undefined ? {} : { target: entry.serial }),
  };
}

/** The entry of the record that is meant; undefined where the record does not have it. */
function entryOf(
  { inputs }: Start,
  { document, channel, home }: ChannelState,
  { log }: Pick<Ports, 'log'>,
): ChannelEntry | undefined {
  const { to } = inputs.channels;
  if (to.kind === 'name') return document === undefined ? undefined : entryNamed(document, to.name);
  if (to.kind !== 'previous') return document === undefined ? undefined : entryWith(document, to);
  const found = document === undefined ? undefined : previousEntry(document);
  if (found === 'already') {
    log.notice(
      `The channel ${channel} was rolled back already, to ${document?.version ?? ''}: name a version to go further back.`,
    );
    return document;
  }
  if (found !== undefined) return found;
  const where = `${home.record.repository.registry}/${home.record.repository.path}:${home.record.tag}`;
  throw new ReleaseError('INPUT_INVALID', `nothing is known of what ${channel} was before: ${where}`, {
    hint: 'Name what it goes back to by `to`: a version, another tag, or digests.',
  });
}

function entryWith(document: ChannelDocument, selector: ReleaseSelector): ChannelEntry | undefined {
  if (selector.kind !== 'digests') return undefined;
  const digests = new Set(selector.digests.map(({ digest }) => digest));
  return [document, ...document.history].find(
    ({ images }) => images.length === digests.size && images.every(({ digest }) => digests.has(digest)),
  );
}

/** The digests of the record where it names them: they need no tag, and no build definition that still knows the images. */
async function sourcesOf(
  start: Start,
  plan: Plan,
  entry: ChannelEntry | undefined,
  ports: Ports,
): Promise<readonly SourceImage[]> {
  const { to } = start.inputs.channels;
  if (entry === undefined) {
    const sources = await resolveSources(plan.images, to, ports);
    requireOneRelease(sources, to);
    return sources;
  }
  const images = entry.images.map(({ image }) => plannedOf(start, image, plan));
  const extra = plan.images.filter(({ name }) => !images.some((image) => image.name === name));
  for (const { name } of extra)
    ports.log.warning(
      `The image ${name} is not part of what the channel goes back to, and stays where it is.`,
    );
  const digests = entry.images.map(({ image, digest }) => ({ image, digest }));
  return resolveSources(images, { kind: 'digests', digests }, ports);
}

/** Where the plan has the image, else where this run would have it: a record has no say in which repositories are written. */
export function plannedOf(start: Start, name: string, plan: Plan): PlannedImage {
  const known = plan.images.find((image) => image.name === name);
  if (known !== undefined) return known;
  return {
    name,
    source: { kind: 'registry', reference: name },
    repositories: homesOf(start, name),
    tags: [],
    platforms: [],
    labels: {},
    annotations: { index: {}, manifest: {} },
    parents: [],
  };
}

function versionOf({ inputs }: Start, { annotations }: SourceImage): string {
  const { to, channel = '' } = inputs.channels;
  const asked = to.kind === 'name' ? parseVersion(to.name) : undefined;
  return asked?.raw ?? datedBy(annotations).version?.raw ?? channel;
}

function immutableOf(start: Start, source: SourceImage): string {
  const version = parseVersion(versionOf(start, source));
  const { to } = start.inputs.channels;
  if (version !== undefined) return versionTag(version);
  if (to.kind === 'name') return to.name;
  return immutableName(datedBy(source.annotations).revision ?? '', source.ref.digest);
}

function refuseWithdrawn(
  { inputs }: Start,
  { document, channel }: ChannelState,
  target: Pick<ChannelEntry, 'version' | 'immutable_tag'>,
): void {
  const { force } = inputs.channels;
  if (force || document === undefined || target.immutable_tag === document.immutable_tag) return;
  if (!isWithdrawn(document, target)) return;
  const message = `the channel ${channel} does not go to ${target.version}: a rollback has withdrawn it`;
  throw new ReleaseError('CHANNEL_BACKWARD', message);
}

async function presentOf(
  repository: Repository,
  tags: readonly string[],
  { registry }: Pick<Ports, 'registry'>,
): Promise<ReadonlyMap<string, Digest>> {
  const found = await mapLimit(tags, 4, async (tag) => {
    const descriptor = await registry.resolve({ repository, tag });
    return descriptor === undefined ? [] : [[tag, descriptor.digest] as const];
  });
  return new Map(found.flat());
}
