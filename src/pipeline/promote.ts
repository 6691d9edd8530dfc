import type { ReleaseSelector } from '../model/channel.ts';
import { mapLimit } from '../model/concurrency.ts';
import type { Digest } from '../model/digest.ts';
import { type Problem, problem, ReleaseError, releaseErrorOf } from '../model/errors.ts';
import type { TaggedImage } from '../model/image.ts';
import type { Plan } from '../model/plan.ts';
import type { ChannelEntry, MovingTag, PromotionItem } from '../model/promotion.ts';
import { formatReference } from '../model/reference.ts';
import { parseVersion, type Version, versionTag } from '../model/version.ts';
import type { Candidate } from '../plan/channel-order.ts';
import type { Ports } from '../ports/index.ts';
import { readPolicy } from '../steps/gate/run.ts';
import { rightsProblems } from '../steps/preflight/run.ts';
import { readChannel } from '../steps/promote/run.ts';
import { type ChannelLook, datedBy, lookAtChannel } from './channel-look.ts';
import { moveChannel } from './channel-move.ts';
import type { RecordSigner } from './channel-record.ts';
import { homeOf, openFor } from './channel-trust.ts';
import { withoutHandoff } from './move-handoff.ts';
import { proveSources } from './move-proof.ts';
import { isReleaseOf, requireOneRelease, resolveSources, type SourceImage } from './move-source.ts';
import { moveSigner, startMove } from './move-start.ts';
import type { Progress } from './progress.ts';
import { judgeAttested } from './promoted-verdict.ts';
import type { Start } from './start.ts';

/**
 * The command `promote`: moves a channel and its aliases to what is released already, without a build. Everything is
 * resolved, decided and proven before the first tag moves.
 */
export async function promoteChannel(start: Start, progress: Progress, ports: Ports): Promise<void> {
  const { from: given } = start.inputs.channels;
  if (given === undefined) throw new ReleaseError('INTERNAL', 'a promotion of nothing');
  const from = await withoutHandoff(start, given, ports);
  const plan = await startMove(start, from, progress, ports);
  const ready = await progress.always('preflight', () => prepare(start, plan, from, ports));
  const { sources, candidate, look, signer } = ready;

  const { decisions, evidence } = await proveSources(start, plan, sources, progress, ports);
  await progress.step(plan, 'gate', async () => {
    const policy = await readPolicy(start.inputs.gate, start.parseYaml, ports);
    progress.note({ policy, ...judgeAttested(decisions, start.inputs.gate, policy, ports) });
  });

  const move = await progress.step(plan, 'promote', async () => {
    const done = await moveChannel(
      start,
      {
        kind: 'promote',
        promotion: promotionOf(plan),
        candidate,
        items: sources.map(itemOf),
        evidence,
        look,
        signer,
        extra: versionTags(plan),
      },
      ports,
      (found) => progress.note({ promotions: [found] }),
    );
    progress.note({ images: sources.map(movedImage) });
    return done;
  });
  progress.skipRest(plan);
  progress.note({
    status: move === undefined ? 'planned' : move.status === 'unchanged' ? 'unchanged' : 'promoted',
  });
}

type Ready = {
  readonly sources: readonly SourceImage[];
  readonly candidate: Candidate;
  readonly look: ChannelLook;
  readonly signer: RecordSigner;
};

/** Every digest is resolved here, once; nothing is written. Throws all that stands in the way. */
async function prepare(start: Start, plan: Plan, from: ReleaseSelector, ports: Ports): Promise<Ready> {
  const sources = await resolveSources(plan.images, from, ports);
  requireOneRelease(sources, from);
  const [first] = sources;
  const repository = first?.planned.repositories[0];
  if (first === undefined || repository === undefined)
    throw new ReleaseError('INPUT_INVALID', 'there is no image to promote', {
      hint: 'Declare the images in the config, or name one by `image`.',
    });
  const signer = await moveSigner(start, plan, ports);
  const entry = await entryOf(start, first, from, signer, ports);
  const candidate = candidateOf(plan, first, from, entry);
  const problems = [
    ...namingProblems(plan.version, first),
    ...(await heldVersions(plan, sources, ports)),
    ...(await rightsProblems(plan, !plan.dryRun, ports)),
  ];
  if (problems.length > 0) throw releaseErrorOf(problems);
  const promotion = promotionOf(plan);
  const state = await openFor(
    start,
    {
      channel: promotion.channel,
      home: homeOf(start, promotion.channel, repository),
      kind: 'promote',
      signer,
      own: [],
      unattested: start.inputs.verify.require.length === 0,
    },
    ports,
  );
  const look = await lookAtChannel(start, promotion, candidate, { state, first: repository }, ports);
  const { stays } = look.order;
  if (stays !== undefined) {
    const what = candidate.version?.raw ?? candidate.immutableTag;
    throw new ReleaseError(
      'CHANNEL_BACKWARD',
      `the channel ${promotion.channel} does not go to ${what}: ${stays}`,
    );
  }
  return { sources, candidate, look, signer };
}

export function promotionOf({ channels }: Plan): Plan['channels']['promotions'][number] {
  const [promotion] = channels.promotions;
  if (promotion === undefined) throw new ReleaseError('INTERNAL', 'no channel is planned');
  return promotion;
}

/** What orders it: by the record of the channel that it comes from, by the name that was given, by its annotations. */
function candidateOf(
  plan: Plan,
  { ref, annotations }: SourceImage,
  from: ReleaseSelector,
  entry: ChannelEntry | undefined,
): Candidate {
  const carried = datedBy(annotations);
  const asked = from.kind === 'name' ? parseVersion(from.name) : undefined;
  const version = plan.version ?? asked ?? parseVersion(entry?.version ?? '') ?? carried.version;
  const revision = entry?.revision ?? carried.revision ?? '';
  const { committed } = carried;
  const isTag = from.kind === 'name' && /^(?:sha|nightly)-/.test(from.name);
  const immutable = isTag ? from.name : entry?.immutable_tag;
  return {
    digest: ref.digest,
    revision,
    immutableTag:
      version === undefined ? (immutable ?? immutableName(revision, ref.digest)) : versionTag(version),
    ...(version === undefined ? {} : { version }),
    ...(committed === undefined ? {} : { committed }),
  };
}

/** The tag of a commit, or, of an image that names none, its digest. */
export function immutableName(revision: string, digest: Digest): string {
  return revision === '' ? digest : `sha-${revision}`;
}

/** What the record of another channel says of these very bytes; unsigned, it says nothing to those who ask for evidence. */
async function entryOf(
  start: Start,
  { planned, ref }: SourceImage,
  from: ReleaseSelector,
  signer: RecordSigner,
  ports: Pick<Ports, 'log' | 'registry'>,
): Promise<ChannelEntry | undefined> {
  const [repository] = planned.repositories;
  const isChannel = from.kind === 'name' && CHANNEL.test(from.name) && parseVersion(from.name) === undefined;
  if (!isChannel || repository === undefined) return undefined;
  const state = await readChannel(from.name, homeOf(start, from.name, repository), ports);
  const { document } = state;
  if (document?.images[0]?.digest !== ref.digest) return undefined;
  const isAsked = start.inputs.verify.require.length > 0;
  return !isAsked || (await signer.proves(state, ports)) ? document : undefined;
}

/** Other tags have no record. */
const CHANNEL = /^(?!sha-|nightly-)[A-Za-z][\w.-]{0,99}$/;

/** 1.6.0 is a name for 1.6.0-rc.4, or for what had no version; never for another version. */
function namingProblems(version: Version | undefined, { annotations }: SourceImage): readonly Problem[] {
  const carried = datedBy(annotations).version;
  if (version === undefined || carried === undefined) return [];
  if (carried.raw === version.raw || isReleaseOf(version, carried)) return [];
  return [
    problem(
      'INPUT_INVALID',
      `what was released as ${carried.raw} cannot become ${version.raw}`,
      'A promotion gives a version to its own prerelease: release the other version from its tag.',
    ),
  ];
}

async function heldVersions(
  plan: Plan,
  sources: readonly SourceImage[],
  { registry }: Pick<Ports, 'registry'>,
): Promise<readonly Problem[]> {
  const wishes = sources.flatMap(({ planned, ref }) =>
    planned.tags.flatMap(({ tag }) =>
      planned.repositories.map((repository) => ({ tag: { repository, tag }, digest: ref.digest })),
    ),
  );
  const held = await mapLimit(plan.version === undefined ? [] : wishes, 8, async ({ tag, digest }) => {
    const found = await registry.resolve(tag);
    return found === undefined || found.digest === digest
      ? []
      : [
          problem(
            'TAG_IMMUTABLE',
            `${formatReference(tag)} points at ${found.digest}, and what is promoted is ${digest}`,
          ),
        ];
  });
  return held.flat();
}

function versionTags({ version }: Plan): readonly MovingTag[] {
  return version === undefined ? [] : [{ tag: versionTag(version), rule: 'version' }];
}

export function itemOf({ planned, ref }: SourceImage): PromotionItem {
  return {
    image: planned.name,
    repositories: planned.repositories,
    digest: ref.digest,
    source: ref.repository,
  };
}

/** For outputs and release.json: what is at the channel now. */
export function movedImage({ planned, ref, manifest }: SourceImage): TaggedImage {
  return {
    planned,
    descriptor: manifest.descriptor,
    platforms: [],
    size: 0,
    origin: 'adopted',
    subjects: planned.repositories.map((repository) => ({ repository, digest: ref.digest })),
    blobs: { uploaded: 0, mounted: 0, existing: 0 },
    tags: [],
  };
}
