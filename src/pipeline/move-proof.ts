import { mapLimit } from '../model/concurrency.ts';
import { ANNOTATION, type Plan } from '../model/plan.ts';
import { formatReference, isDigestRef } from '../model/reference.ts';
import { type ImageReport, reportOf, type VerificationReport } from '../model/verification.ts';
import { parseVersion } from '../model/version.ts';
import type { Ports } from '../ports/index.ts';
import { type Decision, verifyImage } from '../steps/verify/run.ts';
import type { SourceImage } from './move-source.ts';
import type { Progress } from './progress.ts';
import type { Start } from './start.ts';
import { failureOf } from './verify.ts';
import { storedAt } from './verify-stored.ts';
import { policyOf } from './verify-subjects.ts';
import { verifierFor } from './verify-trust.ts';

export type Proof = { readonly decisions: readonly Decision[]; readonly evidence: 'attested' | 'unattested' };

const IMAGES_AT_ONCE = 3;

/**
 * Proves where it comes from what a channel is to be moved to; nothing is asked under `require: none`. Throws
 * VERIFY_FAILED, SIGSTORE_UNAVAILABLE, REGISTRY_*.
 */
export async function proveSources(
  start: Start,
  plan: Plan,
  sources: readonly SourceImage[],
  progress: Progress,
  ports: Ports,
): Promise<Proof> {
  const decisions = await progress.step(plan, 'verify', async () => {
    const patience = plan.command === 'rollback' ? 'hasty' : 'patient';
    const verifier = await verifierFor(start.inputs.attest, ports, patience);
    const stored = storedAt(start, policyOf(start, undefined), ports);
    const found = await mapLimit(sources, IMAGES_AT_ONCE, (source) => {
      const policy = policyOf(start, refOf(start, source));
      const { planned, ref } = source;
      return verifyImage(
        {
          image: planned.name,
          reference: ref,
          policy,
          verifier,
          ...(stored === undefined ? {} : { stored }),
        },
        ports,
      );
    });
    const report = reportOf(found.map((each) => each.report));
    progress.note({ verification: report });
    start.showChecks(report);
    if (!report.ok) throw failureOf(report, start.inputs);
    return found;
  });
  if (decisions !== undefined) return { decisions, evidence: 'attested' };
  progress.note({ verification: unasked(sources) });
  ports.log.warning(
    'No evidence was asked for (`require: none`): the channel moves to what nobody has proven.',
  );
  return { decisions: [], evidence: 'unattested' };
}

/**
 * Built from the git tag of the version that it carries itself (a promotion may have named it anew since); what carries none
 * from that of the version that it is asked for by.
 */
function refOf({ inputs }: Start, { annotations, named }: SourceImage): string | undefined {
  const { tagPrefix } = inputs.version;
  const asked = isDigestRef(named) ? undefined : parseVersion(named.tag);
  const version = annotations[ANNOTATION.version] ?? asked?.raw;
  const isForeign = inputs.verify.identity.repository !== undefined;
  return isForeign || version === undefined || tagPrefix.includes('*')
    ? undefined
    : `refs/tags/${tagPrefix}${version}`;
}

function unasked(sources: readonly SourceImage[]): VerificationReport {
  return reportOf(
    sources.map(
      ({ planned, ref, named }): ImageReport => ({
        image: planned.name,
        reference: formatReference(named),
        ref,
        require: [],
        checks: [],
        subjects: [],
        ok: true,
      }),
    ),
  );
}
