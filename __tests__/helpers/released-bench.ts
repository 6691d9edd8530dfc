import type { Digest } from '../../src/model/digest.ts';
import type { Finding } from '../../src/model/scan.ts';
import type { Signing } from '../../src/pipeline/signing.ts';
import type { CertificateIdentity } from '../../src/ports/sigstore.ts';
import { type ScanFacts, scanPredicate } from '../../src/steps/attest/scan.ts';
import { ownIdentity } from '../../src/steps/verify/run.ts';
import * as releases from './a-release.ts';
import { COMMIT, CYCLONEDX, SPDX, someClaims, someScan } from './an-attestation.ts';
import {
  AMD64,
  ARM64,
  PROVENANCE,
  SIGNATURE,
  slsaOf,
  statementOf,
  type VerifyBench,
  verifyBench,
} from './verify-bench.ts';

export const SCAN = 'https://cosign.sigstore.dev/attestation/vuln/v1';
export const SERVER = 'https://github.com';
const claims = someClaims();
/** The subject of the certificate of this run. */
export const SAN = `${SERVER}/${claims.jobWorkflowRef}`;

const OWN: CertificateIdentity = {
  san: SAN,
  issuer: claims.issuer,
  buildSignerUri: SAN,
  sourceRepositoryUri: `${SERVER}/${claims.repository}`,
  sourceRepositoryDigest: COMMIT,
  sourceRepositoryRef: claims.ref,
};

export type Said = {
  readonly findings?: readonly Finding[];
  readonly scan?: Partial<ScanFacts>;
  readonly without?: { readonly type: string; readonly digest: Digest };
};

/** An index of two platforms with all evidence of this run's identity. */
export function releasedBench({ findings = [], scan = {}, without }: Said = {}): VerifyBench {
  const bench = verifyBench();
  const say = (digest: Digest, type: string, predicate: unknown) => {
    if (without?.type === type && without.digest === digest) return;
    bench.attach(digest, Buffer.from(JSON.stringify(statementOf(digest, type, predicate))));
  };
  const built = slsaOf({
    san: SAN,
    repository: `${SERVER}/${claims.repository}`,
    commit: COMMIT,
    ref: claims.ref,
  });
  for (const digest of [bench.index.digest, AMD64, ARM64]) {
    say(digest, SIGNATURE, {});
    say(digest, PROVENANCE, built);
    if (digest === bench.index.digest) continue;
    say(digest, 'https://cyclonedx.org/bom', CYCLONEDX);
    say(digest, 'https://spdx.dev/Document', SPDX);
    const platform = digest === AMD64 ? releases.AMD64 : releases.ARM64;
    const facts = someScan({ skipped: { dirs: [], files: [] }, ...scan });
    say(
      digest,
      SCAN,
      scanPredicate({ image: 'base', platform, findings }, facts, { claims, serverUrl: SERVER }),
    );
  }
  return bench;
}

/** This run, which believes what `releasedBench` says: signed by it at `now`, the scans by `identity` at `signedAt`. */
export function believing(
  now: Date,
  scans: {
    readonly identity?: Partial<CertificateIdentity> | undefined;
    readonly signedAt?: Date | undefined;
  },
): Signing {
  return {
    signer: { sign: async () => Promise.reject(new Error('nothing is to be signed')) },
    claims,
    identity: ownIdentity(claims, SERVER),
    verifier: async () => ({
      prove: async (payload) => {
        const isScan = Buffer.from(payload).includes(SCAN);
        const identity = { ...OWN, ...(isScan ? scans.identity : {}) };
        const time = isScan ? scans.signedAt : now;
        const proven = { payload, payloadType: 'application/vnd.in-toto+json', identity };
        return { ok: true, bundle: { ...proven, ...(time === undefined ? {} : { signedAt: time }) } };
      },
    }),
  };
}
