import type { ReleaseSelector } from '../model/channel.ts';
import { releaseErrorOf } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import { planMove } from '../plan/move-plan.ts';
import type { Ports } from '../ports/index.ts';
import { surveyNames } from '../steps/survey/run.ts';
import { type RecordSigner, recordSigner } from './channel-record.ts';
import { namesIn } from './move-source.ts';
import type { Progress } from './progress.ts';
import { openSigning } from './signing.ts';
import type { Start } from './start.ts';
import { verifierFor } from './verify-trust.ts';

/** The plan of `promote` and `rollback`, shown and noted. Throws what is wrong with it. */
export async function startMove(
  start: Start,
  selector: ReleaseSelector,
  progress: Progress,
  ports: Ports,
): Promise<Plan> {
  const { inputs, context } = start;
  const { facts, problems } = await surveyNames(inputs, context, ports);
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

/** Signs the records of this run, when the job may. */
export async function moveSigner(start: Start, plan: Plan, ports: Ports): Promise<RecordSigner> {
  const { attest, tools } = start.inputs;
  const byKey = attest.key !== undefined;
  const isOpen = byKey
    ? !/BEGIN PUBLIC KEY/.test(attest.key?.pem ?? '')
    : ports.oidc.available && !tools.offline;
  const signing =
    attest.mode === 'false' || plan.dryRun || !isOpen ? undefined : await openSigning(start, plan, ports);
  return recordSigner(start, {
    byKey,
    verifier: () => verifierFor(attest, ports),
    ...(signing === undefined ? {} : { signer: signing.signer }),
  });
}
