import type { Check, IdentityPolicy, VerificationPolicy, WorkflowPolicy } from '../../model/verification.ts';
import type { CertificateIdentity } from '../../ports/sigstore.ts';
import { anchored, check, isMet, showExpected } from './expected.ts';

type Aspect = { readonly id: string; readonly title: string };

/** Whether the certificate is that of the expected signer. `of` names the evidence in the titles: `Provenance`. */
export function identityChecks(
  of: Aspect,
  identity: CertificateIdentity | undefined,
  policy: Pick<VerificationPolicy, 'identity' | 'commit'>,
): readonly Check[] {
  if (policy.identity === 'key')
    return [
      check({
        id: `${of.id}.key`,
        title: `${of.title}: signed by`,
        expected: 'the given key',
        actual: identity === undefined ? 'the given key' : `the certificate of ${identity.san}`,
        ok: identity === undefined,
        fault: 'key-mismatch',
      }),
    ];
  return certificateChecks(of, identity, policy.identity, policy.commit);
}

function certificateChecks(
  { id, title }: Aspect,
  identity: CertificateIdentity | undefined,
  { issuer, repository, workflow, ref }: IdentityPolicy,
  commit: string | undefined,
): readonly Check[] {
  const { sourceRepositoryRef, sourceRepositoryDigest, sourceRepositoryUri } = identity ?? {};
  const hasRef = sourceRepositoryRef !== undefined && sourceRepositoryRef !== '';
  return [
    check({
      id: `${id}.issuer`,
      title: `${title}: issuer of the identity`,
      expected: showExpected(issuer),
      actual: identity?.issuer,
      ok: isMet(issuer, identity?.issuer),
      fault: 'issuer-mismatch',
    }),
    check({
      id: `${id}.repository`,
      title: `${title}: source repository`,
      expected: showExpected(repository),
      actual: sourceRepositoryUri,
      ok: isMet(repository, sourceRepositoryUri),
      fault: 'repository-mismatch',
    }),
    check({
      id: `${id}.workflow`,
      title: `${title}: signer workflow`,
      expected: expectedSigner(workflow, identity),
      actual: identity?.san,
      ok: identity !== undefined && isSigner(workflow, identity),
      fault: 'workflow-mismatch',
    }),
    check({
      id: `${id}.ref`,
      title: `${title}: branch or tag`,
      expected: ref === undefined ? 'any' : showExpected(ref),
      actual: sourceRepositoryRef,
      ok: hasRef && (ref === undefined || isMet(ref, sourceRepositoryRef)),
      fault: 'ref-mismatch',
    }),
    check({
      id: `${id}.commit`,
      title: `${title}: commit`,
      expected: commit ?? 'any',
      actual: sourceRepositoryDigest,
      ok: sourceRepositoryDigest !== undefined && [sourceRepositoryDigest, undefined].includes(commit),
      fault: 'commit-mismatch',
    }),
  ];
}

/** The run's own repository and ref come from the certificate: they are judged by the checks beside this one. */
function expectedSigner(workflow: WorkflowPolicy, identity: CertificateIdentity | undefined): string {
  const own = identity?.sourceRepositoryUri ?? 'the source repository';
  const ref = identity?.sourceRepositoryRef ?? 'its ref';
  switch (workflow.kind) {
    case 'exact':
      return `${workflow.repository ?? own}/${workflow.path}@${workflow.ref ?? ref}`;
    case 'regexp':
      return showExpected({ kind: 'regexp', value: workflow.value });
    case 'any':
      return `${own}/.github/workflows/…@${ref}`;
  }
}

function isSigner(workflow: WorkflowPolicy, identity: CertificateIdentity): boolean {
  const { san, buildSignerUri, sourceRepositoryUri, sourceRepositoryRef } = identity;
  if (buildSignerUri !== undefined && buildSignerUri !== san) return false;
  if (workflow.kind === 'regexp') return isMet(workflow, san);
  if (sourceRepositoryUri === undefined || sourceRepositoryRef === undefined) return false;
  if (workflow.kind === 'exact') return san === expectedSigner(workflow, identity);
  const folder = `${sourceRepositoryUri}/.github/workflows/`;
  const end = `@${sourceRepositoryRef}`;
  if (!san.startsWith(folder) || !san.endsWith(end)) return false;
  return anchored('[^/@]+').test(san.slice(folder.length, -end.length));
}
