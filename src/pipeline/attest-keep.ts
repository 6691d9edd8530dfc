import { type Attestation, PAYLOAD_TYPE, type StatementDraft } from '../model/attestation.ts';
import type { Digest } from '../model/digest.ts';
import { ReleaseError } from '../model/errors.ts';
import type { PushedImage } from '../model/image.ts';
import type { Release } from '../model/release.ts';
import type { Ports } from '../ports/index.ts';
import {
  dropStatements,
  keepStatements,
  listAudience,
  listPayload,
  type Voucher,
} from '../steps/attest/run.ts';
import { attest, type Findings } from './attest.ts';
import type { Ready } from './preflight.ts';
import type { Progress } from './progress.ts';
import { type Signing, signingOf } from './signing.ts';
import type { Start } from './start.ts';
import type { Study } from './study.ts';

type Keeping = {
  readonly start: Start;
  readonly signing: Signing;
  readonly pushed: readonly PushedImage[];
  readonly revision: string;
  readonly progress: Pick<Progress, 'note' | 'release'>;
};

/**
 * Signs and stores what is to be said of a release. What is about to be signed is kept beside the record until all of it is
 * signed, stored and read back, so that `command: attest` can finish what ends this run meanwhile.
 */
export async function attestOrKeep(
  start: Start,
  studied: Pick<Study, 'plan' | 'build'>,
  ready: Pick<Ready, 'policy' | 'signing'>,
  pushed: readonly PushedImage[],
  found: Findings,
  progress: Keeping['progress'],
  ports: Ports,
): Promise<readonly Attestation[]> {
  const signing = signingOf(ready);
  const { revision } = studied.plan;
  const keeping = { start, signing, pushed, revision, progress };
  try {
    const attestations = await attest(start, studied, ready, signing, pushed, found, ports, {
      beforeSigning: (drafts) => keep(drafts, keeping, ports),
    });
    await forget(keeping, ports);
    return attestations;
  } catch (error) {
    throw finishable(error, progress.release);
  }
}

/**
 * All but scans: a verdict that is signed days later would pass for a young one, so the run that finishes makes its own. Never
 * throws for want of a voucher: what cannot be kept can be signed still.
 */
async function keep(
  all: readonly StatementDraft[],
  keeping: Keeping,
  ports: Pick<Ports, 'files' | 'log' | 'oidc' | 'sigstore'>,
): Promise<void> {
  const drafts = all.filter(({ kind }) => kind !== 'scan');
  if (drafts.length === 0) return;
  const { start, signing, pushed, revision, progress } = keeping;
  const images = pushed.map(({ planned, origin, subjects }) => ({
    name: planned.name,
    origin,
    refs: subjects,
  }));
  const about = { repository: start.context.repository, revision, images };
  const vouch = (list: Digest) => vouchFor(list, start, signing, ports);
  try {
    const digest = await keepStatements(drafts, about, start.reports, vouch, ports);
    progress.note({ kept: { digest, count: drafts.length } });
    await start.saveRecord();
    ports.log.info('What is about to be signed is kept beside release.json until all of it is stored.');
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    ports.log.info(`Should signing fail, only a re-run of the release can finish it: ${error.message}.`);
    await forget(keeping, ports);
  }
}

async function forget(
  { start, progress }: Pick<Keeping, 'start' | 'progress'>,
  ports: Pick<Ports, 'files'>,
): Promise<void> {
  progress.note({ kept: undefined });
  await dropStatements(start.reports, ports);
}

async function vouchFor(
  list: Digest,
  { inputs }: Start,
  { identity }: Signing,
  { oidc, sigstore }: Pick<Ports, 'oidc' | 'sigstore'>,
): Promise<Voucher> {
  const { key } = inputs.attest;
  if (identity !== 'key' || key === undefined)
    return { by: 'token', text: await oidc.token(listAudience(list)) };
  // Without witnesses, so that nothing but the key is needed.
  const signer = await sigstore.signer({ kind: 'key', key: key.pem, password: key.password });
  const { bundle } = await signer.sign(listPayload(list), PAYLOAD_TYPE);
  return { by: 'key', text: new TextDecoder().decode(bundle) };
}

const FINISH =
  'Or keep the folder of release.json (output `record`), and let `command: attest` with `record` sign what this run was about to sign, without building again: the same workflow, started for the same tag or branch, once the cause is gone.';

/** The failure of a run that has kept what it was about to sign: it says how to finish. */
function finishable(error: unknown, release: Release): unknown {
  if (!(error instanceof ReleaseError) || release.kept === undefined) return error;
  const { code, message, cause } = error;
  return new ReleaseError(code, message, { cause, hint: `${error.hint} ${FINISH}` });
}
