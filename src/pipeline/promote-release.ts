import type { ChannelMove } from '../model/channel.ts';
import { ReleaseError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { ProvenImage } from '../model/proven.ts';
import type { Candidate } from '../plan/channel-order.ts';
import type { Ports } from '../ports/index.ts';
import { lookAtChannel } from './channel-look.ts';
import { moveChannel } from './channel-move.ts';
import { recordSigner } from './channel-record.ts';
import { homeOf, openFor } from './channel-trust.ts';
import type { Signing } from './signing.ts';
import type { Start } from './start.ts';
import { verifierFor } from './verify-trust.ts';

/**
 * Moves the channels of a release, one after the other. One that is ahead of it stays, and is said to: an older run that
 * ends last takes nothing from a newer one.
 */
export async function promoteRelease(
  start: Start,
  plan: Plan,
  images: readonly ProvenImage[],
  signing: Signing | undefined,
  ports: Ports,
  note: (moves: readonly ChannelMove[]) => void,
): Promise<readonly ChannelMove[]> {
  const [first] = images;
  const repository = first?.planned.repositories[0];
  if (first === undefined || repository === undefined)
    throw new ReleaseError('INTERNAL', 'a channel is moved, and there is no image');
  const candidate = candidateOf(plan, first);
  const signer = recordSigner(start, {
    byKey: signing?.identity === 'key',
    verifier: signing?.verifier ?? (() => verifierFor(start.inputs.attest, ports)),
    ...(signing === undefined ? {} : { signer: signing.signer }),
  });
  const moves: ChannelMove[] = [];
  for (const promotion of plan.channels.promotions) {
    const about = {
      channel: promotion.channel,
      home: homeOf(start, promotion.channel, repository),
      kind: 'promote',
      signer,
      own: images.map(({ descriptor }) => descriptor.digest),
      unattested: first.evidence === 'unattested',
    } as const;
    const state = await openFor(start, about, ports);
    const look = await lookAtChannel(start, promotion, candidate, { state, first: repository }, ports);
    const move = await moveChannel(
      start,
      {
        kind: 'promote',
        promotion,
        candidate,
        items: images.map(({ planned, descriptor, subjects }) => ({
          image: planned.name,
          repositories: subjects.map((subject) => subject.repository),
          digest: descriptor.digest,
        })),
        evidence: first.evidence,
        look,
        signer,
      },
      ports,
      (found) => note([...moves, found]),
    );
    if (look.order.stays !== undefined)
      ports.log.notice(`The channel ${promotion.channel} stays: ${look.order.stays}.`);
    moves.push(move);
  }
  return moves;
}

function candidateOf(plan: Plan, { descriptor, planned }: ProvenImage): Candidate {
  const { version, revision, sourceDateEpoch } = plan;
  const immutable = planned.tags.find(({ kind }) => kind === 'immutable');
  return {
    digest: descriptor.digest,
    revision,
    immutableTag: immutable?.tag ?? `sha-${revision}`,
    ...(version === undefined ? {} : { version }),
    ...(sourceDateEpoch === 0 ? {} : { committed: new Date(sourceDateEpoch * 1000) }),
  };
}
