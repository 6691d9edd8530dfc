import type { Digest } from '../model/digest.ts';
import { toReleaseError } from '../model/errors.ts';
import type { ChannelHome, ChannelState, PromotionKind, RunRef } from '../model/promotion.ts';
import { formatRepository, type Repository } from '../model/reference.ts';
import { readDestination, repositoriesOf } from '../plan/names.ts';
import type { Ports } from '../ports/index.ts';
import { channelHome, type Opening, openChannel, readChannel } from '../steps/promote/run.ts';
import { verifyImage } from '../steps/verify/run.ts';
import type { RecordSigner } from './channel-record.ts';
import type { Start } from './start.ts';
import { storedAt } from './verify-stored.ts';
import { policyOf } from './verify-subjects.ts';
import { verifierFor } from './verify-trust.ts';

export type OpeningAbout = {
  readonly channel: string;
  readonly home: ChannelHome;
  readonly kind: PromotionKind;
  readonly signer: RecordSigner;
  /** What this run is about to move the channel to, and has proven or judged itself. */
  readonly own: readonly Digest[];
  /** Nobody asks for evidence: then what a killed run left is as good as any other. */
  readonly unattested: boolean;
};

type TrustPorts = Pick<Ports, 'clock' | 'files' | 'github' | 'log' | 'registry' | 'sigstore'>;

/** The channel as it stands. What a killed run has left is finished or undone first, but for a dry run. Throws as `openChannel`. */
export function openFor(start: Start, about: OpeningAbout, ports: TrustPorts): Promise<ChannelState> {
  return start.inputs.dryRun
    ? readChannel(about.channel, about.home, ports)
    : openChannel(openingOf(start, about, ports), ports);
}

/**
 * How this run opens a channel that a killed run has left in part. The journal proves nothing: a tag moves only to what
 * this run has proven, what a signed record names, or what `verify` accepts.
 */
function openingOf(
  start: Start,
  { channel, home, kind, signer, own, unattested }: OpeningAbout,
  ports: TrustPorts,
): Opening {
  const { context } = start;
  let recorded: Promise<ReadonlySet<string>> | undefined;
  return {
    channel,
    home,
    run: runOf(context),
    actor: context.actor,
    prefer: kind === 'rollback' ? 'restore' : 'finish',
    ...(kind === 'rollback' ? { abandon: true } : {}),
    isProven: (state) => signer.proves(state, ports),
    isHome: (repository, image) =>
      homesOf(start, image).some((own) => formatRepository(own) === formatRepository(repository)),
    async isTrusted(target, { image }, state) {
      if (own.includes(target.digest)) return true;
      recorded ??= signedDigests(state, signer, ports);
      const known = await recorded;
      if (known.has(`${image} ${target.digest}`)) return true;
      if (unattested) return known.size === 0;
      return isProven(start, target, image, ports);
    },
  };
}

/** `IMAGE DIGEST` of all that a record names whose signature holds; none where nobody has signed it. */
async function signedDigests(
  state: ChannelState,
  signer: RecordSigner,
  ports: Pick<Ports, 'log' | 'registry'>,
): Promise<ReadonlySet<string>> {
  const { document } = state;
  if (document === undefined || !(await signer.proves(state, ports))) return new Set();
  const entries = [document, ...document.history].filter(({ unproven }) => unproven !== true);
  return new Set(entries.flatMap(({ images }) => images.map(({ image, digest }) => `${image} ${digest}`)));
}

async function isProven(
  start: Start,
  reference: Parameters<Opening['isTrusted']>[0],
  image: string,
  ports: TrustPorts,
): Promise<boolean> {
  const policy = policyOf(start, undefined);
  if (policy.require.length === 0) return true;
  try {
    const patience = start.inputs.command === 'rollback' ? 'hasty' : 'patient';
    const verifier = await verifierFor(start.inputs.attest, ports, patience);
    const stored = storedAt(start, policy, ports);
    const request = { image, reference, policy, verifier, ...(stored === undefined ? {} : { stored }) };
    return (await verifyImage(request, ports)).report.ok;
  } catch (error) {
    ports.log.warning(`The evidence of ${image} cannot be judged: ${toReleaseError(error).message}.`);
    return false;
  }
}

/** Where the record of a channel stands, as the config says it; by default beside the first image. */
export function homeOf(start: Start, channel: string, first: Repository): ChannelHome {
  const { document } = start.inputs.channels;
  if (document === undefined) return channelHome(channel, first);
  const { name, artifactType, documentType } = document;
  const [repository] = homesOf(start, name);
  return channelHome(channel, first, {
    artifactType,
    documentType,
    ...(repository === undefined ? {} : { repository }),
  });
}

/** The repositories of an image by the names that this run was given, whatever a record says. */
export function homesOf({ inputs, context }: Start, image: string): readonly Repository[] {
  return repositoriesOf(readDestination(inputs.names, context).destination, image);
}

/** This run, for records. */
export function runOf({ runId, runAttempt, serverUrl, repository }: Start['context']): RunRef {
  return { id: runId, attempt: runAttempt, url: `${serverUrl}/${repository}/actions/runs/${runId}` };
}
