import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../../../src/model/digest.ts';
import { adoptProven } from '../../../src/pipeline/adopt-proven.ts';
import type { Signing } from '../../../src/pipeline/signing.ts';
import type { Ports } from '../../../src/ports/index.ts';
import type { BundleVerifier, CertificateIdentity } from '../../../src/ports/sigstore.ts';
import type { Adoption } from '../../../src/steps/preflight/run.ts';
import { ownIdentity } from '../../../src/steps/verify/run.ts';
import { aPlan } from '../../helpers/a-release.ts';
import { COMMIT, someClaims } from '../../helpers/an-attestation.ts';
import { fakeLog } from '../../helpers/fake-log.ts';
import {
  AMD64,
  ARM64,
  PROVENANCE,
  SIGNATURE,
  slsaOf,
  statementOf,
  type VerifyBench,
  verifyBench,
} from '../../helpers/verify-bench.ts';

const claims = someClaims();
const REPOSITORY = 'https://github.com/Acme/Modules';
const SAN = `https://github.com/${claims.jobWorkflowRef}`;

const OWN: CertificateIdentity = {
  san: SAN,
  issuer: claims.issuer,
  buildSignerUri: SAN,
  buildConfigUri: SAN,
  runnerEnvironment: 'github-hosted',
  sourceRepositoryUri: REPOSITORY,
  sourceRepositoryDigest: COMMIT,
  sourceRepositoryRef: claims.ref,
};

/** Believes that this certificate signed whatever it is shown; without one a key did. */
function believing(identity?: CertificateIdentity): BundleVerifier {
  return {
    prove: async (payload) => ({
      ok: true,
      bundle: {
        payload,
        payloadType: 'application/vnd.in-toto+json',
        ...(identity === undefined ? {} : { identity }),
      },
    }),
  };
}

const SUSPICIOUS: BundleVerifier = {
  prove: async () => ({ ok: false, fault: 'certificate-untrusted', message: 'of another root' }),
};

function signing(verifier: BundleVerifier, change: Partial<Signing> = {}): Signing {
  return {
    signer: { sign: async () => Promise.reject(new Error('nothing is to be signed')) },
    claims,
    identity: ownIdentity(claims, 'https://github.com'),
    verifier: async () => verifier,
    ...change,
  };
}

function byKey(verifier: BundleVerifier): Signing {
  const { claims: _, ...rest } = signing(verifier, { identity: 'key' });
  return rest;
}

/** The index and both platforms with a statement of this type. */
function released(type = PROVENANCE, predicate: unknown = ownProvenance(), without?: Digest): VerifyBench {
  const bench = verifyBench();
  for (const subject of [bench.index.digest, AMD64, ARM64])
    if (subject !== without)
      bench.attach(subject, Buffer.from(JSON.stringify(statementOf(subject, type, predicate))));
  return bench;
}

function ownProvenance(change: Partial<Parameters<typeof slsaOf>[0]> = {}) {
  return slsaOf({ san: SAN, repository: REPOSITORY, commit: COMMIT, ref: claims.ref, ...change });
}

async function decided(bench: VerifyBench, by: Signing, adoption?: Adoption) {
  const given: Adoption = adoption ?? { do: 'adopt', from: bench.index };
  const log = fakeLog();
  const ports = { registry: bench.registry, log } as Pick<Ports, 'registry' | 'log'> as Ports;
  const plan = aPlan({ revision: COMMIT });
  const state = await adoptProven({ adoptions: new Map([['base', given]]), problems: [] }, plan, by, ports);
  return { adoption: state.adoptions.get('base'), lines: log.lines };
}

describe('an image that an earlier run has left', () => {
  it('is adopted when its provenance names this repository, workflow and commit', async () => {
    const bench = released();
    const { adoption } = await decided(bench, signing(believing(OWN)));
    expect(adoption).toEqual({ do: 'adopt', from: bench.index });
  });

  const other = { ...OWN, sourceRepositoryDigest: 'f'.repeat(40) };
  const branch = SAN.replace('refs/tags/v1.2.3', 'refs/heads/main');
  it.each<[string, VerifyBench, BundleVerifier]>([
    ['it has no evidence', verifyBench(), believing(OWN)],
    ['it is signed, and nothing says who built it', released(SIGNATURE, {}), believing(OWN)],
    ['nothing of it is believed', released(), SUSPICIOUS],
    ['one platform has none', released(PROVENANCE, ownProvenance(), ARM64), believing(OWN)],
    [
      'another repository built it',
      released(PROVENANCE, ownProvenance({ repository: 'https://github.com/evil/modules' })),
      believing({ ...OWN, sourceRepositoryUri: 'https://github.com/evil/modules' }),
    ],
    [
      'the commit is another',
      released(PROVENANCE, ownProvenance({ commit: other.sourceRepositoryDigest })),
      believing(other),
    ],
    [
      'its words name another commit than its certificate',
      released(PROVENANCE, ownProvenance({ commit: 'f'.repeat(40) })),
      believing(OWN),
    ],
    [
      'another ref was released',
      released(PROVENANCE, ownProvenance({ san: branch, ref: 'refs/heads/main' })),
      believing({
        ...OWN,
        san: branch,
        buildSignerUri: branch,
        buildConfigUri: branch,
        sourceRepositoryRef: 'refs/heads/main',
      }),
    ],
    ['a key signed it, and this run signs with its identity', released(), believing()],
  ])('is built again and compared when %s', async (_, bench, verifier) => {
    const { adoption, lines } = await decided(bench, signing(verifier));
    expect(adoption).toEqual({ do: 'rebuild', held: bench.index });
    expect(lines.at(-1)).toContain(`${bench.index.digest}, without proof that it was built from ${COMMIT}`);
  });

  it('is adopted by the signature of the key, where a key signs and nobody says who built', async () => {
    const signed = released(SIGNATURE, {});
    expect((await decided(signed, byKey(believing()))).adoption).toEqual({ do: 'adopt', from: signed.index });
    const unsigned = verifyBench();
    expect((await decided(unsigned, byKey(believing()))).adoption).toMatchObject({ do: 'rebuild' });
    expect((await decided(signed, byKey(SUSPICIOUS))).adoption).toMatchObject({ do: 'rebuild' });
  });

  it('is not enough by a signature of the key, where the job could have said who built', async () => {
    const both = signing(believing(), { identity: 'key' });
    expect((await decided(released(SIGNATURE, {}), both)).adoption).toMatchObject({ do: 'rebuild' });
    expect((await decided(released(), both)).adoption).toMatchObject({ do: 'adopt' });
  });

  it.each<Adoption>([{ do: 'build' }, { do: 'compare', held: [] }, { do: 'refuse', problems: [] }])(
    'that is not to be adopted stays as it is: $do',
    async (adoption) => {
      const bench = verifyBench();
      expect((await decided(bench, signing(SUSPICIOUS), adoption)).adoption).toBe(adoption);
      expect(bench.reads).toEqual([]);
    },
  );

  it('ends the run when its registry fails: that is no missing proof', async () => {
    const bench = released();
    const failing = {
      ...bench,
      registry: { ...bench.registry, referrers: () => Promise.reject(new Error('503')) },
    };
    await expect(decided(failing, signing(believing(OWN)))).rejects.toThrow('503');
  });
});
