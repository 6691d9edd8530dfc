import { toReleaseError } from '../model/errors.ts';
import type { VerificationPolicy } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import type { VerifyRequest } from '../steps/verify/run.ts';
import { ROLLBACK_PATIENCE_MS, within } from './patience.ts';
import type { Start } from './start.ts';

/**
 * GitHub's attestation store as a second place to look at, for what the registry lacks: actions/attest keeps its bundles only
 * there unless it is told otherwise. Undefined where it cannot be asked, or would not be asked about one repository.
 */
export function storedAt(
  { inputs, context }: Start,
  { identity }: VerificationPolicy,
  { clock, github, log }: Pick<Ports, 'clock' | 'github' | 'log'>,
): VerifyRequest['stored'] {
  if (inputs.githubToken === undefined || inputs.tools.offline || identity === 'key') return undefined;
  const { kind, value } = identity.repository;
  const start = `${context.serverUrl}/`;
  if (kind === 'regexp' || !value.startsWith(start)) return undefined;
  const repository = value.slice(start.length);
  // A rollback asks once whether GitHub is there, and goes on without it.
  const isHasty = inputs.command === 'rollback';
  let isAway = false;
  return async (subject) => {
    if (isAway) return [];
    try {
      const work = github.attestations(repository, subject);
      const bundles = await (isHasty ? within(ROLLBACK_PATIENCE_MS, work, "GitHub's store", clock) : work);
      return bundles.map((bytes) => ({ source: `GitHub's store of ${repository}`, bytes }));
    } catch (error) {
      isAway = isHasty;
      log.warning(`Only the registry was asked for evidence: ${toReleaseError(error).message}.`);
      return [];
    }
  };
}
