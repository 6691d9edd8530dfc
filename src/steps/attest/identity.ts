import { ReleaseError } from '../../model/errors.ts';
import type { Plan } from '../../model/plan.ts';
import type { OidcClaims } from '../../ports/oidc.ts';

/** A workflow as a claim names it: `owner/name/.github/workflows/release.yml@refs/tags/v1.2.3`. */
export type WorkflowRef = {
  /** `owner/name`. */
  readonly repository: string;
  readonly path: string;
  readonly ref: string;
};

/** A ref may hold an `@` itself (`refs/tags/@acme/app@1.0.0`), a workflow's path ends in .yml or .yaml. */
const WORKFLOW = /^([\w.-]+\/[\w.-]+)\/(.+?\.ya?ml)@(.+)$/;

export function parseWorkflowRef(text: string): WorkflowRef | undefined {
  const [, repository, path, ref] = WORKFLOW.exec(text) ?? [];
  return repository === undefined || path === undefined || ref === undefined
    ? undefined
    : { repository, path, ref };
}

/**
 * The server whose workflows the issuer speaks for; `given` (the runner's word) only for an issuer that we do not know: GitHub
 * Enterprise Server names itself, and so does a data-residency tenant.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
export function serverOf(issuer: string, given: string): string {
  const url = URL.parse(issuer);
  if (url === null || url.protocol !== 'https:') return withoutSlash(given);
  const [, tenant] = /^token\.actions\.([a-z0-9-]+\.ghe\.com)$/.exec(url.host) ?? [];
  if (url.host === 'token.actions.githubusercontent.com') return 'https://github.com';
  if (tenant !== undefined) return `https://${tenant}`;
  return /^\/_services\/token(?:\/|$)/.test(url.pathname) ? `https://${url.host}` : withoutSlash(given);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Throws unless the token speaks of the commit that was built. Its commit is that of the event, also in a re-run and when the
 * tag has been moved since; the checkout was compared with the event before. Only a pull request may be built from its head
 * while the token speaks of the merge commit: then both are recorded.
 */
export function requireSameCommit(claims: OidcClaims, plan: Pick<Plan, 'revision' | 'kind'>): void {
  if (!COMMIT.test(claims.sha) || !COMMIT.test(plan.revision))
    throw new ReleaseError('INTERNAL', `not a commit: ${claims.sha} and ${plan.revision}`);
  if (claims.sha === plan.revision || plan.kind === 'pull-request') return;
  throw new ReleaseError(
    'COMMIT_MISMATCH',
    `the OIDC token of this run is for the commit ${claims.sha}, and the images are built from ${plan.revision}`,
    { hint: 'Check out the commit of the event; provenance names the commit that the token names.' },
  );
}
