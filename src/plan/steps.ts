import type { ChannelPlan } from '../model/channel.ts';
import type { RunContext } from '../model/context.ts';
import type { Facts } from '../model/facts.ts';
import type { Inputs } from '../model/inputs.ts';
import {
  type Plan,
  type PlannedImage,
  RELEASE_STEPS,
  STEPS,
  type StepDecision,
  type StepId,
} from '../model/plan.ts';
import type { Version } from '../model/version.ts';
import { decideAttest, decideVerify } from './attest.ts';
import { tagOf } from './event.ts';
import { isPart } from './narrow.ts';
import { decidePublish } from './publish.ts';
import { isPushed } from './tags.ts';

type Decision = Omit<StepDecision, 'id'>;

/** What each step will do, and why. */
export function decideSteps(about: Deciding): readonly StepDecision[] {
  const steps = about.inputs.command === 'build' ? STEPS : RELEASE_STEPS;
  return steps.map((id) => ({ id, ...decide(id, about) }));
}

export type Deciding = {
  readonly inputs: Inputs;
  readonly kind: Plan['kind'];
  readonly context: RunContext;
  readonly facts: Pick<Facts, 'oidc'>;
  readonly images: readonly PlannedImage[];
  /** Undefined: this event releases none. */
  readonly version?: Version;
  readonly channels: ChannelPlan;
};

function decide(id: StepId, about: Deciding): Decision {
  const { inputs } = about;
  const decision = decideReal(id, about);
  const reason = inputs.command === 'plan' ? 'the command plan writes nothing' : 'a dry run writes nothing';
  const isSimulated =
    decision.do === 'run' &&
    id !== 'preflight' &&
    id !== 'report' &&
    (inputs.dryRun || inputs.command === 'plan');
  return isSimulated ? { do: 'simulate', reason } : decision;
}

/** What a shard leaves to the release. */
const LEFT: Readonly<Partial<Record<StepId, string>>> = {
  attest: 'the release attests',
  verify: 'the release reads the evidence back',
  tag: 'the release sets tags, after the gate of every shard',
  promote: 'the release moves channels',
  publish: 'the release tells the platform',
};

function decideReal(id: StepId, about: Deciding): Decision {
  const { command, fanOut } = about.inputs;
  const left = command === 'build' ? LEFT[id] : undefined;
  if (left !== undefined) return skip(left);
  const decision = decideAny(id, about);
  return id === 'push' && isPart(about.inputs) && fanOut.scope === 'set' && decision.do === 'run'
    ? skip('nothing leaves before the gate of the whole set (`gate.scope: set`)')
    : decision;
}

function decideAny(id: StepId, about: Deciding): Decision {
  const { inputs, kind, images, facts } = about;
  switch (id) {
    case 'preflight':
      return run('everything that can be wrong is reported before the first minute');
    case 'build':
      return run(buildReason(images, inputs));
    case 'inspect':
      return run('every platform of every image is looked into before it leaves the runner');
    case 'gate':
      return run('nothing is pushed before the policy has passed');
    case 'push':
    case 'tag':
      return decideWrite(id, about);
    case 'handoff':
      return run('the release takes digests and reports from it');
    case 'attest':
      return decideAttest(inputs, kind, facts, decideWrite('push', about));
    case 'verify':
      return decideVerify(decideAny('attest', about));
    case 'promote':
      return decidePromote(about);
    case 'publish':
      return decidePublish(askingOf(about), decideAny('tag', about));
    case 'report':
      return run('outputs and summary are written in any case');
  }
}

/** A version of a schedule or a branch is none that is released. */
function askingOf({ inputs, kind, context, images, version }: Deciding): Parameters<typeof decidePublish>[0] {
  const tag = kind === 'tag' ? tagOf(context) : undefined;
  const isReleased = kind === 'tag' || kind === 'dispatch';
  const found = version ?? images.find((image) => image.version !== undefined)?.version;
  return {
    publish: inputs.publish,
    ...(tag === undefined ? {} : { tag }),
    ...(found === undefined || !isReleased ? {} : { version: found }),
  };
}

export function decideWrite(
  id: 'push' | 'tag',
  { inputs, kind, context, images }: Omit<Deciding, 'facts'>,
): Decision {
  if (kind === 'fork') return skip('a fork never pushes');
  if (!isPushed(kind, inputs.version)) {
    const what = context.eventName === 'merge_group' ? 'a merge queue entry' : 'a pull request';
    return skip(`${what} is gated, not pushed`);
  }
  if (id === 'push')
    return run(
      kind === 'pull-request' ? '`pull-request: push` asks for it' : `${nameOf(kind)} is pushed by digest`,
    );
  return images.some((image) => image.tags.length > 0)
    ? run('tags are set after every image is at its registry')
    : skip('this event has no tags');
}

function decidePromote(about: Omit<Deciding, 'facts'>): Decision {
  const { promotions, spared } = about.channels;
  const pushed = decideWrite('push', about);
  if (pushed.do === 'skip') return skip(`no channel moves, since ${pushed.reason}`);
  if (promotions.length > 0)
    return run(promotions.map(({ channel, reason }) => `${channel} moves: ${reason}`).join('; '));
  return skip(spared[0]?.reason ?? 'no channel is moved by this event');
}

function buildReason(images: readonly PlannedImage[], { command, fanOut }: Inputs): string {
  const made = madeReason(images);
  if (fanOut.handoffs.length === 0) return made;
  return command === 'build'
    ? `${made}, but for what the handoffs hold`
    : `${count(images.length)} from handoffs`;
}

function madeReason(images: readonly PlannedImage[]): string {
  const brought = images.filter((image) => image.source.kind !== 'bake').length;
  if (brought === 0) return `${count(images.length)} from one graph`;
  if (brought === images.length) return `${count(brought)} brought by \`from\`, nothing is built here`;
  return `${count(images.length - brought)} from one graph, ${count(brought)} brought by \`from\``;
}

function count(images: number): string {
  return images === 1 ? '1 image' : `${images} images`;
}

function nameOf(kind: Plan['kind']): string {
  return { tag: 'a tag', branch: 'a branch', schedule: 'a schedule', dispatch: 'a dispatch' }[
    kind === 'pull-request' || kind === 'fork' ? 'branch' : kind
  ];
}

function run(reason: string): Decision {
  return { do: 'run', reason };
}

function skip(reason: string): Decision {
  return { do: 'skip', reason };
}
