import type { IdentityInputs } from '../../model/inputs.ts';
import type { Expected, IdentityPolicy, WorkflowPolicy } from '../../model/verification.ts';
import type { OidcClaims } from '../../ports/oidc.ts';

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

/** What the run knows about who signs, where the inputs say nothing. */
export type Defaults = {
  /** `https://github.com` */
  readonly serverUrl: string;
  /** `Owner/Name` as GitHub spells it. */
  readonly repository: string;
  /** `refs/tags/v1.2.3`; absent: any. */
  readonly ref?: string;
  /** Path of the workflow, such as `.github/workflows/release.yml`; absent: any of the repository. */
  readonly workflow?: string;
};

/** Whose evidence counts, from the inputs `identity-…`; what stands in them is checked at the door. */
export function identityPolicy(given: IdentityInputs, defaults: Defaults): IdentityPolicy {
  const { serverUrl } = defaults;
  const own = { kind: 'exact', value: defaults.repository } as const;
  const ref =
    given.ref ?? (defaults.ref === undefined ? undefined : ({ kind: 'exact', value: defaults.ref } as const));
  const signer =
    given.workflow ??
    // The workflow of this repository says nothing about another one.
    (defaults.workflow === undefined || given.repository !== undefined
      ? undefined
      : ({ kind: 'exact', value: defaults.workflow } as const));
  return {
    issuer: given.issuer ?? { kind: 'exact', value: GITHUB_ISSUER },
    repository: onServer(given.repository ?? own, serverUrl),
    workflow: workflowOf(signer, serverUrl),
    ...(ref === undefined ? {} : { ref }),
  };
}

/** The signer of this very run, by the claims of its token. A reusable workflow has its own path and ref. */
export function ownIdentity(claims: OidcClaims, serverUrl: string): IdentityPolicy {
  return {
    issuer: { kind: 'exact', value: claims.issuer },
    repository: { kind: 'exact', value: `${serverUrl}/${claims.repository}` },
    workflow: workflowOf({ kind: 'exact', value: claims.jobWorkflowRef }, serverUrl),
    ref: { kind: 'exact', value: claims.ref },
  };
}

/** With or without the server in front: `acme/app` is `https://github.com/acme/app`. */
function onServer({ kind, value }: Expected, serverUrl: string): Expected {
  if (kind === 'exact') return { kind, value: /^https?:\/\//.test(value) ? value : `${serverUrl}/${value}` };
  return { kind, value: `(?:${value})|${literal(serverUrl)}/(?:${value})` };
}

/** `path`, `path@ref`, `Owner/Name/path@ref`, or that with the server in front. */
export const WORKFLOW =
  /^(?:(?<server>https?:\/\/[^/@\s]+)\/)?(?:(?<repository>[^/@\s:]+\/[^/@\s]+)\/)?(?<path>\.github\/workflows\/[^/@\s]+)(?:@(?<ref>\S+))?$/;

function workflowOf(signer: Expected | undefined, serverUrl: string): WorkflowPolicy {
  if (signer === undefined) return { kind: 'any' };
  if (signer.kind === 'regexp') return { kind: 'regexp', value: onServer(signer, serverUrl).value };
  const { server, repository, path, ref } = WORKFLOW.exec(signer.value)?.groups ?? {};
  // What is no path of a workflow names nobody: it is then compared as it stands, and nothing equals it.
  if (path === undefined) return { kind: 'exact', path: signer.value };
  return {
    kind: 'exact',
    path,
    ...(repository === undefined ? {} : { repository: `${server ?? serverUrl}/${repository}` }),
    ...(ref === undefined ? {} : { ref }),
  };
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
