import { ReleaseError } from '../model/errors.ts';
import type { HandoffTrust } from '../model/handoff.ts';
import type { Ports } from '../ports/index.ts';
import type { CertificateIdentity } from '../ports/sigstore.ts';
import { serverOf } from '../steps/attest/run.ts';
import { HANDOFF_PREDICATE, type ReadHandoff, readBundle } from '../steps/handoff/run.ts';
import { verifyBlob } from '../steps/verify/run.ts';
import type { Signing } from './signing.ts';
import type { Start } from './start.ts';

/**
 * What may be taken from a handoff: more than its digests only where it is signed as this run itself would sign, by the same
 * workflow on the same ref and commit, or by its key; and `built` only by the very run. A signature that does not hold is never
 * taken for none. Throws HANDOFF_INVALID, SIGSTORE_UNAVAILABLE.
 */
export async function trustHandoff(
  { context }: Pick<Start, 'context'>,
  read: ReadHandoff,
  signing: Signing | undefined,
  ports: Pick<Ports, 'files' | 'log'>,
): Promise<HandoffTrust> {
  const { folder, handoff } = read;
  const say = (what: string) => ports.log.info(`The handoff of ${handoff.shard} ${what}.`);
  const bundle = await readBundle(folder, ports);
  if (bundle === undefined) {
    say('is not signed: what it names is looked into again, and gets no provenance of this run');
    return 'digests';
  }
  if (signing === undefined) {
    say('is signed, and this run has no identity to judge that by: what it names is looked into again');
    return 'digests';
  }
  const { identity, claims, verifier } = signing;
  const { ok, checks, ...proven } = await verifyBlob({
    name: `the handoff ${folder}`,
    artifact: read.bytes,
    bundle,
    identity,
    verifier: await verifier(),
    predicateType: HANDOFF_PREDICATE,
    ...(claims === undefined ? {} : { commit: claims.sha }),
  });
  if (!ok) {
    const wrong = checks.filter((each) => !each.ok);
    const why = wrong.map(({ title, expected, actual }) => `${title}: ${actual}, expected ${expected}`);
    throw new ReleaseError('HANDOFF_INVALID', `the handoff ${folder} is not proven: ${why.join('; ')}`, {
      hint: 'Hand over what the build jobs of this workflow have left, unchanged; re-run the build job otherwise.',
    });
  }
  const sameRun =
    handoff.run.id === context.runId &&
    (identity === 'key' || isOfRun(proven.identity, context, claims?.issuer ?? ''));
  say(
    sameRun
      ? 'is signed by this run'
      : `is signed by run ${handoff.run.id} of this workflow: it gets no provenance`,
  );
  return sameRun ? 'built' : 'verdict';
}

/** `https://github.com/Acme/App/actions/runs/1/attempts/2`: any attempt of the run. https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
function isOfRun(
  identity: CertificateIdentity | undefined,
  { repository, runId, serverUrl }: Start['context'],
  issuer: string,
): boolean {
  const run = `${serverOf(issuer, serverUrl)}/${repository}/actions/runs/${runId}/`;
  return identity?.runInvocationUri?.startsWith(run) === true;
}
