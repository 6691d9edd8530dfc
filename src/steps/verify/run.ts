import { mapLimit } from '../../model/concurrency.ts';
import { formatPlatform } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { type AnyManifest, decodeManifest, type Encoded, imageMembers } from '../../model/manifest.ts';
import { type DigestRef, formatReference, type Reference } from '../../model/reference.ts';
import { type RefusedBundle, reportOf, type VerificationPolicy } from '../../model/verification.ts';
import type { Ports } from '../../ports/index.ts';
import type { BundleVerifier } from '../../ports/sigstore.ts';
import { type Budget, type FoundBundle, fetchBundle, MOST_BYTES, selectReferrers } from './bundles.ts';
import { type Decision, decide, type Found } from './decide.ts';
import type { Evidence, Subject } from './evidence.ts';
import { verificationError } from './failure.ts';
import { claimedKind, readStatement, requirementOf } from './statement.ts';

export { type BlobRequest, type BlobVerdict, verifyBlob } from './blob.ts';
export { isLogged, type Voucher, verifyCommands } from './commands.ts';
export type { Decision, Taken } from './decide.ts';
export { eitherVerifier } from './either.ts';
export { timeOf } from './evidence.ts';
export { verificationError } from './failure.ts';
export { identityPolicy, ownIdentity } from './policy.ts';
export { claimedSubjects } from './statement.ts';

type VerifyPorts = Pick<Ports, 'registry' | 'log'>;

export type StoredBundle = { readonly source: string; readonly bytes: Uint8Array };

export type VerifyRequest = {
  /** For reports: the name of the image in the plan, or the reference as it was given. */
  readonly image: string;
  readonly reference: Reference;
  readonly policy: VerificationPolicy;
  readonly verifier: BundleVerifier;
  /** Where else to look (GitHub's store), asked for a subject whose registry lacks something. */
  readonly stored?: (subject: Digest) => Promise<readonly StoredBundle[]>;
};

const IMAGES_AT_ONCE = 3;
const SUBJECTS_AT_ONCE = 3;
const BUNDLES_AT_ONCE = 3;

/**
 * What the evidence of one image proves. The reference is resolved once; all else goes by digest. Evidence that is wrong
 * or missing is in the report; only an image that is not there, and a registry that fails, throw.
 */
export async function verifyImage(request: VerifyRequest, ports: VerifyPorts): Promise<Decision> {
  const decision = await judgeImage(request, ports);
  const { ok, ref, require } = decision.report;
  const asked = require.length === 0 ? 'nothing was asked of it' : `asked for ${require.join(', ')}`;
  ports.log.info(`The evidence of ${formatReference(ref)} ${ok ? 'holds' : 'does not hold'}: ${asked}.`);
  return decision;
}

async function judgeImage(request: VerifyRequest, ports: VerifyPorts): Promise<Decision> {
  const { image, reference, policy } = request;
  const top = await ports.registry.getManifest(reference);
  if (top === undefined)
    throw new ReleaseError('REGISTRY_NOT_FOUND', `there is no image at ${formatReference(reference)}`, {
      hint: 'Correct the reference, or give credentials that may read it.',
    });
  const ref: DigestRef = { repository: reference.repository, digest: top.descriptor.digest };
  const manifest = decoded(top, ref);
  const budget = { bytes: MOST_BYTES };
  const subjects = policy.require.length === 0 ? [] : subjectsOf(ref.digest, manifest);
  const found = await mapLimit(subjects, SUBJECTS_AT_ONCE, (subject) =>
    findEvidence(subject, ref, budget, request, ports),
  );
  const isIndex = manifest.kind === 'index';
  return decide({ image, reference, ref, isIndex, found, policy });
}

/** Several images with one report. */
export async function verifyImages(requests: readonly VerifyRequest[], ports: VerifyPorts) {
  const decisions = await mapLimit(requests, IMAGES_AT_ONCE, (request) => verifyImage(request, ports));
  return { report: reportOf(decisions.map(({ report }) => report)), decisions };
}

/** What is there already, to go on with. That it is not all there is no fault: the rest is about to be made. */
export async function lookForEvidence(
  requests: readonly VerifyRequest[],
  ports: VerifyPorts,
): Promise<readonly Decision[]> {
  return mapLimit(requests, IMAGES_AT_ONCE, async (request) => {
    const decision = await judgeImage(request, ports);
    const { taken, report } = decision;
    const name = formatReference(report.ref);
    const refused = report.subjects.flatMap((each) => each.refused);
    const faults = [...new Set(refused.map(({ fault }) => fault))].join(', ');
    if (refused.length > 0)
      ports.log.info(`Some of what is attached to ${name} does not hold for this run: ${faults}.`);
    if (taken.length > 0) ports.log.info(`Attestations of ${name} that are there and hold: ${taken.length}.`);
    else ports.log.debug(`There is no evidence of ${name} yet.`);
    return decision;
  });
}

/** Throws VERIFY_FAILED for a report that is not green. */
export function requireProof(report: ReturnType<typeof reportOf>): void {
  if (!report.ok) throw verificationError(report);
}

function decoded({ bytes }: Encoded, ref: DigestRef): AnyManifest {
  try {
    return decodeManifest(bytes);
  } catch (cause) {
    throw new ReleaseError('VERIFY_FAILED', `${formatReference(ref)} is no image that can be read`, {
      cause,
    });
  }
}

function subjectsOf(digest: Digest, manifest: AnyManifest): readonly Subject[] {
  if (manifest.kind === 'manifest') return [{ digest }];
  const members = imageMembers(manifest.manifests).map((member): Subject => {
    const { platform } = member;
    return {
      digest: member.digest,
      ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
    };
  });
  const distinct = new Map(members.map((member) => [member.digest, member]));
  distinct.delete(digest);
  return [{ digest }, ...distinct.values()];
}

async function findEvidence(
  subject: Subject,
  { repository }: DigestRef,
  budget: Budget,
  { policy, verifier, stored }: VerifyRequest,
  { registry, log }: VerifyPorts,
): Promise<Found> {
  const ref = { repository, digest: subject.digest };
  const { selected, left } = selectReferrers(await registry.referrers(ref), policy.require);
  if (left > 0) log.warning(`${formatReference(ref)} has ${left} more attached bundles than are looked at.`);
  const bundles = await mapLimit(selected, BUNDLES_AT_ONCE, async (each) =>
    prove(await fetchBundle(ref, each, budget, registry), verifier),
  );
  const proven = bundles.flatMap((each) => ('evidence' in each ? [each.evidence] : []));
  const lacks = policy.require.some((each) => !proven.some(({ kind }) => requirementOf(kind) === each));
  const more = lacks && stored !== undefined ? await stored(subject.digest) : [];
  const others = await mapLimit(more, BUNDLES_AT_ONCE, (each) => prove(each, verifier));
  const all = [...bundles, ...others];
  return {
    subject,
    evidence: all.flatMap((each) => ('evidence' in each ? [each.evidence] : [])),
    refused: all.flatMap((each) => ('refused' in each ? [each.refused] : [])),
  };
}

type Proof =
  | { readonly evidence: Evidence }
  | { readonly refused: RefusedBundle }
  /** Believed, and about something that nobody asks for. */
  | { readonly other: true };

async function prove(found: FoundBundle, verifier: BundleVerifier): Promise<Proof> {
  if ('refused' in found) return { refused: found.refused };
  if ('other' in found) return { other: true };
  const { source, bytes } = found;
  const proof = await verifier.prove(bytes);
  if (!proof.ok) {
    const kind = proof.fault === 'bundle-too-large' ? undefined : claimedKind(bytes);
    const { fault, message } = proof;
    return { refused: { source, fault, message, ...(kind === undefined ? {} : { kind }) } };
  }
  const statement = readStatement(proof.bundle.payload);
  if (statement === undefined)
    return {
      refused: { source, fault: 'statement-invalid', message: 'what it signs is no in-toto statement' },
    };
  if (statement.kind === undefined) return { other: true };
  return { evidence: { source, kind: statement.kind, statement, proven: proof.bundle, bundle: bytes } };
}
