import * as z from 'zod/mini';
import type { OidcClaims } from '../../ports/oidc.ts';
import { serverOf } from './identity.ts';
import { notKept } from './kept.ts';
import { invocationOf } from './provenance.ts';

/**
 * What a certificate says of the signer, and so must be alike in the run that built and the run that signs for it: else the
 * signature would say something of the build that is not so, such as that a hosted runner made it. Run and event may differ.
 */
const ALIKE = [
  ['repository', 'repository'],
  ['repositoryId', 'number of the repository'],
  ['repositoryOwnerId', 'number of the owner'],
  ['ref', 'branch or tag'],
  ['sha', 'commit'],
  ['workflowRef', 'workflow that was started'],
  ['workflowSha', 'commit of the workflow that was started'],
  ['jobWorkflowRef', 'signer workflow'],
  ['jobWorkflowSha', 'commit of the signer workflow'],
  ['runnerEnvironment', 'kind of runner'],
] as const satisfies readonly (readonly [keyof OidcClaims, string])[];

/** Throws VERIFY_FAILED unless this run may speak for the one that built. */
export function requireSameSigner(builder: OidcClaims, own: OidcClaims): void {
  for (const [claim, title] of ALIKE)
    if (builder[claim] !== own[claim]) throw notKept(title, own[claim] ?? 'none', builder[claim] ?? 'none');
}

/** Provenance as we write it: https://slsa.dev/spec/v1.1/provenance */
const provenance = z.object({
  buildDefinition: z.object({
    externalParameters: z.object({
      workflow: z.object({ ref: z.string(), repository: z.string(), path: z.string() }),
    }),
    resolvedDependencies: z
      .array(z.object({ uri: z.string(), digest: z.record(z.string(), z.string()) }))
      .check(z.minLength(1)),
  }),
  runDetails: z.object({
    builder: z.object({ id: z.string() }),
    metadata: z.object({ invocationId: z.string() }),
  }),
});

type Origin = {
  readonly claims: OidcClaims;
  readonly serverUrl: string;
  /** Whether the claims are those of the very run that built; a key vouches for a run without naming it. */
  readonly sameRun: boolean;
};

/** Throws VERIFY_FAILED unless the provenance names the run that vouches for it. */
export function requireOrigin(predicate: unknown, { claims, serverUrl, sameRun }: Origin): void {
  const parsed = provenance.safeParse(predicate);
  if (!parsed.success) throw notKept('provenance', 'SLSA provenance v1 of a workflow', 'something else');
  const { buildDefinition, runDetails } = parsed.data;
  const { workflow } = buildDefinition.externalParameters;
  const [source] = buildDefinition.resolvedDependencies;
  const server = serverOf(claims.issuer, serverUrl);
  const questions = [
    ['builder', `${server}/${claims.jobWorkflowRef}`, runDetails.builder.id],
    [
      'workflow',
      `${server}/${claims.workflowRef}`,
      `${workflow.repository}/${workflow.path}@${workflow.ref}`,
    ],
    ['source', `git+${server}/${claims.repository}@${claims.ref}`, source?.uri],
    ['commit', claims.sha, source?.digest.gitCommit],
    ...(sameRun ? [['run', invocationOf(claims, serverUrl), runDetails.metadata.invocationId]] : []),
  ];
  for (const [title, expected = '', actual = 'none'] of questions)
    if (expected !== actual) throw notKept(`${title} of a provenance`, expected, actual);
}
