import * as z from 'zod/mini';
import type { Check, VerificationPolicy } from '../../model/verification.ts';
import type { CertificateIdentity } from '../../ports/sigstore.ts';
import { check } from './expected.ts';

/**
 * SLSA v1 as GitHub's actions and we write it. https://slsa.dev/spec/v1.1/provenance and
 * https://actions.github.io/buildtypes/workflow/v1
 */
const predicate = z.object({
  buildDefinition: z.object({
    buildType: z.string(),
    externalParameters: z.object({
      workflow: z.object({ ref: z.string(), repository: z.string(), path: z.string() }),
    }),
    resolvedDependencies: z.array(
      z.object({
        uri: z.optional(z.string()),
        digest: z.optional(z.record(z.string(), z.string())),
      }),
    ),
  }),
  runDetails: z.object({ builder: z.object({ id: z.string() }) }),
});

type Provenance = z.infer<typeof predicate>;

/** What provenance says of its own origin, and whether the certificate, which cannot be chosen freely, says the same. */
export function provenanceChecks(
  value: unknown,
  identity: CertificateIdentity | undefined,
  { commit }: Pick<VerificationPolicy, 'commit'>,
): readonly Check[] {
  const parsed = predicate.safeParse(value);
  const form = check({
    id: 'provenance.predicate',
    title: 'Provenance: form',
    expected: 'SLSA provenance v1 of a workflow',
    actual: parsed.success ? 'SLSA provenance v1 of a workflow' : 'something else',
    ok: parsed.success,
    fault: 'predicate-invalid',
  });
  return parsed.success ? [form, ...originChecks(parsed.data, identity, commit)] : [form];
}

function originChecks(
  provenance: Provenance,
  identity: CertificateIdentity | undefined,
  commit: string | undefined,
): readonly Check[] {
  const { builder } = provenance.runDetails;
  const { workflow } = provenance.buildDefinition.externalParameters;
  const source = sourceOf(provenance);
  const started = `${workflow.repository}/${workflow.path}@${workflow.ref}`;
  const signedCommit = commit ?? identity?.sourceRepositoryDigest;
  const sameCommit = [identity?.sourceRepositoryDigest ?? signedCommit, signedCommit].every(
    (each) => each === undefined || each === source?.commit,
  );
  const byCommit = check({
    id: 'provenance.source-commit',
    title: 'Provenance: commit that was built',
    expected: signedCommit ?? 'any',
    actual: source?.commit,
    ok: source !== undefined && sameCommit,
    fault: 'commit-mismatch',
  });
  if (identity === undefined) return [byCommit];
  const { san, runnerEnvironment, sourceRepositoryUri, sourceRepositoryRef, buildConfigUri } = identity;
  return [
    check({
      id: 'provenance.builder',
      title: 'Provenance: builder',
      expected: san,
      actual: builder.id,
      ok: builder.id === san || builder.id === runnerOf(runnerEnvironment),
      fault: 'builder-mismatch',
    }),
    check({
      id: 'provenance.source-repository',
      title: 'Provenance: repository that was built',
      expected: sourceRepositoryUri ?? 'none',
      actual: workflow.repository,
      ok: workflow.repository === sourceRepositoryUri,
      fault: 'repository-mismatch',
    }),
    check({
      id: 'provenance.started-workflow',
      title: 'Provenance: workflow that was started',
      expected: buildConfigUri ?? 'any',
      actual: started,
      ok: buildConfigUri === undefined || started === buildConfigUri,
      fault: 'workflow-mismatch',
    }),
    check({
      id: 'provenance.source-ref',
      title: 'Provenance: branch or tag that was built',
      expected: sourceRepositoryRef ?? 'none',
      actual: source?.ref,
      ok: source !== undefined && source.ref === sourceRepositoryRef,
      fault: 'ref-mismatch',
    }),
    byCommit,
  ];
}

/** GitHub's first attest actions named the runner as the builder. */
function runnerOf(environment: string | undefined): string | undefined {
  return environment === undefined ? undefined : `https://github.com/actions/runner/${environment}`;
}

/** The first dependency is the source: `git+https://github.com/Owner/Name@refs/tags/v1` with its gitCommit. */
function sourceOf({ buildDefinition }: Provenance): { ref: string; commit: string } | undefined {
  const start = `git+${buildDefinition.externalParameters.workflow.repository}@`;
  const found = buildDefinition.resolvedDependencies.find(({ uri }) => uri?.startsWith(start));
  const commit = found?.digest?.gitCommit ?? found?.digest?.sha1;
  if (found?.uri === undefined || commit === undefined) return undefined;
  return { ref: found.uri.slice(start.length), commit };
}
