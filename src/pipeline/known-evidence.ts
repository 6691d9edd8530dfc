import { formatPlatform } from '../model/descriptor.ts';
import { type Digest, isDigest } from '../model/digest.ts';
import type { PushedImage } from '../model/image.ts';
import type { ImageInspection } from '../model/scan.ts';
import type { VerificationPolicy } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import type { KnownEvidence } from '../steps/attest/run.ts';
import { lookForEvidence, type Taken, type VerifyRequest } from '../steps/verify/run.ts';
import type { Signing } from './signing.ts';
import { youngTime } from './spared-scan.ts';

type KnownQuestion = {
  readonly signing: Signing;
  readonly pushed: readonly PushedImage[];
  /** Of this run. */
  readonly inspections: readonly ImageInspection[];
  readonly stored?: VerifyRequest['stored'];
};

/**
 * What earlier runs of this commit have left as good evidence, and where. A scan that is not younger than a day, where
 * this run has scanned again, is not among it: what was found today is then attested beside it, once a day.
 */
export async function knownEvidence(
  question: KnownQuestion,
  ports: Ports,
): Promise<readonly KnownEvidence[]> {
  const { signing, pushed, stored } = question;
  const asked = await requestsOf(signing, pushed, ['provenance', 'sbom', 'scan', 'signature']);
  const requests = stored === undefined ? asked : asked.map((each) => ({ ...each, stored }));
  const decisions = await lookForEvidence(requests, ports);
  const now = ports.clock.now();
  const known = new Map<string, KnownEvidence>();
  for (const { report, taken } of decisions) {
    const { image, ref } = report;
    for (const each of taken) {
      if (isOutdated(image, each, question, now)) continue;
      const { subject, kind, bundle, proven, source } = each;
      const key = JSON.stringify([image, kind, subject.digest]);
      const { at, ...first } = known.get(key) ?? {
        image,
        kind,
        subject: subject.digest,
        bundle,
        at: [],
        ...platformOf(image, subject.digest, pushed),
        ...(proven.logIndex === undefined ? {} : { logIndex: proven.logIndex }),
      };
      // A bundle that was found elsewhere is not there yet.
      const isThere = isDigest(source);
      known.set(key, {
        ...first,
        at: isThere ? [...at, { repository: ref.repository, digest: source }] : at,
      });
    }
  }
  return [...known.values()];
}

/** Where no time is proven, a new one would spare no more than the first did, and there would be one for every run. */
function isOutdated(image: string, scan: Taken, question: KnownQuestion, now: Date): boolean {
  if (scan.kind !== 'scan' || scan.proven.signedAt === undefined) return false;
  const isScanned = question.inspections.some(
    (each) =>
      each.image.planned.name === image &&
      each.attested === undefined &&
      each.platforms.some(({ descriptor }) => descriptor.digest === scan.subject.digest),
  );
  return isScanned && youngTime(scan, now) === undefined;
}

/** Of the only manifest of an image too: what it is about is said as it was when it was signed. */
function platformOf(
  name: string,
  digest: Digest,
  pushed: readonly PushedImage[],
): { readonly platform?: string } {
  const image = pushed.find(({ planned }) => planned.name === name);
  const found = image?.platforms.find(({ descriptor }) => descriptor.digest === digest);
  return found === undefined ? {} : { platform: formatPlatform(found.platform) };
}

/** Every image at every registry of its, with all evidence of this very run's identity and commit. */
export async function requestsOf(
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
