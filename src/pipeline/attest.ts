import { basename } from 'node:path';
import type { Attestation } from '../model/attestation.ts';
import type { PushedImage } from '../model/image.ts';
import { sameRepository } from '../model/reference.ts';
import type { Release } from '../model/release.ts';
import type { GateVerdict, ImageInspection, Scanner } from '../model/scan.ts';
import type { VerificationPolicy, VerificationReport } from '../model/verification.ts';
import { REQUIREMENTS } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import {
  type AttestStore,
  attestImages,
  type EvidenceFile,
  evidenceKey,
  type PlatformEvidence,
  publicInputs,
} from '../steps/attest/run.ts';
import {
  type Decision,
  requireProof,
  type VerifyRequest,
  type Voucher,
  verifyCommands,
  verifyImages,
} from '../steps/verify/run.ts';
import type { Ready } from './preflight.ts';
import type { Signing } from './signing.ts';
import type { Start } from './start.ts';
import type { Study } from './study.ts';

/** What this run has found out, and when. */
export type Findings = {
  readonly inspections: readonly ImageInspection[];
  readonly scanner: Scanner;
  readonly verdict: GateVerdict;
  readonly startedOn: Date;
  readonly scanStartedOn: Date;
  readonly scanFinishedOn: Date;
};

/** Signs what is not signed yet, with the one identity of the run, and stores it. */
export async function attest(
  start: Start,
  { plan, build }: Pick<Study, 'plan' | 'build'>,
  { policy }: Pick<Ready, 'policy'>,
  signing: Signing,
  pushed: readonly PushedImage[],
  found: Findings,
  ports: Ports,
): Promise<readonly Attestation[]> {
  const { inputs, context, reports } = start;
  const { claims, signer } = signing;
  const now = ports.clock.now();
  return attestImages(
    {
      images: pushed,
      evidence: await readEvidence(found.inspections, ports),
      run: {
        serverUrl: context.serverUrl,
        plan,
        startedOn: found.startedOn,
        finishedOn: now,
        inputs: publicInputs(inputs),
        ...(claims === undefined ? {} : { claims }),
      },
      scan: {
        scanner: found.scanner,
        scanners: inputs.gate.scanners,
        policy,
        verdict: found.verdict,
        startedOn: found.scanStartedOn,
        finishedOn: found.scanFinishedOn,
      },
      ...(build === undefined ? {} : { build }),
      signer,
      present: await presentEvidence(signing, pushed, ports),
      store: {
        stores: storesOf(start, signing),
        githubMayRefuse: inputs.attest.stores === undefined,
        folder: reports,
        repository: context.repository,
        created: new Date(plan.sourceDateEpoch * 1000),
      },
    },
    ports,
  );
}

/** GitHub's store takes what its own and the public instance have signed. */
function storesOf({ inputs }: Start, { instance, signer }: Signing): readonly AttestStore[] {
  const { stores } = inputs.attest;
  if (stores !== undefined) return stores;
  const isForGitHub =
    inputs.githubToken !== undefined && signer.publicKey === undefined && instance !== 'private';
  return isForGitHub ? ['registry', 'github', 'file'] : ['registry', 'file'];
}

async function readEvidence(
  inspections: readonly ImageInspection[],
  { files }: Pick<Ports, 'files'>,
): Promise<readonly PlatformEvidence[]> {
  return Promise.all(
    inspections.flatMap(({ image, platforms }) =>
      platforms.map(async ({ descriptor, findings, reports }) => ({
        image: image.planned.name,
        digest: descriptor.digest,
        findings,
        files: await Promise.all(
          reports.flatMap(({ kind, path }) =>
            kind === 'sarif'
              ? []
              : [files.readText(path).then((text): EvidenceFile => ({ kind, name: basename(path), text }))],
          ),
        ),
      })),
    ),
  );
}

/** What an earlier run of this commit, cut off before its tags, has left as good evidence at every registry. */
async function presentEvidence(
  signing: Signing,
  pushed: readonly PushedImage[],
  ports: Ports,
): Promise<ReadonlySet<string>> {
  const requests = await requestsOf(signing, pushed, ['signature', 'provenance', 'sbom', 'scan']);
  const { decisions } = await verifyImages(requests, ports);
  const counts = new Map<string, number>();
  for (const { taken } of decisions)
    for (const { subject, kind } of taken) {
      const key = evidenceKey(subject.digest, kind);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  const registries = Math.max(1, ...pushed.map(({ subjects }) => subjects.length));
  return new Set([...counts].flatMap(([key, count]) => (count === registries ? [key] : [])));
}

/** Reads all evidence back from every registry, and proves it; throws VERIFY_FAILED. */
export async function verifyRelease(
  start: Start,
  signing: Signing,
  pushed: readonly PushedImage[],
  ports: Ports,
  note: (found: Pick<Release, 'verification' | 'verifyCommands'>) => void,
): Promise<VerificationReport> {
  const { sbom } = start.inputs.gate;
  const hasProvenance = signing.claims !== undefined;
  const requests = await Promise.all(
    pushed.map((image) => {
      const require = REQUIREMENTS.filter(
        (each) =>
          (each !== 'provenance' || (hasProvenance && image.origin !== 'brought')) &&
          (each !== 'sbom' || sbom.length > 0),
      );
      return requestsOf(signing, [image], require);
    }),
  );
  const { report, decisions } = await verifyImages(requests.flat(), ports);
  note({ verification: report, verifyCommands: commandsOf(signing, pushed, decisions) });
  requireProof(report);
  return report;
}

/** How a reader checks the images without us, at the first registry. */
function commandsOf(
  { identity, instance }: Signing,
  pushed: readonly PushedImage[],
  decisions: readonly Decision[],
): NonNullable<Release['verifyCommands']> {
  const voucher: Voucher =
    identity === 'key'
      ? { kind: 'key', logged: instance !== undefined }
      : { kind: instance ?? 'public-good', identity };
  // cosign knows the log of the public instance alone.
  const files = instance === 'private' ? { files: { trustedRoot: 'trusted-root.json' } } : {};
  return pushed.flatMap(({ planned, subjects, descriptor }) => {
    const [ref] = subjects;
    if (ref === undefined) return [];
    const kinds = decisions
      .filter(({ report }) => sameRepository(report.ref.repository, ref.repository))
      .flatMap(({ taken }) => taken)
      .filter(({ subject }) => subject.digest === descriptor.digest)
      .map(({ kind }) => kind);
    if (kinds.length === 0) return [];
    return [{ image: planned.name, lines: verifyCommands({ ref, kinds, voucher, ...files }) }];
  });
}

async function requestsOf(
  signing: Signing,
  images: readonly PushedImage[],
  require: VerificationPolicy['require'],
): Promise<readonly VerifyRequest[]> {
  const verifier = await signing.verifier();
  const { identity, claims } = signing;
  const policy: VerificationPolicy = {
    require,
    identity,
    members: 'each',
    ...(claims === undefined ? {} : { commit: claims.sha }),
  };
  return images.flatMap(({ planned, subjects }) =>
    subjects.map((reference) => ({ image: planned.name, reference, policy, verifier })),
  );
}
