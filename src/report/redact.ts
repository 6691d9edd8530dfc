import type { Problem } from '../model/errors.ts';
import type { Release } from '../model/release.ts';
import type { Violation } from '../model/scan.ts';

type Redact = (text: string) => string;

/**
 * The release without secrets in its free text, before outputs, summary and record are made from it. Names, tags and
 * digests stay as they are: they are checked, and a short secret must not blank part of a digest.
 */
export function redactRelease(release: Release, redact: Redact): Release {
  const { plan, verdict } = release;
  return {
    ...release,
    steps: release.steps.map((step) => redactReason(step, redact)),
    problems: release.problems.map((problem) => redactProblem(problem, redact)),
    ...(plan === undefined
      ? {}
      : {
          plan: {
            ...plan,
            steps: plan.steps.map((step) => ({ ...step, reason: redact(step.reason) })),
            problems: plan.problems.map((problem) => redactProblem(problem, redact)),
          },
        }),
    ...(verdict === undefined
      ? {}
      : {
          verdict: {
            ...verdict,
            violations: verdict.violations.map((violation) => redactTitle(violation, redact)),
            waived: verdict.waived.map((violation) => redactTitle(violation, redact)),
            unfixed: verdict.unfixed.map((violation) => redactTitle(violation, redact)),
          },
        }),
  };
}

function redactProblem(problem: Problem, redact: Redact): Problem {
  return { ...problem, message: redact(problem.message), hint: redact(problem.hint) };
}

function redactReason<T extends { readonly reason?: string }>(step: T, redact: Redact): T {
  return step.reason === undefined ? step : { ...step, reason: redact(step.reason) };
}

function redactTitle<T extends Violation>(violation: T, redact: Redact): T {
  const { finding } = violation;
  return { ...violation, finding: { ...finding, title: redact(finding.title) } };
}
