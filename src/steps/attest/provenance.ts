import type { Digest } from '../../model/digest.ts';
import { hexOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Material } from '../../model/material.ts';
import type { Plan } from '../../model/plan.ts';
import type { OidcClaims } from '../../ports/oidc.ts';
import { parseWorkflowRef, requireSameCommit, serverOf } from './identity.ts';

/** Of actions/attest-build-provenance, so that its verifiers and policies read ours. https://actions.github.io/buildtypes/workflow/v1 */
export const BUILD_TYPE = 'https://actions.github.io/buildtypes/workflow/v1';

/** On the source commit: tracked files of the checkout had other content than the commit. */
export const DIRTY = 'io.github.module-release.dirty';

/** A file that the run made about an image. */
export type Byproduct = { readonly name: string; readonly digest: Digest; readonly mediaType: string };

export type RunFacts = {
  /** Of the OIDC token: who signs, and from which commit. */
  readonly claims: OidcClaims;
  /** For an issuer that does not name its server. */
  readonly serverUrl: string;
  readonly plan: Pick<Plan, 'revision' | 'kind' | 'dirty'>;
  readonly startedOn: Date;
  readonly finishedOn: Date;
  /** `publicInputs`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Programs of the builder by name: `module-release`, `buildx`. */
  readonly versions?: Readonly<Record<string, string>>;
};

export type SubjectFacts = {
  /** `imageParameters`. */
  readonly image: Readonly<Record<string, unknown>>;
  readonly materials: readonly Material[];
  readonly byproducts: readonly Byproduct[];
};

/**
 * The predicate of https://slsa.dev/spec/v1.1/provenance for one index or manifest. What the user asked of this action is an
 * internal parameter: it stands in the workflow, which is the builder, and the build type lets nothing but `workflow` be
 * external ("Consumers SHOULD reject unrecognized external parameters").
 */
export function provenance(run: RunFacts, subject: SubjectFacts): Readonly<Record<string, unknown>> {
  const { claims } = run;
  requireSameCommit(claims, run.plan);
  const server = serverOf(claims.issuer, run.serverUrl);
  const workflow = parseWorkflowRef(claims.workflowRef);
  if (workflow === undefined || parseWorkflowRef(claims.jobWorkflowRef) === undefined)
    throw new ReleaseError(
      'INTERNAL',
      `the OIDC token names no workflow: ${claims.workflowRef} and ${claims.jobWorkflowRef}`,
    );
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        workflow: { ref: workflow.ref, repository: `${server}/${workflow.repository}`, path: workflow.path },
      },
      internalParameters: {
        github: {
          event_name: claims.eventName,
          repository_id: claims.repositoryId,
          repository_owner_id: claims.repositoryOwnerId,
          runner_environment: claims.runnerEnvironment,
        },
        action: { inputs: run.inputs, image: subject.image },
      },
      resolvedDependencies: [...sources(run, server), ...subject.materials],
    },
    runDetails: {
      builder: {
        id: `${server}/${claims.jobWorkflowRef}`,
        ...(run.versions === undefined ? {} : { version: run.versions }),
      },
      metadata: {
        invocationId: invocationOf(claims, run.serverUrl),
        startedOn: run.startedOn.toISOString(),
        finishedOn: run.finishedOn.toISOString(),
      },
      ...(subject.byproducts.length === 0 ? {} : { byproducts: subject.byproducts.map(byproduct) }),
    },
  };
}

/** `https://github.com/Acme/App/actions/runs/1/attempts/2`. */
export function invocationOf(claims: OidcClaims, serverUrl: string): string {
  const server = serverOf(claims.issuer, serverUrl);
  return `${server}/${claims.repository}/actions/runs/${claims.runId}/attempts/${claims.runAttempt}`;
}

/** The commit of the token; after it the one that was built, where a pull request's head was. */
function sources({ claims, plan }: RunFacts, server: string): readonly unknown[] {
  const uri = `git+${server}/${claims.repository}@${claims.ref}`;
  const dirty = plan.dirty ? { annotations: { [DIRTY]: true } } : {};
  if (claims.sha === plan.revision) return [{ uri, digest: { gitCommit: claims.sha }, ...dirty }];
  const head = `git+${server}/${claims.repository}`;
  return [
    { uri, digest: { gitCommit: claims.sha } },
    { uri: head, digest: { gitCommit: plan.revision }, ...dirty },
  ];
}

function byproduct({ name, digest, mediaType }: Byproduct): unknown {
  return { name, digest: { sha256: hexOf(digest) }, mediaType };
}
