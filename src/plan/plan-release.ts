import type { RunContext } from '../model/context.ts';
import type { Facts } from '../model/facts.ts';
import type { Inputs } from '../model/inputs.ts';
import type { Plan, PlannedImage } from '../model/plan.ts';
import { isPrerelease, type Version } from '../model/version.ts';
import { attestProblems, decideAttest } from './attest.ts';
import { checkContexts } from './bake-document.ts';
import { planChannels } from './channels.ts';
import { readEvent } from './event.ts';
import { globalHelpers } from './expressions.ts';
import { finishImages } from './finish-images.ts';
import { draftImages } from './images.ts';
import { renderUserMetadata } from './labels.ts';
import { readDestination } from './names.ts';
import { isPart, type Narrowed, narrowImages } from './narrow.ts';
import { planPublish } from './publish.ts';
import { planShards } from './shards.ts';
import { decideSteps, decideWrite } from './steps.ts';
import { readVersion } from './version.ts';

/**
 * Everything that this run will do, as data. Trouble of the user's is never thrown: all of it is in `problems`, and the
 * rest of the plan is as complete as it can be.
 */
export function planRelease(inputs: Inputs, context: RunContext, facts: Facts): Plan {
  const { kind, revision, problems: eventProblems } = readEvent(context, facts);
  const released = readVersion(inputs.version, kind, context, facts);
  const { destination, problems: nameProblems } = readDestination(inputs.names, context);
  const drafts = draftImages(inputs, context, facts, released.image);
  const helpers = globalHelpers(context, facts, revision);
  const { user, problems: metadataProblems } = renderUserMetadata(inputs.version, helpers);
  const about = {
    inputs,
    kind,
    context,
    facts,
    revision,
    helpers,
    released,
    destination,
    metadata: {
      context,
      about: { ...facts.about, ...context.about },
      revision,
      sourceDateEpoch: facts.commitEpoch ?? 0,
      user,
    },
  };
  const { images: all, problems: imageProblems } = finishImages(
    drafts.images.filter(({ name }) => facts.released?.has(name) !== true),
    about,
  );
  const version = released.version ?? commonVersion(all);
  const { shards, problems: shardProblems } = planShards(all, inputs.fanOut.runners);
  const {
    images,
    shard,
    problems: narrowProblems,
  }: Narrowed = isPart(inputs) ? narrowImages(all, shards, inputs.fanOut) : { images: all, problems: [] };
  const { sourceDateEpoch } = about.metadata;
  const channels = planChannels(inputs, kind, context, version);
  const { definition } = inputs.build;
  const steps = decideSteps({
    inputs,
    kind,
    context,
    facts,
    images,
    channels,
    ...(released.version === undefined ? {} : { version: released.version }),
  });
  const pushing = decideWrite('push', { inputs, kind, context, images, channels });
  const signsHandoff =
    inputs.command === 'build' && !inputs.dryRun && decideAttest(inputs, kind, facts, pushing).do === 'run';
  const publishing = steps.find(({ id }) => id === 'publish') ?? { do: 'skip', reason: '' };
  const published = planPublish(inputs, facts, images, publishing);
  return {
    command: inputs.command === 'plan' || inputs.command === 'build' ? inputs.command : 'release',
    event: context.eventName,
    kind,
    dryRun: inputs.dryRun,
    ...(version === undefined ? {} : { version }),
    prerelease: version !== undefined && isPrerelease(version),
    revision,
    sourceDateEpoch,
    dirty: facts.dirty,
    images,
    ...(facts.released === undefined ? {} : { released: [...facts.released.values()] }),
    ...(published.modules.length === 0 ? {} : { publish: published.modules }),
    channels,
    shards,
    ...(shard === undefined ? {} : { shard }),
    ...(signsHandoff ? { signsHandoff } : {}),
    steps,
    problems: [
      ...eventProblems,
      ...released.problems,
      ...nameProblems,
      ...drafts.problems,
      ...(definition.kind === 'images' ? checkContexts(definition.images) : []),
      ...metadataProblems,
      ...imageProblems,
      ...shardProblems,
      ...narrowProblems,
      ...published.problems,
      ...(inputs.command === 'build' ? [] : attestProblems(inputs, facts, pushing)),
    ],
  };
}

/** That of all images, where they have one. */
function commonVersion([first, ...others]: readonly PlannedImage[]): Version | undefined {
  const version = first?.version;
  return others.every((image) => image.version?.raw === version?.raw) ? version : undefined;
}
