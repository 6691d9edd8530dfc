import { generateKeyPairSync } from 'node:crypto';
import { ReleaseError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IssuedCertificate } from './fulcio.ts';
import { type SigningKey, signingKey } from './signing-key.ts';

/** A key that lives as long as its certificate, and is written nowhere. */
export type Credential = {
  readonly key: SigningKey;
  readonly certificate: IssuedCertificate;
  /** Time of the clock (`elapsed`) until which what is signed can still be witnessed. */
  readonly until: number;
};

/** The certificate of the run, or the next one when `spent` has too little time left for whoever asks. */
export type Credentials = (spent?: Credential) => Promise<Credential>;

/** Longer than one request to a log or a timestamp authority may take. */
const MARGIN_MS = 90_000;

/**
 * One certificate for all statements of a run: it names the run, not what is signed, so its whole lifetime (ten minutes)
 * may be used. All who need one while it is being asked for wait for the same request; a failed one is not kept.
 *
 * Lifetimes are counted by the monotonic clock from the answer on, so that a runner whose date is wrong signs too; the
 * margin covers the answer's way.
 */
export function createCredentials(
  clock: Pick<Clock, 'elapsed'>,
  request: (key: SigningKey) => Promise<IssuedCertificate>,
): Credentials {
  let current: Credential | undefined;
  let pending: Promise<Credential> | undefined;

  const renew = async (): Promise<Credential> => {
    const key = ephemeralKey();
    const certificate = await request(key);
    const lifetime = certificate.notAfter.getTime() - certificate.notBefore.getTime();
    // A certificate that lives shortly gets a margin that leaves something of it.
    const margin = Math.min(MARGIN_MS, lifetime / 4);
    current = { key, certificate, until: clock.elapsed() + lifetime - margin };
    return current;
  };

  return async (spent) => {
    if (current !== undefined && current !== spent && clock.elapsed() < current.until) return current;
    pending ??= renew().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

function ephemeralKey(): SigningKey {
  const key = signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  if (key === undefined) throw new ReleaseError('INTERNAL', 'a fresh key is of no known kind');
  return key;
}
