import * as z from 'zod/mini';
import type { OidcClaims } from '../../ports/oidc.ts';

const text = z.string().check(z.minLength(1), z.maxLength(1024), z.regex(/^\P{C}*$/u));
const digits = z.pipe(z.union([z.string().check(z.regex(/^\d{1,20}$/)), z.int()]), z.transform(String));
const commit = z.string().check(z.regex(/^[0-9a-f]{40}$/));
/** `owner/name/path/of/workflow.yml@ref` */
const workflow = z
  .string()
  .check(z.maxLength(1024), z.regex(/^[^\s@/\p{C}]+\/[^\s@/\p{C}]+\/[^@\p{C}]+@[^\s\p{C}]+$/u));

/** https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims */
const claimsSchema = z.object({
  iss: z.url().check(z.maxLength(1024), z.regex(/^https?:/)),
  repository: z.string().check(z.maxLength(200), z.regex(/^[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/)),
  repository_id: digits,
  repository_owner_id: digits,
  repository_visibility: z.enum(['public', 'private', 'internal']),
  sha: commit,
  ref: text,
  event_name: text,
  run_id: digits,
  run_attempt: digits,
  runner_environment: text,
  workflow_ref: workflow,
  workflow_sha: commit,
  job_workflow_ref: workflow,
  job_workflow_sha: z.optional(commit),
});

/** The claims of GitHub's token (JWT); undefined when it is none. Its signature is not verified: there is nobody to lie to us but the runner. */
export function parseClaims(token: string): OidcClaims | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const result = claimsSchema.safeParse(json);
  if (!result.success) return undefined;
  const { data } = result;
  return {
    issuer: data.iss,
    repository: data.repository,
    repositoryId: data.repository_id,
    repositoryOwnerId: data.repository_owner_id,
    repositoryVisibility: data.repository_visibility,
    sha: data.sha,
    ref: data.ref,
    eventName: data.event_name,
    runId: data.run_id,
    runAttempt: data.run_attempt,
    runnerEnvironment: data.runner_environment,
    workflowRef: data.workflow_ref,
    workflowSha: data.workflow_sha,
    jobWorkflowRef: data.job_workflow_ref,
    ...(data.job_workflow_sha === undefined ? {} : { jobWorkflowSha: data.job_workflow_sha }),
  };
}
