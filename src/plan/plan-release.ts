import type { RunContext } from '../model/context.ts';
import { formatPlatform } from '../model/descriptor.ts';
import type { Facts } from '../model/facts.ts';
import type { Inputs } from '../model/inputs.ts';
import { ANNOTATION, type Plan, type PlannedImage, type PlannedTag } from '../model/plan.ts';
import { isPrerelease } from '../model/version.ts';
import { attestProblems } from './attest.ts';
import { checkContexts } from './bake-document.ts';
import { aliasTags, planChannels } from './channels.ts';
import { readEvent } from './event.ts';
import { globalHelpers } from './expressions.ts';
import { type HashedImage, planHash } from './hash.ts';
import { draftImages, type ImageDraft } from './images.ts';
import { type Metadata, type MetadataSource, metadataOf, renderUserMetadata } from './labels.ts';
import { type Destination, readDestination, repositoriesOf } from './names.ts';
import { decideSteps, decideWrite } from './steps.ts';
import { planTags } from './tags.ts';
import { readVersion } from './version.ts';

/**
 * Everything that this run will do, as data. Trouble of the user's is never thrown: all of it is in `problems`, and the
 * rest of the plan is as complete as it can be.
 */
export function planRelease(inputs: Inputs, context: RunContext, facts: Facts): Plan {
  const { kind, revision, problems: eventProblems } = readEvent(context, facts);
  const released = readVersion(inputs.version, kind, context, facts);
  const { version, written } = released;
  const { destination, problems: nameProblems } = readDestination(inputs.names, context);
  const drafts = draftImages(inputs, context, facts, released.image);
  const helpers = globalHelpers(context, facts, revision);
  const defaultBranch = context.defaultBranch ?? facts.about.defaultBranch;
  const subject = {
    context,
    revision,
    helpers,
    ...(version === undefined ? {} : { version }),
    ...(written === undefined ? {} : { written }),
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
  };
  const channels = planChannels(inputs, kind, context, version);
  const aliases = aliasTags(inputs, channels, version);
  const tags = planTags(inputs.version, kind, subject, facts.now, aliases);
  const { user, problems: metadataProblems } = renderUserMetadata(inputs.version, helpers);
  const sourceDateEpoch = facts.commitEpoch ?? 0;
  const source: MetadataSource = {
    context,
    about: { ...facts.about, ...context.about },
    revision,
    sourceDateEpoch,
    user,
    ...(version === undefined ? {} : { version }),
  };
  const images = finishImages(drafts.images, { inputs, facts, source, destination, tags: tags.tags });
  const { definition } = inputs.build;
  return {
    command: inputs.command === 'plan' ? 'plan' : 'release',
    event: context.eventName,
    kind,
    dryRun: inputs.dryRun,
    ...(version === undefined ? {} : { version }),
    prerelease: version !== undefined && isPrerelease(version),
    revision,
    sourceDateEpoch,
    dirty: facts.dirty,
    images,
    channels,
    steps: decideSteps({ inputs, kind, context, facts, images, channels }),
    problems: [
      ...eventProblems,
      ...released.problems,
      ...nameProblems,
      ...drafts.problems,
      ...(definition.kind === 'images' ? checkContexts(definition.images) : []),
      ...tags.problems,
      ...metadataProblems,
      ...attestProblems(inputs, facts, decideWrite('push', { inputs, kind, context, images, channels })),
    ],
  };
}

type Finishing = {
  readonly inputs: Inputs;
  readonly facts: Facts;
  readonly source: MetadataSource;
  readonly destination: Destination;
  readonly tags: readonly PlannedTag[];
};

function finishImages(drafts: readonly ImageDraft[], finishing: Finishing): readonly PlannedImage[] {
  const hashed = new Map(
    drafts.flatMap((draft): [string, HashedImage][] =>
      draft.source.kind === 'bake' ? [[draft.source.target, hashedImage(draft, finishing.source)]] : [],
    ),
  );
  return drafts.map((draft) => finishImage(draft, finishing, hashed));
}

/**
 * What the repository's page says may change between two runs without any change of the release, so the hash leaves it
 * out; a label that the user sets counts.
 */
function hashedImage(draft: ImageDraft, source: MetadataSource): HashedImage {
  const { labels, annotations } = metadataOf(draft, { ...source, about: {} });
  return { labels, annotations, platforms: draft.platforms.map(formatPlatform) };
}

function finishImage(
  draft: ImageDraft,
  { inputs, facts, source, destination, tags }: Finishing,
  images: ReadonlyMap<string, HashedImage>,
): PlannedImage {
  const common = {
    name: draft.name,
    source: draft.source,
    repositories: repositoriesOf(destination, draft.name),
    tags,
    platforms: draft.platforms,
    parents: draft.parents,
  };
  // Brought bytes are released as they are: no label or annotation of ours goes into them.
  if (draft.source.kind !== 'bake')
    return { ...common, labels: {}, annotations: { index: {}, manifest: {} } };
  const metadata = metadataOf(draft, source);
  if (facts.build === undefined) return { ...common, ...metadata };
  const { revision, sourceDateEpoch } = source;
  const { workspace } = inputs;
  const hash = planHash(draft.source.target, {
    build: facts.build,
    images,
    revision,
    sourceDateEpoch,
    workspace,
  });
  return { ...common, ...withHash(metadata, hash), planHash: hash };
}

function withHash({ labels, annotations }: Metadata, hash: string): Metadata {
  const own = { [ANNOTATION.planHash]: hash };
  return {
    labels,
    annotations: {
      index: { ...annotations.index, ...own },
      manifest: { ...annotations.manifest, ...own },
    },
  };
}
