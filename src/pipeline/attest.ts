import { basename } from 'node:path';
import type { Attestation } from '../model/attestation.ts';
import type { PushedImage } from '../model/image.ts';
import { sameRepository } from '../model/reference.ts';
import type { Release } from '../model/release.ts';
import type { GateVerdict, ImageInspection, Scanner } from '../model/scan.ts';
import type { VerificationReport } from '../model/verification.ts';
import { REQUIREMENTS } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import {
  type AttestRequest,
  type AttestStore,
  attestImages,
  type EvidenceFile,
  type PlatformEvidence,
  publicInputs,
} from '../steps/attest/run.ts';
import {
  type Decision,
  isLogged,
  requireProof,
  type VerifyRequest,
  type Voucher,
  verifyCommands,
  verifyImages,
} from '../steps/verify/run.ts';
import { knownEvidence, requestsOf } from './known-evidence.ts';
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
  { stored, ...more }: Pick<AttestRequest, 'kept' | 'beforeSigning'> & Pick<VerifyRequest, 'stored'> = {},
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
        skipped: { dirs: inputs.gate.skipDirs, files: inputs.gate.skipFiles },
        policy,
        verdict: found.verdict,
        startedOn: found.scanStartedOn,
        finishedOn: found.scanFinishedOn,
      },
      ...(build === undefined ? {} : { build }),
      signer,
      known: await knownEvidence(
        {
          signing,
          pushed,
          inspections: found.inspections,
          ...(stored === undefined ? {} : { stored }),
        },
        ports,
      ),
      store: {
        stores: storesOf(start, signing),
        githubMayRefuse: inputs.attest.stores === undefined,
        folder: reports,
        repository: context.repository,
        created: new Date(plan.sourceDateEpoch * 1000),
      },
      ...more,
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
  // What an earlier run has looked into is attested by it: this one has nothing to say of it.
  const own = inspections.filter(({ attested }) => attested === undefined);
  return Promise.all(
    own.flatMap(({ image, platforms }) =>
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
  // cosign knows the log of the public instance alone.
  const files = instance === 'private' ? { files: { trustedRoot: 'trusted-root.json' } } : {};
  return pushed.flatMap(({ planned, subjects, descriptor }) => {
    const [ref] = subjects;
    if (ref === undefined) return [];
    const taken = decisions
      .filter(({ report }) => sameRepository(report.ref.repository, ref.repository))
      .flatMap((decision) => decision.taken)
      .filter(({ subject }) => subject.digest === descriptor.digest);
    if (taken.length === 0) return [];
    const logged = taken.every(({ bundle }) => isLogged(bundle));
    const voucher: Voucher =
      identity === 'key' ? { kind: 'key', logged } : { kind: instance ?? 'public-good', identity, logged };
    const kinds = taken.map(({ kind }) => kind);
    return [{ image: planned.name, lines: verifyCommands({ ref, kinds, voucher, ...files }) }];
  });
}
