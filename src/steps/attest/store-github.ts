import { mapLimit } from '../../model/concurrency.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Ports } from '../../ports/index.ts';
import type { Coming } from './referrer.ts';
import { untilSeen } from './until-seen.ts';

/** GitHub asks for few writes at once. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
const AT_ONCE = 4;

/** One attestation for each statement that fits; its address for people. Each is read back by the digest of its subject. */
export async function storeInGitHub(
  coming: readonly Coming[],
  repository: string,
  { github, clock, log }: Pick<Ports, 'clock' | 'github' | 'log'>,
): Promise<ReadonlyMap<Coming, string>> {
  const fitting = coming.filter(({ draft }) => !draft.registryOnly);
  const urls = await mapLimit(fitting, AT_ONCE, async ({ signed }) => {
    const { subject, bundle, image, kind } = await signed;
    const url = await github.storeAttestation(repository, bundle);
    if (await untilSeen(clock, () => github.hasAttestation(repository, subject, bundle))) return url;
    const message = `GitHub stored the ${kind} attestation of ${image} and does not give it back for ${subject}: ${url}`;
    throw new ReleaseError('ATTESTATION_NOT_READABLE', message, { hint: 'Re-run the job.' });
  });
  const left = coming.length - fitting.length;
  const rest = left === 0 ? '' : `; ${left} too large for it are in the registry alone`;
  log.info(`GitHub's attestation store holds ${fitting.length} attestations of ${repository}${rest}.`);
  return new Map(fitting.map((each, index) => [each, urls[index] ?? '']));
}
