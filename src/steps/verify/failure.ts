import { ReleaseError } from '../../model/errors.ts';
import { formatReference } from '../../model/reference.ts';
import { checksOf, faultsOf, type ImageReport, type VerificationReport } from '../../model/verification.ts';

const SHOWN = 5;

/** The error of a red report: the images with what failed, each with its code. */
export function verificationError(report: VerificationReport): ReleaseError {
  const failed = report.images.filter(({ ok }) => !ok);
  const list = failed.slice(0, SHOWN).map(sentence);
  const more = failed.length > SHOWN ? [`and ${failed.length - SHOWN} more images`] : [];
  return new ReleaseError(
    'VERIFY_FAILED',
    `${faultsOf(report).join(', ')}: ${[...list, ...more].join('; ')}`,
  );
}

function sentence(image: ImageReport): string {
  const failed = checksOf(image).filter(({ ok }) => !ok);
  const [first] = failed;
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  const what =
    first === undefined
      ? 'nothing is proven'
      : `${first.title}: expected ${first.expected}, got ${first.actual}`;
  return `${formatReference(image.ref)}: ${what}${more}`;
}
