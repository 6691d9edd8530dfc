import type { ChannelMove, PlannedPromotion } from '../model/channel.ts';
import type {
  MovedTag,
  MovingTag,
  PromotionItem,
  PromotionKind,
  PromotionRequest,
} from '../model/promotion.ts';
import type { Candidate } from '../plan/channel-order.ts';
import type { Ports } from '../ports/index.ts';
import { type DeploymentRecord, NO_DEPLOYMENT, recordDeployment } from '../steps/deployment/run.ts';
import { promote } from '../steps/promote/run.ts';
import type { ChannelLook } from './channel-look.ts';
import type { RecordSigner } from './channel-record.ts';
import { runOf } from './channel-trust.ts';
import type { Start } from './start.ts';

export type MoveRequest = {
  readonly kind: PromotionKind;
  readonly promotion: PlannedPromotion;
  readonly candidate: Candidate;
  readonly items: readonly PromotionItem[];
  readonly evidence: 'attested' | 'unattested';
  readonly look: ChannelLook;
  /** For a rollback: the serial of the entry that comes back. */
  readonly target?: number;
  readonly signer: RecordSigner;
  /** Tags that are set with the channel whatever it moves from. */
  readonly extra?: readonly MovingTag[];
  /** Nothing moves: the record is written anew, for its signature. */
  readonly still?: true;
};

/**
 * Moves what may move, for all images or for none, and signs the record. Throws CHANNEL_CONFLICT, PROMOTION_ROLLED_BACK,
 * REGISTRY_*.
 */
export async function moveChannel(
  start: Start,
  request: MoveRequest,
  ports: Ports,
  note: (move: ChannelMove) => void,
): Promise<ChannelMove> {
  const { look, promotion, evidence, kind, candidate } = request;
  const { order } = look;
  const version = candidate.version?.raw;
  const common = {
    channel: promotion.channel,
    kind,
    evidence,
    kept: order.kept,
    forced: start.inputs.channels.force,
    ...(version === undefined ? {} : { version }),
  };
  for (const { tag, reason } of order.kept) ports.log.notice(`The tag ${tag} stays: ${reason}.`);
  if (order.tags.length === 0) {
    const stayed = {
      ...common,
      status: 'stayed',
      tags: [],
      reason: order.stays ?? 'no tag of it moves',
    } as const;
    note(stayed);
    return stayed;
  }
  // Should it end in between, the report says how far it came.
  const open = { ...common, status: 'failed', reason: 'its move did not end' } as const;
  const isBaseProven = await request.signer.proves(look.state, ports);
  const deployment = deploymentOf(start, request, ports);
  let standing: readonly MovedTag[] = [];
  const done = await promote(requestOf(start, request, isBaseProven, ports), ports, {
    begin: deployment.begin,
    note: (tags) => {
      standing = tags;
      note({ ...open, tags });
    },
  }).catch(async (error: unknown) => {
    const failed = await deployment.end(standing);
    if (failed !== undefined) note({ ...open, tags: standing, deployment: failed });
    throw error;
  });
  const [signed, recorded] = await Promise.all([
    done.status === 'unchanged' ? isBaseProven : request.signer.sign(done, ports),
    deployment.end(done.tags),
  ]);
  const { record, document } = done;
  const move: ChannelMove = {
    ...common,
    status: order.stays === undefined ? done.status : 'stayed',
    tags: done.tags,
    reason: order.stays ?? promotion.reason,
    record: { ref: record, serial: document.serial, signed },
    ...(recorded === undefined ? {} : { deployment: recorded }),
  };
  note(move);
  return move;
}

/** Where the channel itself stays, nothing new goes live. */
function deploymentOf(
  { context }: Start,
  { kind, promotion, candidate, look }: MoveRequest,
  ports: Ports,
): DeploymentRecord {
  const { channel, deployment } = promotion;
  if (deployment === undefined || look.order.stays !== undefined) return NO_DEPLOYMENT;
  const { version, immutableTag, revision } = candidate;
  return recordDeployment(
    {
      ...deployment,
      channel,
      kind,
      ...(version === undefined ? {} : { version: version.raw }),
      immutableTag,
      revision,
      run: runOf(context).url,
    },
    context,
    ports,
  );
}

function requestOf(
  { inputs, context }: Start,
  { kind, promotion, candidate, items, evidence, look, target, signer, extra = [], still }: MoveRequest,
  isBaseProven: boolean,
  ports: Pick<Ports, 'clock'>,
): PromotionRequest {
  const { force, reason } = inputs.channels;
  const { version, committed, immutableTag, revision } = candidate;
  const isUnsigned = signer.canSign && !isBaseProven && look.state.document?.signature === 'pending';
  return {
    channel: promotion.channel,
    kind,
    base: look.state,
    isBaseProven,
    ...(isUnsigned || still === true ? { renew: true } : {}),
    ...(still === undefined ? {} : { still }),
    tags: [...look.order.tags, ...extra],
    items,
    artifacts: [],
    ...(version === undefined ? {} : { version: version.raw }),
    immutableTag,
    revision,
    ...(committed === undefined ? {} : { revisionDate: committed }),
    evidence,
    actor: context.actor,
    run: runOf(context),
    ...(force ? { force: { reason: reason ?? '' } } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(target === undefined ? {} : { target }),
    history: promotion.history,
    signature: signer.signature(look.state),
    time: ports.clock.now(),
  };
}
