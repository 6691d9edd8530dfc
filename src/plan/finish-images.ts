import type { RunContext } from '../model/context.ts';
import { formatPlatform } from '../model/descriptor.ts';
import type { Problem } from '../model/errors.ts';
import type { Facts } from '../model/facts.ts';
import type { Inputs } from '../model/inputs.ts';
import { ANNOTATION, type Plan, type PlannedImage, type PlannedTag } from '../model/plan.ts';
import { aliasTags, planChannels } from './channels.ts';
import type { globalHelpers } from './expressions.ts';
import { definitionHash, type HashedImage, planHash } from './hash.ts';
import type { ImageDraft } from './images.ts';
import { type Metadata, type MetadataSource, metadataOf } from './labels.ts';
import { type Destination, repositoriesOf } from './names.ts';
import { planTags } from './tags.ts';
import { readImageVersion, type VersionReading } from './version.ts';

/** What all images of a plan share. */
type Finishing = {
  readonly inputs: Inputs;
  readonly kind: Plan['kind'];
  readonly context: RunContext;
  readonly facts: Facts;
  readonly revision: string;
  readonly helpers: ReturnType<typeof globalHelpers>;
  /** The version of the event, if it has one. */
  readonly released: VersionReading;
  readonly destination: Destination;
  readonly metadata: MetadataSource;
};

/** An image with the version that it is released as, and what follows from it. */
type Versioned = {
  readonly draft: ImageDraft;
  readonly reading: VersionReading;
  readonly tags: readonly PlannedTag[];
  readonly source: MetadataSource;
  readonly problems: readonly Problem[];
};

export function finishImages(
  drafts: readonly ImageDraft[],
  about: Finishing,
): { readonly images: readonly PlannedImage[]; readonly problems: readonly Problem[] } {
  const versioned = drafts.map((draft) => versionImage(draft, about));
  const hashed = new Map(
    versioned.flatMap(({ draft, source }): [string, HashedImage][] =>
      draft.source.kind === 'bake' ? [[draft.source.target, hashedImage(draft, source)]] : [],
    ),
  );
  const images = versioned.map((each) => finishImage(each, about, hashed));
  // A wrong rule is told although no image can be named.
  const { problems } = tagsOf(about.released, about);
  return { images, problems: withoutRepeats([...problems, ...versioned.flatMap((each) => each.problems)]) };
}

function versionImage(draft: ImageDraft, about: Finishing): Versioned {
  const { inputs, kind, facts } = about;
  const reading =
    draft.manifest === undefined && (facts.modules?.size ?? 0) === 0
      ? { ...about.released, problems: [] }
      : readImageVersion(inputs.version, kind, about.released, draft);
  const { version } = reading;
  const { tags, problems } = tagsOf(reading, about);
  return {
    draft,
    reading,
    tags,
    source: { ...about.metadata, ...(version === undefined ? {} : { version }) },
    problems: [...reading.problems, ...problems],
  };
}

function tagsOf(
  { version, written }: Omit<VersionReading, 'problems'>,
  { inputs, kind, context, facts, revision, helpers }: Finishing,
): ReturnType<typeof planTags> {
  const defaultBranch = context.defaultBranch ?? facts.about.defaultBranch;
  const subject = {
    context,
    revision,
    helpers,
    ...(version === undefined ? {} : { version }),
    ...(written === undefined ? {} : { written }),
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
  };
  const aliases = aliasTags(inputs, planChannels(inputs, kind, context, version), version);
  return planTags(inputs.version, kind, subject, facts.now, aliases);
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
  { draft, reading, source, tags }: Versioned,
  { inputs, facts, destination, released }: Finishing,
  images: ReadonlyMap<string, HashedImage>,
): PlannedImage {
  const common = {
    name: draft.name,
    source: draft.source,
    repositories: repositoriesOf(destination, draft.name),
    tags,
    platforms: draft.platforms,
    parents: draft.parents,
    ...(draft.manifest === undefined ? {} : { manifest: draft.manifest.path }),
    ...(reading.version === undefined || released.version !== undefined ? {} : { version: reading.version }),
  };
  // Brought bytes are released as they are: no label or annotation of ours goes into them.
  if (draft.source.kind !== 'bake')
    return { ...common, labels: {}, annotations: { index: {}, manifest: {} } };
  const metadata = metadataOf(draft, source);
  if (facts.build === undefined) return { ...common, ...metadata };
  const { revision, sourceDateEpoch } = source;
  const { workspace } = inputs;
  const { target } = draft.source;
  const scope = { build: facts.build, images, revision, sourceDateEpoch, workspace };
  const hash = planHash(target, scope);
  return {
    ...common,
    ...withHash(metadata, hash),
    planHash: hash,
    definitionHash: definitionHash(target, scope),
  };
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

/** What is wrong for all images is said once. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((each) => [`${each.code} ${each.message}`, each])).values()];
}
