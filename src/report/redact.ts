import type { ChannelPlan } from '../model/channel.ts';
import { isDigest } from '../model/digest.ts';
import type { Problem } from '../model/errors.ts';
import type { PublishedModule } from '../model/publish.ts';
import type { Release } from '../model/release.ts';
import type { Violation } from '../model/scan.ts';
import type { Check, ImageReport } from '../model/verification.ts';

type Redact = (text: string) => string;

/**
 * The release without secrets in its free text, before outputs, summary and record are made from it. Names, tags and
 * digests stay as they are: they are checked, and a short secret must not blank part of a digest.
 */
export function redactRelease(release: Release, redact: Redact): Release {
  const { plan, promotions, published, verdict, verification } = release;
  return {
    ...release,
    steps: release.steps.map((step) => redactReason(step, redact)),
    problems: release.problems.map((problem) => redactProblem(problem, redact)),
    ...(plan === undefined
      ? {}
      : {
          plan: {
            ...plan,
            channels: redactChannels(plan.channels, redact),
            steps: plan.steps.map((step) => ({ ...step, reason: redact(step.reason) })),
            problems: plan.problems.map((problem) => redactProblem(problem, redact)),
          },
        }),
    ...(promotions === undefined
      ? {}
      : { promotions: promotions.map((move) => ({ ...move, reason: redact(move.reason) })) }),
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
    ...(published === undefined ? {} : { published: published.map((each) => redactJob(each, redact)) }),
    ...(verification === undefined
      ? {}
      : {
          verification: {
            ...verification,
            images: verification.images.map((image) => redactEvidence(image, redact)),
          },
        }),
  };
}

function redactChannels({ promotions, spared }: ChannelPlan, redact: Redact): ChannelPlan {
  const clear = <T extends { readonly reason: string }>(each: T): T => ({
    ...each,
    reason: redact(each.reason),
  });
  return { promotions: promotions.map(clear), spared: spared.map(clear) };
}

/** What bundles and their certificates say is foreign text: anybody may have written it. */
function redactEvidence(image: ImageReport, redact: Redact): ImageReport {
  return {
    ...image,
    checks: image.checks.map((check) => redactCheck(check, redact)),
    subjects: image.subjects.map((subject) => ({
      ...subject,
      checks: subject.checks.map((check) => redactCheck(check, redact)),
      refused: subject.refused.map((bundle) => ({ ...bundle, message: redact(bundle.message) })),
    })),
  };
}

function redactCheck(check: Check, redact: Redact): Check {
  const clear = (value: string): string => (isDigest(value) ? value : redact(value));
  return { ...check, expected: clear(check.expected), actual: clear(check.actual) };
}

/** What a platform says of a job is foreign text. */
function redactJob(module: PublishedModule, redact: Redact): PublishedModule {
  const { job } = module;
  if (job?.reason === undefined) return module;
  return { ...module, job: { ...job, reason: redact(job.reason) } };
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
