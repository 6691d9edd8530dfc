import type { PushedImage } from './image.ts';
import type { GateVerdict } from './scan.ts';
import type { VerificationReport } from './verification.ts';

declare const proven: unique symbol;

/**
 * A pushed image that tags may point at: its evidence was read back and holds, or, with attestations off, this run's own
 * verdict stands for it. Made by the two functions below alone.
 */
export type ProvenImage = PushedImage & {
  readonly evidence: 'attested' | 'unattested';
  readonly [proven]: true;
};

/** Throws a TypeError when the report is red or does not speak of an image at one of its registries (a bug of the caller). */
export function provenByReport(
  images: readonly PushedImage[],
  report: VerificationReport,
): readonly ProvenImage[] {
  const covered = new Set(
    report.images.map(({ ref }) => `${ref.repository.registry}/${ref.repository.path}@${ref.digest}`),
  );
  const missing = images
    .flatMap(({ subjects }) => subjects)
    .find(({ repository, digest }) => !covered.has(`${repository.registry}/${repository.path}@${digest}`));
  if (!report.ok || missing !== undefined) throw new TypeError('provenByReport without proof');
  return images.map((image) => ({ ...image, evidence: 'attested' }) as ProvenImage);
}

/** Throws a TypeError when the verdict is red (a bug of the caller). */
export function provenByVerdict(
  images: readonly PushedImage[],
  verdict: GateVerdict,
): readonly ProvenImage[] {
  if (!verdict.passed) throw new TypeError('provenByVerdict with a red verdict');
  return images.map((image) => ({ ...image, evidence: 'unattested' }) as ProvenImage);
}
