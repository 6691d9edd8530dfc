import { toReleaseError } from '../model/errors.ts';
import type { VerificationPolicy } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import type { VerifyRequest } from '../steps/verify/run.ts';
import type { Start } from './start.ts';

/**
 * GitHub's attestation store as a second place to look at, for what the registry lacks: actions/attest keeps its bundles only
 * there unless it is told otherwise. Undefined where it cannot be asked, or would not be asked about one repository.
 */
export function storedAt(
  { inputs, context }: Start,
  { identity }: VerificationPolicy,
  { github, log }: Pick<Ports, 'github' | 'log'>,
): VerifyRequest['stored'] {
  if (inputs.githubToken === undefined || inputs.tools.offline || identity === 'key') return undefined;
  const { kind, value } = identity.repository;
  const start = `${context.serverUrl}/`;
  if (kind === 'regexp' || !value.startsWith(start)) return undefined;
  const repository = value.slice(start.length);
  return async (subject) => {
    try {
      const bundles = await github.attestations(repository, subject);
      return bundles.map((bytes) => ({ source: `GitHub's store of ${repository}`, bytes }));
    } catch (error) {
      log.warning(`Only the registry was asked for evidence: ${toReleaseError(error).message}.`);
      return [];
    }
  };
}
