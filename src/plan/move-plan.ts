import type { RunContext } from '../model/context.ts';
import type { Facts } from '../model/facts.ts';
import type { Inputs } from '../model/inputs.ts';
import {
  type Plan,
  type PlannedImage,
  type PlannedTag,
  RELEASE_STEPS,
  type ReleaseStepId,
  type StepDecision,
} from '../model/plan.ts';
import { isPrerelease, parseVersion, type Version, versionTag } from '../model/version.ts';
import { ruleOf } from './channels.ts';
import { tagOf } from './event.ts';
import { draftImages } from './images.ts';
import { readDestination, repositoriesOf } from './names.ts';
import { readVersionTag } from './version-tag.ts';

/**
 * The plan of `promote`, `rollback` and an `attest` of channels: which images there are, and which channel moves. Nothing is built, so that no build
 * definition is resolved but for the names of its targets. `names` are those of images that nobody has declared.
 */
export function planMove(
  inputs: Inputs,
  context: RunContext,
  facts: Facts,
  names: readonly string[] | undefined,
): Plan {
  const { destination, problems } = readDestination(inputs.names, context);
  const drafts = draftImages(inputs, context, facts, imageOf(inputs, context));
  const version = inputs.command === 'promote' ? versionOf(inputs) : undefined;
  const set = names ?? drafts.images.map(({ name }) => name);
  const { channel = '', aliases } = inputs.channels;
  const rule = ruleOf(inputs.channels, channel, true);
  const isAttest = inputs.command === 'attest';
  return {
    command: isAttest ? 'attest' : inputs.command === 'rollback' ? 'rollback' : 'promote',
    event: context.eventName,
    kind: 'dispatch',
    dryRun: inputs.dryRun,
    ...(version === undefined ? {} : { version }),
    prerelease: version !== undefined && isPrerelease(version),
    revision: context.sha,
    sourceDateEpoch: 0,
    dirty: false,
    images: set.map((name) => movedImage(name, repositoriesOf(destination, name), version)),
    channels: {
      promotions: isAttest
        ? []
        : [
            {
              channel,
              aliases: aliases ?? rule.aliases,
              history: rule.history,
              reason: 'the input `channel` names it',
            },
          ],
      spared: [],
    },
    steps: RELEASE_STEPS.map((id) => decide(id, inputs, version)),
    problems: [...problems, ...(names === undefined ? drafts.problems : [])],
  };
}

function movedImage(
  name: string,
  repositories: PlannedImage['repositories'],
  version: Version | undefined,
): PlannedImage {
  const tags: readonly PlannedTag[] =
    version === undefined
      ? []
      : [{ tag: versionTag(version), kind: 'immutable', rule: 'required', from: 'version' }];
  return {
    name,
    source: { kind: 'registry', reference: name },
    repositories,
    tags,
    platforms: [],
    labels: {},
    annotations: { index: {}, manifest: {} },
    parents: [],
  };
}

/** The version that a promoted digest gets a tag of: checked at the door. */
function versionOf({ version: { version: text, tagPrefix } }: Inputs): Version | undefined {
  if (text === undefined) return undefined;
  const reading = readVersionTag(text, tagPrefix);
  return 'version' in reading ? reading.version : parseVersion(text.replace(/^v/, ''));
}

function imageOf({ version: { tagPrefix } }: Inputs, context: RunContext): string | undefined {
  const reading = readVersionTag(tagOf(context) ?? '', tagPrefix);
  return 'version' in reading ? reading.image : undefined;
}

function decide(id: ReleaseStepId, inputs: Inputs, version: Version | undefined): StepDecision {
  const { dryRun } = inputs;
  const [decision, reason] =
    (inputs.command === 'attest' ? ATTEST_REASONS[id] : undefined) ?? reasonOf(id, inputs, version);
  return dryRun && decision === 'run' && (id === 'tag' || id === 'promote' || id === 'attest')
    ? { id, do: 'simulate', reason: 'a dry run writes nothing' }
    : { id, do: decision, reason };
}

/** What an `attest` of channels does otherwise. */
const ATTEST_REASONS: Readonly<Partial<Record<ReleaseStepId, readonly ['run' | 'skip', string]>>> = {
  preflight: ['run', 'records are read, and everything that can be wrong is told first'],
  verify: ['run', 'a record is signed when what it names is proven'],
  gate: ['skip', 'nothing moves, so nothing is judged anew'],
  attest: ['run', 'records of channels that wait for a signature are signed'],
  tag: ['skip', '`attest` touches no tag'],
  promote: ['skip', '`attest` moves no channel'],
};

function reasonOf(
  id: ReleaseStepId,
  { command, channels, verify }: Inputs,
  version: Version | undefined,
): readonly ['run' | 'skip', string] {
  const isRollback = command === 'rollback';
  switch (id) {
    case 'preflight':
      return ['run', 'every digest is resolved once, and everything that can be wrong is told first'];
    case 'verify':
      return verify.require.length === 0
        ? ['skip', '`require: none` asks for no evidence']
        : ['run', 'a channel moves only to what is proven'];
    case 'gate':
      if (isRollback) return ['skip', 'what was live before is not judged anew'];
      return verify.require.includes('scan')
        ? ['run', 'the attested verdict has to stand by the policy of today']
        : ['skip', '`require` asks for no scan'];
    case 'tag':
      return version === undefined
        ? ['skip', 'no version is given to what is released already']
        : ['run', `what is promoted becomes ${version.raw}`];
    case 'promote':
      return ['run', `the channel ${channels.channel ?? ''} moves for all images, or for none`];
    case 'publish':
      return ['skip', `\`${command}\` tells no platform`];
    case 'report':
      return ['run', 'outputs and summary are written in any case'];
    case 'build':
    case 'inspect':
    case 'push':
    case 'attest':
      return ['skip', 'the images are released already, and no byte of them changes'];
  }
}
