import { type Problem, problem } from '../model/errors.ts';
import type { Facts } from '../model/facts.ts';
import type { Inputs } from '../model/inputs.ts';
import type { Plan, StepDecision } from '../model/plan.ts';

type Decision = Omit<StepDecision, 'id'>;

/** Whether this run signs, and why: `auto` when it may, `true` or not at all. `pushed`: whether there will be something to sign. */
export function decideAttest(
  { attest, tools }: Pick<Inputs, 'attest' | 'tools'>,
  kind: Plan['kind'],
  { oidc }: Pick<Facts, 'oidc'>,
  pushed: Decision,
): Decision {
  if (pushed.do === 'skip') return { do: 'skip', reason: 'what is not pushed is not attested' };
  if (attest.mode === 'false') return { do: 'skip', reason: '`attest: false`' };
  if (attest.mode === 'auto' && kind === 'pull-request')
    return { do: 'skip', reason: 'a pull request is not attested unless `attest: true` says so' };
  if (attest.key !== undefined) return { do: 'run', reason: 'the given key signs what was pushed' };
  if (tools.offline) return { do: 'skip', reason: 'nothing signs under `offline` but a `cosign-key`' };
  if (oidc) return { do: 'run', reason: 'the identity of this job signs what was pushed' };
  return {
    do: 'skip',
    reason: 'the job has no `permissions: id-token: write`, and there is no `cosign-key`',
  };
}

/** Attestations that are required and cannot be made: told before the first minute. */
export function attestProblems(
  { attest }: Pick<Inputs, 'attest'>,
  { oidc }: Pick<Facts, 'oidc'>,
  pushed: Decision,
): readonly Problem[] {
  if (attest.mode !== 'true' || attest.key !== undefined || oidc || pushed.do === 'skip') return [];
  return [problem('OIDC_MISSING', '`attest: true` needs an OIDC token, and this job may not ask for one')];
}

export function decideVerify(attest: Decision): Decision {
  return attest.do === 'skip'
    ? { do: 'skip', reason: 'nothing is attested: the verdict of this run stands for its images' }
    : { do: 'run', reason: 'what was signed is read back and proven before any tag is set' };
}
