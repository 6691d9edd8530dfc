import { describe, expect, it } from '@jest/globals';
import type { AttestInputs, Inputs } from '../../../src/model/inputs.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { attestProblems, decideAttest, decideVerify } from '../../../src/plan/attest.ts';
import { planRelease } from '../../../src/plan/plan-release.ts';
import { anInputs, someFacts, someVersionInputs } from '../../helpers/a-context.ts';
import { capturedContext } from '../../helpers/captured-event.ts';

type Case = {
  readonly mode: AttestInputs['mode'];
  readonly kind: Plan['kind'];
  readonly token: boolean;
  readonly key: boolean;
  readonly offline?: boolean;
  readonly pushed?: boolean;
};

const KEY = { pem: '-----BEGIN PRIVATE KEY-----', password: '' };

function inputsOf({ mode, key, offline = false }: Case): Pick<Inputs, 'attest' | 'tools'> {
  const { tools } = anInputs();
  return {
    attest: { mode, instance: 'auto', ...(key ? { key: KEY } : {}) },
    tools: { ...tools, offline },
  };
}

const pushOf = ({ pushed = true }: Case) =>
  ({ do: pushed ? 'run' : 'skip', reason: 'as the event wants it' }) as const;

const NO_TOKEN = 'the job has no `permissions: id-token: write`, and there is no `cosign-key`';
const TOKEN = 'the identity of this job signs what was pushed';
const BY_KEY = 'the given key signs what was pushed';
const PULL = 'a pull request is not attested unless `attest: true` says so';
const OFFLINE = 'nothing signs under `offline` but a `cosign-key`';
const UNPUSHED = 'what is not pushed is not attested';

const some = { kind: 'tag', token: true, key: false } as const;

describe('whether a run attests', () => {
  it.each<[Case, 'run' | 'skip', string]>([
    [{ ...some, mode: 'auto' }, 'run', TOKEN],
    [{ ...some, mode: 'auto', kind: 'branch' }, 'run', TOKEN],
    [{ ...some, mode: 'auto', kind: 'schedule' }, 'run', TOKEN],
    [{ ...some, mode: 'auto', kind: 'dispatch' }, 'run', TOKEN],
    [{ ...some, mode: 'auto', token: false }, 'skip', NO_TOKEN],
    [{ ...some, mode: 'auto', token: false, key: true }, 'run', BY_KEY],
    [{ ...some, mode: 'auto', key: true }, 'run', BY_KEY],
    [{ ...some, mode: 'auto', kind: 'pull-request' }, 'skip', PULL],
    [{ ...some, mode: 'auto', kind: 'pull-request', key: true }, 'skip', PULL],
    [{ ...some, mode: 'auto', kind: 'pull-request', token: false }, 'skip', PULL],
    [{ ...some, mode: 'auto', offline: true }, 'skip', OFFLINE],
    [{ ...some, mode: 'auto', offline: true, key: true }, 'run', BY_KEY],
    [{ ...some, mode: 'auto', pushed: false }, 'skip', UNPUSHED],
    [{ ...some, mode: 'auto', kind: 'fork', pushed: false, key: true }, 'skip', UNPUSHED],
    [{ ...some, mode: 'true' }, 'run', TOKEN],
    [{ ...some, mode: 'true', kind: 'pull-request' }, 'run', TOKEN],
    [{ ...some, mode: 'true', kind: 'pull-request', token: false, key: true }, 'run', BY_KEY],
    [{ ...some, mode: 'true', kind: 'fork', pushed: false }, 'skip', UNPUSHED],
    [{ ...some, mode: 'true', offline: true, key: true }, 'run', BY_KEY],
    [{ ...some, mode: 'false' }, 'skip', '`attest: false`'],
    [{ ...some, mode: 'false', key: true }, 'skip', '`attest: false`'],
    [{ ...some, mode: 'false', kind: 'pull-request', token: false }, 'skip', '`attest: false`'],
    [{ ...some, mode: 'false', pushed: false }, 'skip', UNPUSHED],
  ])('%j: %s', (about, decision, reason) => {
    const { kind, token } = about;
    const decided = decideAttest(inputsOf(about), kind, { oidc: token }, pushOf(about));
    expect(decided).toEqual({ do: decision, reason });
  });

  it.each<[Case, boolean]>([
    [{ ...some, mode: 'true', token: false }, true],
    [{ ...some, mode: 'true', token: false, kind: 'pull-request' }, true],
    [{ ...some, mode: 'true', token: false, key: true }, false],
    [{ ...some, mode: 'true' }, false],
    [{ ...some, mode: 'true', token: false, kind: 'fork', pushed: false }, false],
    [{ ...some, mode: 'auto', token: false }, false],
    [{ ...some, mode: 'false', token: false }, false],
  ])('is a problem when it must and cannot: %j: %s', (about, isProblem) => {
    const problems = attestProblems(inputsOf(about), { oidc: about.token }, pushOf(about));
    expect(problems.map(({ code }) => code)).toEqual(isProblem ? ['OIDC_MISSING'] : []);
    for (const { hint } of problems) expect(hint).toContain('id-token: write');
  });

  it('is what the verification follows, with a reason of its own', () => {
    expect(decideVerify({ do: 'run', reason: TOKEN })).toEqual({
      do: 'run',
      reason: 'what was signed is read back and proven before any tag is set',
    });
    expect(decideVerify({ do: 'skip', reason: NO_TOKEN })).toEqual({
      do: 'skip',
      reason: 'nothing is attested: the verdict of this run stands for its images',
    });
  });
});

describe('attestations in the plan', () => {
  const required = { attest: { mode: 'true', instance: 'auto' } } as const;
  const codes = (event: string, oidc: boolean, change: Partial<Inputs> = required) =>
    planRelease(anInputs(change), capturedContext(event), someFacts({ oidc })).problems.map(
      ({ code }) => code,
    );

  it('are missing before anything is built, in a release and in its plan alike', () => {
    expect(codes('push-tag', false)).toEqual(['OIDC_MISSING']);
    expect(codes('push-tag', false, { ...required, command: 'plan' })).toEqual(['OIDC_MISSING']);
    expect(codes('push-tag', false, { ...required, dryRun: true })).toEqual(['OIDC_MISSING']);
    expect(codes('push-tag', true)).toEqual([]);
  });

  it('are asked of nobody who cannot push: `attest: true` leaves pull requests and forks green', () => {
    expect(codes('pull-request', false)).toEqual([]);
    expect(codes('pull-request-fork', false)).toEqual([]);
    const pushing = { ...required, version: someVersionInputs({ pullRequest: 'push' }) };
    expect(codes('pull-request', false, pushing)).toEqual(['OIDC_MISSING']);
    expect(codes('pull-request-fork', false, pushing)).toEqual([]);
  });
});
