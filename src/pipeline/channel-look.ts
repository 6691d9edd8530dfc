import type { PlannedPromotion } from '../model/channel.ts';
import { mapLimit } from '../model/concurrency.ts';
import { decodeManifest, type Encoded } from '../model/manifest.ts';
import { ANNOTATION } from '../model/plan.ts';
import type { ChannelState } from '../model/promotion.ts';
import type { Repository } from '../model/reference.ts';
import { parseVersion } from '../model/version.ts';
import {
  type Candidate,
  type ChannelFacts,
  commitsToCompare,
  type Dated,
  decideOrder,
  type OrderDecision,
  type Present,
  tagsOf,
} from '../plan/channel-order.ts';
import type { Ports } from '../ports/index.ts';
import type { Start } from './start.ts';

/** A channel as it was found, and what that allows. */
export type ChannelLook = { readonly state: ChannelState; readonly order: OrderDecision };

/** Reads the tags of the first image, asks how the commits stand, and decides. Writes nothing. */
export async function lookAtChannel(
  { inputs, context }: Start,
  promotion: PlannedPromotion,
  candidate: Candidate,
  { state, first }: { readonly state: ChannelState; readonly first: Repository },
  ports: Pick<Ports, 'github' | 'registry'>,
): Promise<ChannelLook> {
  const { channel } = promotion;
  const { document } = state;
  const present = await readPresent(
    first,
    tagsOf(promotion, candidate.version).map(({ tag }) => tag),
    ports,
  );
  const known = { present, ...(document === undefined ? {} : { document }) };
  const commits = commitsToCompare(candidate, channel, known);
  const asked = await mapLimit(commits, 2, async (commit) => {
    const answer = await ports.github.compare(context.repository, commit, candidate.revision);
    return answer === undefined ? [] : [[commit, answer] as const];
  });
  const facts: ChannelFacts = { ...known, ancestry: new Map(asked.flat()) };
  return { state, order: decideOrder(candidate, promotion, facts, inputs.channels.force) };
}

async function readPresent(
  repository: Repository,
  tags: readonly string[],
  { registry }: Pick<Ports, 'registry'>,
): Promise<ReadonlyMap<string, Present>> {
  const found = await mapLimit(tags, 4, async (tag) => {
    const manifest = await registry.getManifest({ repository, tag });
    return manifest === undefined ? [] : [[tag, presentOf(manifest)] as const];
  });
  return new Map(found.flat());
}

function presentOf(manifest: Encoded): Present {
  const { digest } = manifest.descriptor;
  try {
    return { digest, ...datedBy(decodeManifest(manifest.bytes).annotations) };
  } catch {
    // Whatever somebody put there: it has no version and no commit.
    return { digest };
  }
}

/** What the annotations of a release say of it. */
export function datedBy(annotations: Readonly<Record<string, string>>): Dated {
  const version = parseVersion(annotations[ANNOTATION.version] ?? '');
  const revision = annotations[ANNOTATION.revision];
  const created = Date.parse(annotations[ANNOTATION.created] ?? '');
  return {
    ...(version === undefined ? {} : { version }),
    ...(revision !== undefined && /^[0-9a-f]{40}$/.test(revision) ? { revision } : {}),
    ...(Number.isNaN(created) ? {} : { committed: new Date(created) }),
  };
}
