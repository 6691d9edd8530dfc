import type { Http } from '../../ports/http.ts';
import type { Signer } from '../../ports/sigstore.ts';
import type { Credential, Credentials } from './certificate.ts';
import { type Signed, signEnvelope } from './envelope.ts';
import { misbehaves, unavailable } from './failure.ts';
import type { IssuedCertificate } from './fulcio.ts';
import { enterLog } from './rekor.ts';
import { enterLogV2 } from './rekor-v2.ts';
import type { Services } from './services.ts';
import { type Evidence, encodeBundle } from './sign-bundle.ts';
import type { SigningKey } from './signing-key.ts';
import { requestTimestamp } from './timestamp.ts';

type Witnesses = Pick<Services, 'logs' | 'authorities'>;

/** So many certificates may run out under one statement while its witnesses are down. */
const ROUNDS = 3;

/** Signs with the certificate of the run; what its witnesses did not see in time is signed again with the next one. */
export function keylessSigner(http: Http, witnesses: Witnesses, credentials: Credentials): Signer {
  return {
    async sign(payload, payloadType) {
      let spent: Credential | undefined;
      for (let round = 1; round <= ROUNDS; round += 1) {
        const credential = await credentials(spent);
        const { key, certificate, until } = credential;
        const signed = signEnvelope(payload, payloadType, key, certificate);
        const evidence = await witness(http, witnesses, signed, until);
        if (evidence === undefined) {
          spent = credential;
          continue;
        }
        checkTimes(evidence, certificate, witnesses);
        return result(signed, '', evidence);
      }
      const url = witnesses.logs[0]?.url ?? witnesses.authorities[0] ?? new URL('about:blank');
      throw unavailable(
        { service: 'The log or the timestamp authority', url },
        { kind: 'late', attempts: ROUNDS },
      );
    },
  };
}

/** Signs with one key. Without witnesses verifiers must be told not to look for any (`--insecure-ignore-tlog`). */
export function keySigner(http: Http, witnesses: Witnesses, key: SigningKey): Signer {
  return {
    publicKey: key.publicKey,
    async sign(payload, payloadType) {
      const signed = signEnvelope(payload, payloadType, key);
      const evidence = await witness(http, witnesses, signed, undefined);
      return result(signed, key.hint, evidence ?? { entries: [], timestamps: [] });
    },
  };
}

function result(signed: Signed, hint: string, evidence: Evidence): Awaited<ReturnType<Signer['sign']>> {
  const logIndex = evidence.entries[0]?.logIndex;
  const bundle = encodeBundle(signed, hint, evidence);
  return { bundle, ...(logIndex === undefined ? {} : { logIndex }) };
}

/** All witnesses at once; undefined when one of them did not answer before `until`. */
async function witness(
  http: Http,
  { logs, authorities }: Witnesses,
  signed: Signed,
  until: number | undefined,
): Promise<Evidence | undefined> {
  const [entries, timestamps] = await Promise.all([
    allOf(
      logs.map(({ url, version }) =>
        version === 2 ? enterLogV2(http, url, signed, until) : enterLog(http, url, signed, until),
      ),
    ),
    allOf(authorities.map((url) => requestTimestamp(http, url, signed.signature, until))),
  ]);
  return entries === undefined || timestamps === undefined ? undefined : { entries, timestamps };
}

async function allOf<T>(promises: readonly Promise<T | undefined>[]): Promise<readonly T[] | undefined> {
  const values = await Promise.all(promises);
  const there = values.filter((value) => value !== undefined);
  return there.length === values.length ? there : undefined;
}

/** No verifier believes an entry that was made outside the lifetime of the certificate. */
function checkTimes({ entries }: Evidence, certificate: IssuedCertificate, { logs }: Witnesses): void {
  for (const [index, { integratedTime }] of entries.entries()) {
    const url = logs[index]?.url;
    if (integratedTime === undefined || url === undefined) continue;
    const time = Number(integratedTime) * 1000;
    if (time < certificate.notBefore.getTime() || time > certificate.notAfter.getTime())
      throw misbehaves(
        { service: 'The transparency log', url },
        'its time is outside the lifetime of the certificate',
      );
  }
}
