import { problem, ReleaseError, releaseErrorOf } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { ChannelDocument, ChannelState } from '../model/promotion.ts';
import { formatReference, isTag } from '../model/reference.ts';
import { parseVersion } from '../model/version.ts';
import { ruleOf } from '../plan/channels.ts';
import type { Ports } from '../ports/index.ts';
import { rightsProblems } from '../steps/preflight/run.ts';
import { readChannel } from '../steps/promote/run.ts';
import { moveChannel } from './channel-move.ts';
import type { RecordSigner } from './channel-record.ts';
import { homeOf } from './channel-trust.ts';
import { requireOwnPlaces, requireOwnRelease } from './channel-word.ts';
import { proveSources } from './move-proof.ts';
import { resolveSources, type SourceImage } from './move-source.ts';
import { moveSigner, startMove } from './move-start.ts';
import type { Progress } from './progress.ts';
import { itemOf } from './promote.ts';
import { plannedOf } from './rollback.ts';
import type { Start } from './start.ts';

/** A record that waits for its signature, with what it names. */
type Pending = {
  readonly state: ChannelState;
  readonly document: ChannelDocument;
  readonly sources: readonly SourceImage[];
};

/**
 * The command `attest` for channels: signs the records that could not be signed when their channels were moved. An unsigned
 * record is anybody's word, so every statement of it is proven first, and what it says of the past stays marked as unproven.
 */
export async function attestChannels(start: Start, progress: Progress, ports: Ports): Promise<void> {
  const plan = await startMove(start, { kind: 'previous' }, progress, ports);
  const { pending, signer } = await progress.always('preflight', () => prepare(start, plan, ports));
  const waits = pending.length > 0;
  if (waits) {
    const sources = pending.flatMap((each) => each.sources);
    await proveSources(start, plan, sources, progress, ports);
  }
  await progress.step(plan, 'attest', async () => {
    for (const each of pending) await signOne(start, each, signer, progress, ports);
  });
  progress.skipRest(plan);
  progress.note({ status: !waits ? 'unchanged' : plan.dryRun ? 'planned' : 'attested' });
}

async function prepare(
  start: Start,
  plan: Plan,
  ports: Ports,
): Promise<{ readonly pending: readonly Pending[]; readonly signer: RecordSigner }> {
  const canSign = start.inputs.attest.key !== undefined || ports.oidc.available;
  const problems = [
    ...(canSign ? [] : [problem('OIDC_MISSING', NO_SIGNER)]),
    ...(await rightsProblems(plan, !plan.dryRun, ports)),
  ];
  if (problems.length > 0) throw releaseErrorOf(problems);
  const signer = await moveSigner(start, plan, ports);
  const { channel, rules } = start.inputs.channels;
  const pending: Pending[] = [];
  for (const name of channel === undefined ? rules.map((rule) => rule.name) : [channel])
    pending.push(...(await pendingOf(start, plan, name, signer, ports)));
  return { pending, signer };
}

const NO_SIGNER =
  'to sign the record of a channel takes an OIDC token or a `cosign-key`, and this job has neither';

/** Nothing for a channel without a record, or whose record is signed, or names what nobody was to prove. */
async function pendingOf(
  start: Start,
  plan: Plan,
  channel: string,
  signer: RecordSigner,
  ports: Ports,
): Promise<readonly Pending[]> {
  const repository = plan.images[0]?.repositories[0];
  if (repository === undefined)
    throw new ReleaseError('INPUT_INVALID', 'there is no image whose channels could be looked at', {
      hint: 'Declare the images in the config, or name one by `image`.',
    });
  const isNamed = start.inputs.channels.channel !== undefined;
  const state = await readChannel(channel, homeOf(start, channel, repository), ports);
  const { document, claim, home } = state;
  if (claim !== undefined) {
    const what = `the channel ${channel} has a move of ${claim.run.url} that is not over`;
    throw new ReleaseError('CHANNEL_CONFLICT', what, { hint: UNFINISHED });
  }
  if (document === undefined) {
    const what = `there is no record of the channel ${channel} at ${formatReference(home.record)}`;
    if (isNamed) throw new ReleaseError('REGISTRY_NOT_FOUND', what, { hint: NO_RECORD });
    ports.log.info(`Nothing to sign: ${what}.`);
    return [];
  }
  if (await signer.proves(state, ports)) {
    ports.log.info(`The record of the channel ${channel} is signed already.`);
    return [];
  }
  if (document.evidence === 'unattested' && !isNamed) {
    ports.log.notice(`The record of the channel ${channel} stays unsigned: what it names is unattested.`);
    return [];
  }
  requireOwnPlaces(start, document);
  const images = document.images.map(({ image }) => plannedOf(start, image, plan));
  const digests = document.images.map(({ image, digest }) => ({ image, digest }));
  const sources = await resolveSources(images, { kind: 'digests', digests }, ports);
  requireOwnRelease(document, sources);
  return [{ state, document, sources }];
}

const UNFINISHED =
  'Wait until that run is over. If it was killed, re-run it, or roll the channel back: `attest` moves no tag.';
const NO_RECORD = 'Correct the name of the channel, or move it once: that writes its record.';

async function signOne(
  start: Start,
  { state, document, sources }: Pending,
  signer: RecordSigner,
  progress: Progress,
  ports: Ports,
): Promise<void> {
  const { channel, immutable_tag, kind, revision, revision_date, moving_tags } = document;
  const version = parseVersion(document.version);
  const [first] = document.images;
  if (first === undefined) throw new ReleaseError('INTERNAL', 'a record of no image was to be signed');
  const before = progress.release.promotions ?? [];
  const tags = moving_tags.map((tag) => ({ tag, rule: tag === channel ? 'channel' : 'alias' }) as const);
  const move = await moveChannel(
    start,
    {
      kind,
      promotion: {
        channel,
        aliases: [],
        history: ruleOf(start.inputs.channels, channel, true).history,
        reason: 'no tag of it was touched, and its record is signed now',
      },
      candidate: {
        digest: first.digest,
        revision,
        immutableTag: immutable_tag,
        ...(version === undefined ? {} : { version }),
        ...(revision_date === undefined ? {} : { committed: new Date(revision_date) }),
      },
      items: sources.map(itemOf),
      evidence: 'attested',
      look: { state, order: { tags, kept: [] } },
      signer,
      extra: isTag(immutable_tag) ? [{ tag: immutable_tag, rule: 'version' }] : [],
      still: true,
    },
    ports,
    (found) => progress.note({ promotions: [...before, found] }),
  );
  progress.note({ promotions: [...before, { ...move, status: 'unchanged' }] });
  if (move.record?.signed !== true)
    throw new ReleaseError(
      'SIGSTORE_UNAVAILABLE',
      `the record of the channel ${channel} could not be signed`,
      {
        hint: 'The warning above says why. Re-run the job later: no tag was touched.',
      },
    );
}
