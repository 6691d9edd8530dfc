import { ReleaseError } from '../model/errors.ts';
import type { AttestInputs } from '../model/inputs.ts';
import { formatReference, isDigestRef, type Reference } from '../model/reference.ts';
import type { VerificationPolicy, VerificationReport } from '../model/verification.ts';
import { parseVersion } from '../model/version.ts';
import type { Ports } from '../ports/index.ts';
import type { BundleVerifier } from '../ports/sigstore.ts';
import {
  eitherVerifier,
  identityPolicy,
  requireProof,
  type VerifyRequest,
  verifyImages,
} from '../steps/verify/run.ts';
import type { Start } from './start.ts';

/** Proves the evidence of the images that the user names, whoever made them. Throws VERIFY_FAILED after noting the report. */
export async function verifySubjects(
  start: Start,
  ports: Pick<Ports, 'files' | 'log' | 'registry' | 'sigstore'>,
  note: (report: VerificationReport) => void,
): Promise<VerificationReport> {
  const { attest, verify } = start.inputs;
  if (verify.subjects.length === 0)
    throw new ReleaseError('INPUT_INVALID', 'input `subject`: there is nothing to verify', {
      hint: 'Set `subject` to the references of the images, one a line.',
    });
  const verifier = await verifierFor(attest, ports);
  const requests = verify.subjects.map(
    (reference): VerifyRequest => ({
      image: formatReference(reference),
      reference,
      policy: policyFor(start, reference),
      verifier,
    }),
  );
  const { report } = await verifyImages(requests, ports);
  note(report);
  requireProof(report);
  return report;
}

/** Other tools attest an index alone: it then counts for its platforms. */
function policyFor({ inputs, context }: Start, reference: Reference): VerificationPolicy {
  const { require, identity } = inputs.verify;
  if (inputs.attest.key !== undefined) return { require, members: 'covered', identity: 'key' };
  const { serverUrl, repository, workflowRef } = context;
  const ref = identity.repository === undefined ? releaseRef(reference, inputs.version.tagPrefix) : undefined;
  const [workflow] = workflowRef?.replace(`${repository}/`, '').split('@') ?? [];
  return {
    require,
    members: 'covered',
    identity: identityPolicy(identity, {
      serverUrl,
      repository,
      ...(ref === undefined ? {} : { ref }),
      ...(workflow === undefined ? {} : { workflow }),
    }),
  };
}

/** Our own `1.2.3` was built from the git tag of that version; of a digest or a moving tag only its evidence knows the ref. */
function releaseRef(reference: Reference, tagPrefix: string): string | undefined {
  if (isDigestRef(reference) || tagPrefix.includes('*')) return undefined;
  return parseVersion(reference.tag) === undefined ? undefined : `refs/tags/${tagPrefix}${reference.tag}`;
}

async function verifierFor(
  { instance, trustedRoot, key }: AttestInputs,
  { files, sigstore }: Pick<Ports, 'files' | 'sigstore'>,
): Promise<BundleVerifier> {
  if (key !== undefined) {
    const publicKey = /BEGIN PUBLIC KEY/.test(key.pem)
      ? key.pem
      : (await sigstore.signer({ kind: 'key', key: key.pem, password: key.password })).publicKey;
    if (publicKey === undefined) throw new ReleaseError('INTERNAL', 'a signer by key without a public key');
    return sigstore.verifier({ kind: 'key', publicKey });
  }
  if (trustedRoot !== undefined) {
    const text = await files.readTextIfExists(trustedRoot);
    if (text === undefined)
      throw new ReleaseError(
        'INPUT_INVALID',
        `input \`sigstore-trusted-root\`: there is no file ${trustedRoot}`,
      );
    return sigstore.verifier({ kind: 'keyless', instance: 'private', trustedRoot: text });
  }
  const publicGood = () => sigstore.verifier({ kind: 'keyless', instance: 'public-good' });
  const github = () => sigstore.verifier({ kind: 'keyless', instance: 'github' });
  if (instance === 'public-good') return publicGood();
  return instance === 'github' ? github() : eitherVerifier([publicGood, github]);
}
