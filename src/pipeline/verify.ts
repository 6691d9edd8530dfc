import { mapLimit } from '../model/concurrency.ts';
import { type Problem, problem, ReleaseError, releaseErrorOf, toReleaseError } from '../model/errors.ts';
import type { Inputs } from '../model/inputs.ts';
import type { Release } from '../model/release.ts';
import { faultsOf, reportOf, type VerificationReport } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import {
  type Decision,
  isLogged,
  type Voucher,
  verificationError,
  verifyCommands,
  verifyImage,
} from '../steps/verify/run.ts';
import type { Progress } from './progress.ts';
import type { Start } from './start.ts';
import { storedAt } from './verify-stored.ts';
import { type VerifySubject, verifySubjects } from './verify-subjects.ts';
import { verifierFor } from './verify-trust.ts';

type VerifyPorts = Pick<Ports, 'clock' | 'exec' | 'files' | 'github' | 'log' | 'registry' | 'sigstore'>;

/**
 * The command `verify`: proves the evidence of images, its own or other people's, and writes nothing. All images are looked
 * at before the run fails; throws VERIFY_FAILED, REGISTRY_*, SIGSTORE_UNAVAILABLE, INPUT_INVALID.
 */
export async function verify(start: Start, progress: Progress, ports: VerifyPorts): Promise<void> {
  await progress.always('verify', async () => {
    const { inputs, showChecks } = start;
    const { looked, problems } = await look(await verifySubjects(start, ports), start, ports);
    const report = reportOf(looked.map(({ decision }) => decision.report));
    if (looked.length > 0) {
      progress.note({
        verification: report,
        verifyCommands: looked.flatMap((each) => commandsOf(each, inputs)),
      });
      showChecks(report);
    }
    const failed = looked.length === 0 || report.ok ? [] : failureOf(report, inputs).problems;
    const unequal = inputs.verify.subjects.length > 0 ? [] : differences(looked);
    const all = [...failed, ...unequal, ...problems];
    if (all.length > 0) throw releaseErrorOf(all);
  });
  progress.note({ status: 'verified' });
}

/** All immutable tags of one release of an image have one digest, at every registry. */
function differences(looked: readonly Looked[]): readonly Problem[] {
  const refs = looked.map(({ decision: { report } }) => report);
  return [...new Set(refs.map(({ image }) => image))].flatMap((name) => {
    const own = refs.filter(({ image }) => image === name);
    if (new Set(own.map(({ ref }) => ref.digest)).size < 2) return [];
    const places = own.map(({ reference, ref }) => `${reference} is ${ref.digest}`).join(', ');
    return [problem('DIGEST_MISMATCH', `the image ${name} is not the same everywhere: ${places}`, UNEQUAL)];
  });
}

const UNEQUAL =
  'Find out who else pushes there; a re-run of the release brings the images to a registry that lacks them.';

const IMAGES_AT_ONCE = 3;

type Looked = { readonly subject: VerifySubject; readonly decision: Decision };

/** An image that is not there must not hide what is wrong with the next one. */
async function look(
  subjects: readonly VerifySubject[],
  start: Start,
  ports: VerifyPorts,
): Promise<{ readonly looked: readonly Looked[]; readonly problems: readonly Problem[] }> {
  const { attest, verify } = start.inputs;
  const verifier = verify.require.length === 0 ? UNASKED : await verifierFor(attest, ports);
  const results = await mapLimit(subjects, IMAGES_AT_ONCE, async (subject) => {
    try {
      const stored = storedAt(start, subject.policy, ports);
      const request = { ...subject, verifier, ...(stored === undefined ? {} : { stored }) };
      return { subject, decision: await verifyImage(request, ports) };
    } catch (error) {
      return toReleaseError(error);
    }
  });
  return {
    looked: results.flatMap((each) => (each instanceof ReleaseError ? [] : [each])),
    problems: results.flatMap((each) => (each instanceof ReleaseError ? each.problems : [])),
  };
}

const UNASKED = {
  prove: async () => {
    throw new ReleaseError('INTERNAL', 'a bundle is judged although nothing is asked');
  },
} as const;

/** Most failures of a first try are a workflow or branch that was not named. */
export function failureOf(report: VerificationReport, { verify: { identity } }: Inputs): ReleaseError {
  const error = verificationError(report);
  const unnamed = [
    ...(identity.repository === undefined ? (['repository'] as const) : []),
    ...(identity.workflow === undefined ? (['workflow'] as const) : []),
    ...(identity.ref === undefined ? (['ref'] as const) : []),
  ].filter((each) => faultsOf(report).includes(`${each}-mismatch`));
  if (unnamed.length === 0) return error;
  const inputs = unnamed.map((each) => `\`identity-${each}\``).join(' and ');
  const hint = `If the actual signer is the one that you trust, name it by ${inputs}; else do not use this image.`;
  return new ReleaseError(error.code, error.message, { hint });
}

/** How a reader checks the same without us: what the top is attested with, then what only its platforms have. */
function commandsOf(
  { subject, decision: { report, taken } }: Looked,
  inputs: Inputs,
): NonNullable<Release['verifyCommands']> {
  if (!report.ok) return [];
  const { repository, digest: top } = report.ref;
  const onTop = new Set(taken.filter((each) => each.subject.digest === top).map(({ kind }) => kind));
  const lines = report.subjects.flatMap(({ digest }) => {
    const wanted = taken.filter(
      (each) => each.subject.digest === digest && (digest === top || !onTop.has(each.kind)),
    );
    const logged = wanted.every(({ bundle }) => isLogged(bundle));
    const voucher = voucherOf(subject, logged, inputs);
    const ref = { repository, digest };
    const atRegistry = wanted.filter(({ source }) => source.startsWith('sha256:'));
    const inStore = wanted.filter(({ source }) => !source.startsWith('sha256:'));
    return [
      ...verifyCommands({ ref, voucher, kinds: atRegistry.map(({ kind }) => kind) }),
      // The tool asks the store itself, unless it is told to look beside the image.
      ...verifyCommands({ ref, voucher, kinds: inStore.map(({ kind }) => kind) })
        .filter((line) => line.startsWith('gh '))
        .map((line) => line.replace(' --bundle-from-oci', '')),
    ];
  });
  return lines.length === 0 ? [] : [{ image: report.image, lines }];
}

/** Whose root believed it: GitHub's own instance has no log. */
function voucherOf({ policy: { identity } }: VerifySubject, logged: boolean, { attest }: Inputs): Voucher {
  if (identity === 'key') return { kind: 'key', logged: logged && attest.instance === 'public-good' };
  if (attest.trustedRoot !== undefined) return { kind: 'private', identity, logged };
  return { kind: logged ? 'public-good' : 'github', identity };
}
