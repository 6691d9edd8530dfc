import type { RunContext } from '../model/context.ts';
import { type Problem, problem } from '../model/errors.ts';
import type { Facts } from '../model/facts.ts';
import type { Plan } from '../model/plan.ts';

/** What an event is to us, and the commit that it releases. */
export type EventReading = {
  readonly kind: Plan['kind'];
  /** The checked-out commit where it may be released, else the event's own. */
  readonly revision: string;
  readonly problems: readonly Problem[];
};

/**
 * Events that run with the rights of the base repository although other people start them. They may release their own
 * commit only. https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
 */
const PRIVILEGED = new Set(['pull_request_target', 'workflow_run', 'issue_comment']);

const TAGS = 'refs/tags/';
const BRANCHES = 'refs/heads/';
const PULLS = 'refs/pull/';

export function readEvent(context: RunContext, facts: Facts): EventReading {
  const kind = kindOf(context);
  const problems = [
    ...(kind === undefined ? [unknownRef(context)] : []),
    ...checkCommit(context, facts, kind),
  ];
  const planned = plannedCommits(context, kind);
  const revision = facts.head !== undefined && planned.includes(facts.head) ? facts.head : context.sha;
  return { kind: kind ?? 'branch', revision, problems };
}

/** `v1.2.3` of `refs/tags/v1.2.3`. */
export function tagOf(context: RunContext): string | undefined {
  return context.ref.startsWith(TAGS) ? context.ref.slice(TAGS.length) : undefined;
}

/** `main` of `refs/heads/main`. */
export function branchOf(context: RunContext): string | undefined {
  return context.ref.startsWith(BRANCHES) ? context.ref.slice(BRANCHES.length) : undefined;
}

function kindOf(context: RunContext): Plan['kind'] | undefined {
  const { eventName, ref } = context;
  // A merge queue builds a commit that may never reach the branch: gated like a pull request.
  if (eventName === 'merge_group') return 'pull-request';
  if (eventName === 'pull_request' || ref.startsWith(PULLS)) return isFork(context) ? 'fork' : 'pull-request';
  if (ref.startsWith(TAGS)) return 'tag';
  if (!ref.startsWith(BRANCHES)) return undefined;
  if (eventName === 'schedule') return 'schedule';
  return eventName === 'workflow_dispatch' || eventName === 'repository_dispatch' ? 'dispatch' : 'branch';
}

/** A deleted fork has no head repository; then, and when the event does not tell, we take the careful answer. */
function isFork(context: RunContext): boolean {
  return context.pullRequest?.headRepository?.toLowerCase() !== context.repository.toLowerCase();
}

function plannedCommits(context: RunContext, kind: Plan['kind'] | undefined): readonly string[] {
  const head = context.pullRequest?.headSha;
  const isPullRequest = kind === 'pull-request' || kind === 'fork';
  return isPullRequest && head !== undefined ? [context.sha, head] : [context.sha];
}

function checkCommit(context: RunContext, facts: Facts, kind: Plan['kind'] | undefined): readonly Problem[] {
  const { head } = facts;
  const planned = plannedCommits(context, kind);
  if (head === undefined) {
    return [
      problem(
        'COMMIT_MISMATCH',
        `the workspace is no git checkout, and the commit of the event is ${context.sha}`,
        'Run actions/checkout before this step.',
      ),
    ];
  }
  if (planned.includes(head)) return [];
  if (PRIVILEGED.has(context.eventName)) {
    return [
      problem(
        'EVENT_REFUSED',
        `the event ${context.eventName} has the checkout at ${head}, and its own commit is ${context.sha}`,
      ),
    ];
  }
  return [
    problem(
      'COMMIT_MISMATCH',
      `the checkout is at ${head}, and the commit of the event is ${planned.join(' or ')}`,
    ),
  ];
}

function unknownRef(context: RunContext): Problem {
  return problem(
    'INPUT_INVALID',
    `the ref of the event ${context.eventName} is no tag, branch or pull request: ${context.ref}`,
    'Start the workflow by a push, a release, a schedule, a dispatch or a pull request.',
  );
}
