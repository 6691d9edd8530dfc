import type { PlannedDeployment } from '../../model/channel.ts';
import type { DeploymentPayload, DeploymentRequest, DeploymentState } from '../../model/deployment.ts';
import type { MovedTag, PromotionKind, TagMove } from '../../model/promotion.ts';
import { formatRepository } from '../../model/reference.ts';

/** What is known of a move before it begins. */
export type DeploymentAbout = PlannedDeployment & {
  readonly channel: string;
  readonly kind: PromotionKind;
  readonly version?: string;
  readonly immutableTag: string;
  /** The commit of what goes live. */
  readonly revision: string;
  /** Address of the run. */
  readonly run: string;
};

/** Longer ones GitHub refuses. */
const LONGEST_DESCRIPTION = 140;
/** GitHub keeps a payload as text of at most 64 KiB. */
const MOST_PAYLOAD_BYTES = 60_000;
const COMMIT = /^[0-9a-f]{40}$/;

/** Whether the channel itself is to move: aliases alone, or a record that is written anew, put nothing live. */
export function isMove(channel: string, moves: readonly TagMove[]): boolean {
  return moves.some(({ ref, from, to }) => ref.tag === channel && from !== to);
}

export function isCommit(revision: string): boolean {
  return COMMIT.test(revision);
}

/** `nonce`: what the record is known by. */
export function requestOf(
  about: DeploymentAbout,
  moves: readonly TagMove[],
  nonce: string,
): DeploymentRequest {
  const { environment, isProduction, revision, channel, kind, version, immutableTag, run } = about;
  const images = moves
    .filter(({ ref }) => ref.tag === channel)
    .map(({ image, ref, from, to }) => ({
      image,
      repository: formatRepository(ref.repository),
      digest: to,
      previous: from ?? null,
    }));
  const rest = { nonce, channel, kind, version: version ?? null, immutable_tag: immutableTag, run };
  const whole: DeploymentPayload = { ...rest, images };
  const isTooLarge = Buffer.byteLength(JSON.stringify(whole)) > MOST_PAYLOAD_BYTES;
  const how = kind === 'rollback' ? 'back to' : 'at';
  return {
    environment,
    revision,
    description: clip(`${channel} ${how} ${version ?? immutableTag}`),
    isProduction,
    payload: isTooLarge ? rest : whole,
  };
}

/** How a move ended, by where the channel's own tags stand: a run may fail later, with everything moved. */
export function stateOf(channel: string, tags: readonly MovedTag[]): Exclude<DeploymentState, 'in_progress'> {
  const own = tags.filter(({ ref }) => ref.tag === channel);
  const isThere = own.every(({ outcome }) => outcome !== 'restored' && outcome !== 'waiting');
  return own.length > 0 && isThere ? 'success' : 'failure';
}

export function statusWords(state: DeploymentState): string {
  switch (state) {
    case 'in_progress':
      return 'The tags begin to move.';
    case 'success':
      return 'All images are there.';
    case 'failure':
      return 'The move failed. The log says where each tag stands.';
  }
}

/** The page of an environment. */
export function pageOf(serverUrl: string, repository: string, environment: string): string {
  return `${serverUrl.replace(/\/+$/, '')}/${repository}/deployments/${encodeURIComponent(environment)}`;
}

function clip(text: string): string {
  return text.length > LONGEST_DESCRIPTION ? `${text.slice(0, LONGEST_DESCRIPTION - 1)}…` : text;
}
