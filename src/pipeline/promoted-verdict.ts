import { ReleaseError } from '../model/errors.ts';
import type { GateInputs } from '../model/inputs.ts';
import type { Finding, GatePolicy, GateVerdict, Scanner } from '../model/scan.ts';
import type { Ports } from '../ports/index.ts';
import { decideSources, gateError } from '../steps/gate/run.ts';
import { attestedFindings } from '../steps/inspect/run.ts';
import type { Decision, Taken } from '../steps/verify/run.ts';

type Judged = { readonly verdict: GateVerdict; readonly scanner?: Scanner };

/**
 * The attested verdict of each platform by the policy of today: waivers that have expired since count as findings. What the
 * scan could not know then is not known here; a release finds it. Throws GATE_FINDINGS, GATE_SECRET, VERIFY_FAILED.
 */
export function judgeAttested(
  decisions: readonly Decision[],
  gate: GateInputs,
  policy: GatePolicy,
  { clock, log }: Pick<Ports, 'clock' | 'log'>,
): Judged {
  const scans = decisions.flatMap(({ report, taken }) => {
    const [top, ...members] = report.subjects;
    const platforms = members.length > 0 ? members : top === undefined ? [] : [top];
    return platforms.map(({ digest, platform }) => {
      const scan = taken.find(({ kind, subject }) => kind === 'scan' && subject.digest === digest);
      return { image: report.image, ...readScan(report.image, platform, scan, gate) };
    });
  });
  const verdict = decideSources(
    policy,
    scans.map(({ image, findings }) => ({ folder: image, findings })),
    clock.now(),
  );
  if (!verdict.passed) throw gateError(verdict);
  const times = scans.flatMap(({ signedAt }) => signedAt ?? []).sort((a, b) => a.getTime() - b.getTime());
  const [oldest] = times;
  const since = oldest === undefined ? '' : ` The oldest of them is of ${oldest.toISOString()}.`;
  log.info(`The attested verdicts of ${scans.length} platforms stand by the policy of today.${since}`);
  const scanner = scans[0]?.scanner;
  return { verdict, ...(scanner === undefined ? {} : { scanner }) };
}

function readScan(
  image: string,
  platform: string | undefined,
  scan: Taken | undefined,
  gate: GateInputs,
): { readonly findings: readonly Finding[]; readonly scanner: Scanner; readonly signedAt?: Date } {
  const read = scan === undefined ? undefined : attestedFindings(scan.statement.predicate, gate);
  if (read?.ok !== true || scan === undefined) {
    const name = platform === undefined ? image : `${image} (${platform})`;
    const why = read?.ok === false ? read.why : 'there is none';
    throw new ReleaseError('VERIFY_FAILED', `the attested scan of ${name} does not stand today: ${why}`, {
      hint: 'Scan it anew by `command: attest`, or set the gate as it was; `require` without `scan` asks for no verdict.',
    });
  }
  const { signedAt } = scan.proven;
  return { findings: read.findings, scanner: read.scanner, ...(signedAt === undefined ? {} : { signedAt }) };
}
