import { randomUUID } from 'node:crypto';
import type { Artifact } from '../../model/artifact.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { ChannelClaim, ChannelState, RunRef } from '../../model/promotion.ts';
import { formatReference } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { encodeClaim, encodeEmpty } from './record.ts';

/** How two runs that want one channel keep out of each other's way. */
export type ClaimTimes = {
  /** Milliseconds before a claim is read back at least: longer than another run, who looked before us, takes to write. */
  readonly settleMs: number;
  /** Milliseconds that a claim lives without being renewed: so long a killed run keeps the others out. */
  readonly lifeMs: number;
};

export const CLAIM_TIMES: ClaimTimes = { settleMs: 1000, lifeMs: 90_000 };

export type ClaimPorts = Pick<Ports, 'registry' | 'clock'>;
type Wanted = Pick<ChannelClaim, 'run' | 'actor' | 'moves' | 'change'>;

/** Our claim on a channel, which has survived. */
export type Held = {
  readonly state: ChannelState;
  readonly claim: ChannelClaim;
  /** Throws CHANNEL_CONFLICT when the claim is lost or about to expire: then nothing more may be written. */
  readonly mayWrite: () => Promise<void>;
  /** Renews the claim for as long as the work goes on. */
  readonly during: <T>(work: Promise<T>) => Promise<T>;
  /** Puts the record that is to stand in the place of the claim. False when somebody else has taken the channel. */
  readonly release: (record: Artifact) => Promise<boolean>;
};

/** Part of its life in which a claim is renewed, and at whose end nothing is begun any more. */
const RENEW_AT = 1 / 2;
const STOP_AT = 1 / 6;
const SLOWEST_TIMES = 2;
const MOST_SETTLE_MS = 10_000;

/**
 * Writes a claim into the record, waits, and reads it back. Registries know no compare-and-swap, so of two that write at
 * once the later one survives, and the other finds it. Throws CHANNEL_CONFLICT, having moved nothing.
 */
export async function claimChannel(
  state: ChannelState,
  wanted: Wanted,
  ports: ClaimPorts,
  times: ClaimTimes,
): Promise<Held> {
  const { registry, clock } = ports;
  const { home, channel } = state;
  const nonce = randomUUID();
  const current = { claim: claimOf(state, wanted, nonce, ports, times), tip: state.tip };
  const write = async (claim: ChannelClaim): Promise<boolean> => {
    const artifact = encodeClaim(home, state.document, claim);
    if (!(await writeRecord(state, artifact, current.tip, ports))) return false;
    current.claim = claim;
    current.tip = artifact.manifest.descriptor.digest;
    return true;
  };
  const survive = async (): Promise<boolean> => {
    const began = clock.elapsed();
    if (!(await write(current.claim))) return false;
    const took = clock.elapsed() - began;
    await clock.sleep(Math.min(MOST_SETTLE_MS, Math.max(times.settleMs, SLOWEST_TIMES * took)));
    return (await registry.resolve(home.record))?.digest === current.tip;
  };
  try {
    if (!(await survive())) throw takenMeanwhile(state);
  } catch (error) {
    // Nothing moved, and nobody shall wait for the end of a claim that nobody holds.
    await abandon(state, current.claim, ports).catch(() => undefined);
    throw error;
  }

  const left = (): number => Date.parse(current.claim.expires) - clock.now().getTime();
  const renew = async (): Promise<void> => {
    // What cannot be renewed now may be renewed by the next look; `mayWrite` says when it is too late.
    await write(claimOf(state, wanted, nonce, ports, times)).catch(() => false);
  };
  return {
    state,
    get claim() {
      return current.claim;
    },
    async mayWrite() {
      if (left() > times.lifeMs * STOP_AT) return;
      const message = `the claim on the channel ${channel} could not be renewed in time`;
      throw new ReleaseError('CHANNEL_CONFLICT', message);
    },
    during: (work) =>
      whileWorking(work, clock, async () => {
        if (left() < times.lifeMs * RENEW_AT) await renew();
      }),
    release: (record) => writeRecord(state, record, current.tip, ports),
  };
}

/** Takes our own claim away, where it stands. */
async function abandon(state: ChannelState, claim: ChannelClaim, ports: ClaimPorts): Promise<void> {
  const own = encodeClaim(state.home, state.document, claim).manifest.descriptor.digest;
  await writeRecord(state, await recordBefore(state, ports), own, ports);
}

function claimOf(
  { record }: ChannelState,
  { run, actor, moves, change }: Wanted,
  nonce: string,
  { clock }: ClaimPorts,
  { lifeMs }: ClaimTimes,
): ChannelClaim {
  return {
    nonce,
    expires: new Date(clock.now().getTime() + lifeMs).toISOString(),
    ...(record === undefined ? {} : { base: record.digest }),
    run,
    actor,
    moves,
    change,
  };
}

/** Blobs, then the tag; false when the tag does not point at `from`. */
export async function writeRecord(
  { home }: Pick<ChannelState, 'home'>,
  { manifest, blobs }: Artifact,
  from: Digest | undefined,
  { registry }: Pick<Ports, 'registry'>,
): Promise<boolean> {
  for (const blob of blobs) await registry.putBlob(home.record.repository, blob);
  const moved = await registry.moveTag(home.record, manifest, from, async () => undefined);
  return moved.outcome !== 'taken';
}

/** The record as it was before the claim. Throws REGISTRY_* . */
export async function recordBefore(
  { home, record }: ChannelState,
  { registry }: Pick<Ports, 'registry'>,
): Promise<Artifact> {
  if (record === undefined) return encodeEmpty(home);
  const manifest = await registry.getManifest(record);
  if (manifest !== undefined) return { manifest, blobs: [] };
  throw new ReleaseError('REGISTRY_UNAVAILABLE', `the record is gone: ${formatReference(record)}`);
}

const LOOK_MS = 500;
const MOST_LOOKS = 7200;

/** Looks now and then while the work goes on, for an hour at most. */
async function whileWorking<T>(
  work: Promise<T>,
  clock: ClaimPorts['clock'],
  look: () => Promise<void>,
): Promise<T> {
  const state = { over: false };
  const end = (): void => {
    state.over = true;
  };
  const ended = work.then(end, end);
  for (let looks = 0; looks < MOST_LOOKS && !state.over; looks += 1) {
    await Promise.race([ended, clock.sleep(LOOK_MS)]);
    if (!state.over) await look();
  }
  return work;
}

/** Whether the run that wrote a claim may still be moving tags: an earlier attempt of our own run is over. */
export function isAlive({ expires, run }: ChannelClaim, own: RunRef, now: Date): boolean {
  if (run.id === own.id && run.attempt < own.attempt) return false;
  return now.getTime() < Date.parse(expires);
}

/** Somebody else holds the channel. */
export function heldByAnother(channel: string, { run, actor, expires }: ChannelClaim): ReleaseError {
  const message = `the channel ${channel} is being moved by ${run.url} (attempt ${run.attempt}, ${actor}), until ${expires} at the latest`;
  return new ReleaseError('CHANNEL_CONFLICT', message);
}

export function takenMeanwhile({ channel }: Pick<ChannelState, 'channel'>): ReleaseError {
  return new ReleaseError(
    'CHANNEL_CONFLICT',
    `the channel ${channel} was moved by another run since this one looked`,
  );
}
