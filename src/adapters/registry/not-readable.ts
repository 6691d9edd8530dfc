import { ReleaseError } from '../../model/errors.ts';
import { type DigestRef, formatReference } from '../../model/reference.ts';

/** `what` ends the sentence "the attestations of REFERENCE were written, …". */
export function notReadable(subject: DigestRef, what: string, hint?: string, cause?: unknown): ReleaseError {
  const message = `the attestations of ${formatReference(subject)} were written, ${what}`;
  return new ReleaseError('ATTESTATION_NOT_READABLE', message, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
