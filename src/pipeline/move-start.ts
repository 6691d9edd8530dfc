import type { ReleaseSelector } from '../model/channel.ts';
import { releaseErrorOf, toReleaseError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import { planMove } from '../plan/move-plan.ts';
import type { Ports } from '../ports/index.ts';
import { surveyNames } from '../steps/survey/run.ts';
import { type RecordSigner, recordSigner } from './channel-record.ts';
import { namesIn } from './move-source.ts';
import { ROLLBACK_PATIENCE_MS, within } from './patience.ts';
import type { Progress } from './progress.ts';
import { openSigning, type Signing } from './signing.ts';
import type { Start } from './start.ts';
import { verifierFor } from './verify-trust.ts';

/** What a module is built from names no image. */
const NO_MODULES = { modules: new Map(), moduleImages: new Map() };

/** The plan of `promote` and `rollback`, shown and noted. Throws what is wrong with it. */
export async function startMove(
  start: Start,
  selector: ReleaseSelector,
  progress: Progress,
  ports: Ports,
): Promise<Plan> {
  const { inputs, context } = start;
  const { facts, problems } = await surveyNames(inputs, context, NO_MODULES, ports);
  const made = planMove(inputs, context, facts, undeclared(start, selector));
  const plan = { ...made, problems: [...made.problems, ...problems] };
  progress.note({ plan });
  start.announce(plan);
  if (plan.problems.length > 0) throw releaseErrorOf(plan.problems);
  return plan;
}

/** Who declares no images says by name which digests belong together. */
function undeclared({ inputs }: Start, selector: ReleaseSelector): readonly string[] | undefined {
  const { definition } = inputs.build;
  const isDeclared =
    definition.kind === 'bake-file' ||
    inputs.names.image !== undefined ||
    definition.images.some(({ name }) => name !== undefined);
  return isDeclared ? undefined : namesIn(selector);
}

/** Signs the records of this run, when the job may. A rollback goes on without a signature that does not come. */
export async function moveSigner(start: Start, plan: Plan, ports: Ports): Promise<RecordSigner> {
  const { attest, tools } = start.inputs;
  const byKey = attest.key !== undefined;
  const isOpen = byKey
    ? !/BEGIN PUBLIC KEY/.test(attest.key?.pem ?? '')
    : ports.oidc.available && !tools.offline;
  const isSilent = attest.mode === 'false' || plan.dryRun || !isOpen;
  const isRollback = plan.command === 'rollback';
  const signing = isSilent
    ? undefined
    : isRollback
      ? await calmSigning(start, plan, ports)
      : await openSigning(start, plan, ports);
  return recordSigner(start, {
    byKey,
    isLate: !isSilent && signing === undefined,
    verifier: () => verifierFor(attest, ports, isRollback ? 'hasty' : 'patient'),
    ...(isRollback ? { patienceMs: ROLLBACK_PATIENCE_MS } : {}),
    ...(signing === undefined ? {} : { signer: signing.signer }),
  });
}

async function calmSigning(start: Start, plan: Plan, ports: Ports): Promise<Signing | undefined> {
  try {
    const work = openSigning(start, plan, ports);
    return await within(ROLLBACK_PATIENCE_MS, work, 'the identity of the job', ports.clock);
  } catch (error) {
    ports.log.warning(`The record of this rollback is not signed now: ${toReleaseError(error).message}.`);
    return undefined;
  }
}
