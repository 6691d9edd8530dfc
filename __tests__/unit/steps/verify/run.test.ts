import { beforeAll, describe, expect, it } from '@jest/globals';
import { createVerifier } from '../../../../src/adapters/sigstore/verify.ts';
import { PREDICATES } from '../../../../src/model/attestation.ts';
import { type Digest, digestOf } from '../../../../src/model/digest.ts';
import { ReleaseError } from '../../../../src/model/errors.ts';
import {
  BUNDLE_LIMIT,
  checksOf,
  reportOf,
  type VerificationFault,
  type VerificationPolicy,
} from '../../../../src/model/verification.ts';
import type { BundleVerifier } from '../../../../src/ports/sigstore.ts';
import { requireProof, type StoredBundle, verifyImage } from '../../../../src/steps/verify/run.ts';
import {
  type BundleOptions,
  bytesOf,
  CLAIMS,
  createBundleMaker,
  keyBundle,
  pair,
  pemOf,
} from '../../../helpers/bundle-maker.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import {
  AMD64,
  ARM64,
  POLICY,
  PROVENANCE,
  REPOSITORY,
  SIGNATURE,
  slsaOf,
  statementOf,
  type VerifyBench,
  verifyBench,
} from '../../../helpers/verify-bench.ts';

const TUF = { cacheFolder: '/nowhere', clock: { sleep: async () => undefined } };
const SBOM = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [] };
const SIGNED: VerificationPolicy = { ...POLICY, require: ['signature'] };

let maker: Awaited<ReturnType<typeof createBundleMaker>>;
let verifier: BundleVerifier;

beforeAll(async () => {
  maker = await createBundleMaker();
  const trustedRoot = maker.trustedRoot();
  verifier = await createVerifier({ kind: 'keyless', instance: 'private', trustedRoot }, TUF);
});

async function bundle(
  subject: Digest,
  type = SIGNATURE,
  predicate: unknown = {},
  options: BundleOptions = {},
) {
  return bytesOf(await maker.make(statementOf(subject, type, predicate), options));
}

/** An index with everything that POLICY asks for. */
async function released(): Promise<VerifyBench> {
  const bench = verifyBench();
  for (const subject of [bench.index.digest, AMD64, ARM64]) {
    bench.attach(subject, await bundle(subject));
    bench.attach(subject, await bundle(subject, PROVENANCE, slsaOf()));
  }
  return bench;
}

/** An index whose platforms are signed, and the index itself by this. */
async function signedBy(make: (index: Digest) => Promise<Uint8Array>): Promise<VerifyBench> {
  const bench = verifyBench();
  for (const subject of [AMD64, ARM64]) bench.attach(subject, await bundle(subject));
  bench.attach(bench.index.digest, await make(bench.index.digest));
  return bench;
}

type Extra = {
  readonly stored?: (subject: Digest) => Promise<readonly StoredBundle[]>;
  readonly by?: BundleVerifier;
};

async function verify(bench: VerifyBench, policy: VerificationPolicy = POLICY, { by, ...extra }: Extra = {}) {
  const request = { image: 'app', reference: bench.index, policy, verifier: by ?? verifier, ...extra };
  return verifyImage(request, { registry: bench.registry, log: fakeLog() });
}

async function faults(bench: VerifyBench, policy: VerificationPolicy = POLICY, extra: Extra = {}) {
  const { report } = await verify(bench, policy, extra);
  expect(report.ok).toBe(checksOf(report).every(({ ok }) => ok));
  return checksOf(report).flatMap(({ id, fault }) => (fault === undefined ? [] : [[id, fault]]));
}

describe('an image whose evidence is whole', () => {
  it('is proven: index and platforms, each by its own', async () => {
    const bench = await released();
    const { report, taken } = await verify(bench);
    expect(await faults(bench)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.subjects.map(({ platform }) => platform)).toEqual([
      undefined,
      'linux/amd64',
      'linux/arm64',
    ]);
    expect(taken).toHaveLength(6);
    expect(taken[1]).toMatchObject({
      requirement: 'provenance',
      subject: { digest: bench.index.digest },
      statement: { predicate: slsaOf() },
      proven: { signedAt: expect.any(Date) },
    });
    expect(() => requireProof(reportOf([report]))).not.toThrow();
  });

  it('is resolved once; everything else goes by digest', async () => {
    const bench = await released();
    const reference = { repository: REPOSITORY, tag: '1.2.3' };
    const request = { image: 'app', reference, policy: POLICY, verifier };
    const { report } = await verifyImage(request, { registry: bench.registry, log: fakeLog() });
    expect(report).toMatchObject({ ok: true, reference: 'ghcr.io/acme/app:1.2.3', ref: bench.index });
    const names = bench.reads.filter((read) => !/ sha256:/.test(read));
    expect(names).toEqual(['manifest 1.2.3']);
  });

  it('may be signed by a reusable workflow with its own path and ref', async () => {
    const san = 'https://github.com/acme/flows/.github/workflows/release.yml@refs/tags/v4';
    const bench = verifyBench();
    const claims = { san };
    for (const subject of [bench.index.digest, AMD64, ARM64])
      bench.attach(
        subject,
        await bundle(subject, PROVENANCE, slsaOf({ ...CLAIMS, san }), {
          claims: { ...claims, extensions: { 18: CLAIMS.san } },
        }),
      );
    const path = '.github/workflows/release.yml';
    const identity = POLICY.identity === 'key' ? undefined : POLICY.identity;
    if (identity === undefined) throw new Error('not by key');
    const by = (workflow: typeof identity.workflow): VerificationPolicy => ({
      ...POLICY,
      require: ['provenance'],
      identity: { ...identity, workflow },
    });
    const repository = 'https://github.com/acme/flows';
    expect(await faults(bench, by({ kind: 'exact', repository, path, ref: 'refs/tags/v4' }))).toEqual([]);
    for (const workflow of [
      { kind: 'exact', repository, path, ref: 'refs/tags/v5' },
      { kind: 'exact', repository: 'https://github.com/acme/other', path, ref: 'refs/tags/v4' },
      { kind: 'exact', path },
      { kind: 'any' },
      { kind: 'regexp', value: 'acme/flows' },
    ] as const)
      expect(new Set((await faults(bench, by(workflow))).map(([, fault]) => fault))).toEqual(
        new Set(['workflow-mismatch', 'member-unsigned']),
      );
  });

  it('is proven among rubbish, which is told', async () => {
    const bench = await released();
    const { digest } = bench.index;
    const rubbish = new TextEncoder().encode('{"a');
    bench.attach(digest, rubbish);
    bench.attach(digest, await bundle(AMD64));
    bench.attach(digest, rubbish, { artifactType: 'application/vnd.example' });
    const { report } = await verify(bench);
    expect(report.ok).toBe(true);
    expect(report.subjects[0]?.refused).toMatchObject([
      { fault: 'bundle-malformed' },
      { kind: 'signature', fault: 'subject-mismatch' },
    ]);
  });

  it('may have its bundles in another store', async () => {
    const bench = verifyBench();
    const asked: Digest[] = [];
    const stored = async (subject: Digest) => {
      asked.push(subject);
      return [{ source: 'https://github.com/acme/app/attestations/1', bytes: await bundle(subject) }];
    };
    expect(await faults(bench, SIGNED, { stored })).toEqual([]);
    expect(new Set(asked)).toEqual(new Set([bench.index.digest, AMD64, ARM64]));
    const full = await released();
    expect(await faults(full, POLICY, { stored: () => Promise.reject(new Error('asked')) })).toEqual([]);
  });

  it('by key: no identity is asked, and a certificate does not count', async () => {
    const keys = pair('P-256');
    const by = await createVerifier({ kind: 'key', publicKey: pemOf(keys.publicKey) }, TUF);
    const bench = await signedBy(async (index) => bytesOf(keyBundle(statementOf(index, SIGNATURE), keys)));
    const policy: VerificationPolicy = { require: ['signature'], members: 'covered', identity: 'key' };
    const signatures = await faults(bench, policy, { by });
    expect(new Set(signatures.map(([, fault]) => fault))).toEqual(
      new Set(['key-mismatch', 'member-unsigned']),
    );
    const alone = verifyBench();
    alone.attach(alone.index.digest, bytesOf(keyBundle(statementOf(alone.index.digest, SIGNATURE), keys)));
    expect(await faults(alone, policy, { by })).toEqual([]);
    // The same policy with a judge of certificates: nobody was named, so nobody is believed.
    expect((await faults(await released(), policy)).map(([, fault]) => fault)).toContain('key-mismatch');
  });

  it('with nothing asked is looked at no further', async () => {
    const bench = verifyBench();
    const { report } = await verify(bench, { ...POLICY, require: [] });
    expect(report).toMatchObject({
      ok: true,
      checks: [{ ok: true }, { id: 'image.require', expected: 'none' }],
    });
    expect(bench.reads).toHaveLength(1);
  });
});

describe('evidence that is refused', () => {
  const other = (change: BundleOptions['claims']) => (index: Digest) =>
    bundle(index, SIGNATURE, {}, { claims: change ?? {} });

  const bent = async (index: Digest, bend: (text: string) => string) =>
    new TextEncoder().encode(bend(new TextDecoder().decode(await bundle(index))));

  const REFUSALS: readonly (readonly [string, VerificationFault, (index: Digest) => Promise<Uint8Array>])[] =
    [
      [
        'of another repository',
        'repository-mismatch',
        other({
          repository: 'https://github.com/evil/app',
          san: 'https://github.com/evil/app/.github/workflows/release.yml@refs/tags/v1.2.3',
        }),
      ],
      [
        'of another workflow',
        'workflow-mismatch',
        other({ san: 'https://github.com/acme/app/.github/workflows/other.yml@refs/tags/v1.2.3' }),
      ],
      [
        'of a workflow on another ref',
        'workflow-mismatch',
        other({ san: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/evil' }),
      ],
      [
        'of another ref',
        'ref-mismatch',
        other({
          ref: 'refs/heads/evil',
          san: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/evil',
        }),
      ],
      ['of another issuer', 'issuer-mismatch', other({ issuer: 'https://issuer.example.com' })],
      ['of another commit', 'commit-mismatch', other({ commit: 'f'.repeat(40) })],
      ['for a wrong digest', 'subject-mismatch', () => bundle(digestOf('something else'))],
      ['for a sibling image', 'subject-mismatch', () => bundle(AMD64)],
      [
        'with a certificate that had expired',
        'certificate-expired',
        (index) => bundle(index, SIGNATURE, {}, { issuedAt: new Date(Date.now() - 3_600_000) }),
      ],
      ['without a log proof', 'log-proof-missing', (index) => bundle(index, SIGNATURE, {}, { log: false })],
      [
        'with a tampered payload',
        'signature-invalid',
        async (index) => {
          const tampered = await maker.make(statementOf(AMD64, SIGNATURE));
          tampered.dsseEnvelope.payload = btoa(JSON.stringify(statementOf(index, SIGNATURE)));
          return bytesOf(tampered);
        },
      ],
      [
        'that is tampered with',
        'log-proof-invalid',
        (index) =>
          bent(index, (text) => text.replace(/"signedEntryTimestamp":"..../, '"signedEntryTimestamp":"AAAA')),
      ],
      ['as truncated JSON', 'bundle-malformed', (index) => bent(index, (text) => text.slice(0, -10))],
      [
        'with a wrong media type',
        'media-type-wrong',
        (index) => bent(index, (text) => text.replace('bundle.v0.3+json', 'bundle.v0.3+yaml')),
      ],
      [
        'as something that is no statement',
        'statement-invalid',
        async () => bytesOf(await maker.make({ hello: 'world' })),
      ],
    ];

  it.each(REFUSALS)('%s: %s', async (_, fault, make) => {
    const found = await faults(await signedBy(make), SIGNED);
    expect(found.map(([, each]) => each)).toEqual([fault]);
  });

  it.each([
    [12, ['repository-mismatch', 'workflow-mismatch']],
    [14, ['workflow-mismatch', 'ref-mismatch']],
    [13, ['commit-mismatch']],
  ])('whose certificate lacks extension %i: %j', async (extension, expected) => {
    const claims = { extensions: { [extension]: undefined } };
    const found = await faults(await signedBy((index) => bundle(index, SIGNATURE, {}, { claims })), SIGNED);
    expect(found.map(([, fault]) => fault)).toEqual(expected);
  });

  it('of 50 MB is not even read', async () => {
    const bench = verifyBench();
    for (const subject of [AMD64, ARM64]) bench.attach(subject, await bundle(subject));
    const bytes = await bundle(bench.index.digest);
    bench.attach(bench.index.digest, bytes, { layer: { size: 50_000_000 } });
    expect(await faults(bench, SIGNED)).toEqual([['signature.present', 'bundle-too-large']]);
    expect(bench.reads).not.toContain(`blob ${digestOf(bytes)}`);
  });

  it('of 50 MB whose manifest says less', async () => {
    const bench = verifyBench();
    for (const subject of [AMD64, ARM64]) bench.attach(subject, await bundle(subject));
    bench.attach(bench.index.digest, new Uint8Array(BUNDLE_LIMIT + 1), { layer: { size: 10 } });
    expect(await faults(bench, SIGNED)).toEqual([['signature.present', 'bundle-too-large']]);
  });

  it('with a layer of a wrong media type', async () => {
    const bench = verifyBench();
    for (const subject of [AMD64, ARM64]) bench.attach(subject, await bundle(subject));
    const layer = { mediaType: 'application/json' };
    bench.attach(bench.index.digest, await bundle(bench.index.digest), { layer });
    expect(await faults(bench, SIGNED)).toEqual([['signature.present', 'media-type-wrong']]);
  });

  it('an unsigned index over signed members', async () => {
    const bench = verifyBench();
    for (const subject of [AMD64, ARM64]) bench.attach(subject, await bundle(subject));
    expect(await faults(bench, SIGNED)).toEqual([['signature.present', 'index-unsigned']]);
    expect(await faults(bench, { ...SIGNED, members: 'covered' })).toEqual([
      ['signature.present', 'index-unsigned'],
    ]);
  });

  it('a member without its own', async () => {
    const bench = verifyBench();
    for (const subject of [bench.index.digest, AMD64]) bench.attach(subject, await bundle(subject));
    const missing = [
      ['image.members', 'member-unsigned'],
      ['signature.present', 'member-unsigned'],
    ];
    expect(await faults(bench, SIGNED)).toEqual(missing);
    // Not even where the index may count for all of them: one of them has its own.
    expect(await faults(bench, { ...SIGNED, members: 'covered' })).toEqual(missing);
  });

  it('nothing at all', async () => {
    const found = await faults(verifyBench(), SIGNED);
    expect(found).toEqual([
      ['image.members', 'member-unsigned'],
      ['signature.present', 'predicate-missing'],
      ['signature.present', 'predicate-missing'],
      ['signature.present', 'predicate-missing'],
    ]);
    const { report } = await verify(verifyBench(), SIGNED);
    expect(() => requireProof(reportOf([report]))).toThrow(ReleaseError);
    expect(() => requireProof(reportOf([report]))).toThrow(
      /^member-unsigned, predicate-missing: ghcr\.io\/acme\/app@sha256:/,
    );
    expect(() => requireProof(reportOf([]))).toThrow();
  });

  it('provenance of index and platforms from two commits', async () => {
    const bench = verifyBench();
    const commit = 'e'.repeat(40);
    const options = { claims: { commit } };
    bench.attach(bench.index.digest, await bundle(bench.index.digest, PROVENANCE, slsaOf()));
    for (const subject of [AMD64, ARM64])
      bench.attach(subject, await bundle(subject, PROVENANCE, slsaOf({ ...CLAIMS, commit }), options));
    const { commit: _, ...anyCommit } = POLICY;
    expect(await faults(bench, { ...anyCommit, require: ['provenance'] })).toEqual([
      ['image.commit', 'commit-mismatch'],
    ]);
  });
});

describe('provenance that does not agree with its certificate', () => {
  const slsa = slsaOf();
  const { workflow } = slsa.buildDefinition.externalParameters;
  const CASES: readonly (readonly [string, VerificationFault, unknown])[] = [
    ['builder', 'builder-mismatch', { ...slsa, runDetails: { builder: { id: 'https://evil.example.com' } } }],
    ['commit', 'commit-mismatch', slsaOf({ ...CLAIMS, commit: 'd'.repeat(40) })],
    [
      'workflow',
      'workflow-mismatch',
      {
        ...slsa,
        buildDefinition: {
          ...slsa.buildDefinition,
          externalParameters: { workflow: { ...workflow, path: '.github/workflows/other.yml' } },
        },
      },
    ],
    [
      'ref',
      'ref-mismatch',
      {
        ...slsa,
        buildDefinition: {
          ...slsa.buildDefinition,
          resolvedDependencies: [
            { uri: `git+${CLAIMS.repository}@refs/heads/main`, digest: { gitCommit: CLAIMS.commit } },
          ],
        },
      },
    ],
    ['form', 'predicate-invalid', { buildDefinition: {} }],
    ['nothing', 'predicate-invalid', undefined],
  ];

  it.each(CASES)('%s: %s', async (_, fault, predicate) => {
    const bench = verifyBench();
    for (const subject of [AMD64, ARM64]) bench.attach(subject, await bundle(subject, PROVENANCE, slsaOf()));
    bench.attach(bench.index.digest, await bundle(bench.index.digest, PROVENANCE, predicate));
    const found = await faults(bench, { ...POLICY, require: ['provenance'] });
    expect(found.map(([, each]) => each)).toEqual([fault]);
  });

  it('of another repository', async () => {
    const bench = verifyBench();
    for (const subject of [AMD64, ARM64]) bench.attach(subject, await bundle(subject, PROVENANCE, slsaOf()));
    const predicate = slsaOf({ ...CLAIMS, repository: 'https://github.com/evil/app' });
    bench.attach(bench.index.digest, await bundle(bench.index.digest, PROVENANCE, predicate));
    const found = await faults(bench, { ...POLICY, require: ['provenance'] });
    expect(found.map(([, each]) => each)).toEqual(['repository-mismatch', 'workflow-mismatch']);
  });
});

describe('SBOM and scan', () => {
  const policy: VerificationPolicy = { ...POLICY, require: ['sbom', 'scan'] };

  async function withDocuments(type: string, sbom: unknown, scan: unknown): Promise<VerifyBench> {
    const bench = verifyBench();
    for (const subject of [AMD64, ARM64]) {
      bench.attach(subject, await bundle(subject, type, sbom));
      bench.attach(subject, await bundle(subject, PREDICATES.scan, scan));
    }
    return bench;
  }
  const SCAN = { scanner: { uri: 'pkg:github/aquasecurity/trivy@0.69.3' } };

  it.each([
    ['CycloneDX', PREDICATES.cyclonedx, SBOM],
    ['SPDX', PREDICATES.spdx, { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages: [] }],
    [
      'SPDX with a version in its type',
      'https://spdx.dev/Document/v2.3',
      { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' },
    ],
  ])('of each platform are enough: %s', async (_, type, sbom) => {
    expect(await faults(await withDocuments(type, sbom, SCAN), policy)).toEqual([]);
  });

  it.each([
    ['CycloneDX that is SPDX', PREDICATES.cyclonedx, { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' }],
    ['an empty one', PREDICATES.spdx, {}],
    ['text', PREDICATES.spdx, 'SPDXVersion: SPDX-2.3'],
    ['CycloneDX whose components are none', PREDICATES.cyclonedx, { ...SBOM, components: 7 }],
  ])('an SBOM that does not parse: %s', async (_, type, sbom) => {
    expect(await faults(await withDocuments(type, sbom, SCAN), policy)).toEqual([
      ['image.members', 'member-unsigned'],
      ['sbom.document', 'sbom-invalid'],
      ['sbom.document', 'sbom-invalid'],
    ]);
  });

  it('in both formats are both taken, the newest of each', async () => {
    const bench = await withDocuments(PREDICATES.cyclonedx, SBOM, SCAN);
    const spdx = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' };
    bench.attach(AMD64, await bundle(AMD64, PREDICATES.spdx, spdx));
    bench.attach(AMD64, await bundle(AMD64, PREDICATES.spdx, {}));
    const { taken } = await verify(bench, { ...policy, require: ['sbom'] });
    expect(taken.map(({ kind, subject }) => [kind, subject.platform])).toEqual([
      [expect.stringMatching(/cyclonedx|spdx/), 'linux/amd64'],
      [expect.stringMatching(/cyclonedx|spdx/), 'linux/amd64'],
      ['cyclonedx', 'linux/arm64'],
    ]);
    expect(new Set(taken.map(({ kind }) => kind)).size).toBe(2);
  });

  it('a scan without its scanner', async () => {
    const found = await faults(await withDocuments(PREDICATES.cyclonedx, SBOM, {}), policy);
    expect(found.slice(1)).toEqual([
      ['scan.predicate', 'predicate-invalid'],
      ['scan.predicate', 'predicate-invalid'],
    ]);
  });

  describe('of which there are several', () => {
    const scanOf = (day: number, passed?: boolean) => ({
      scanner: { ...SCAN.scanner, ...(passed === undefined ? {} : { result: { passed } }) },
      metadata: { scanFinishedOn: `2026-01-0${day}T00:00:00Z` },
    });
    type Scan = ReturnType<typeof scanOf>;
    const scans: VerificationPolicy = { ...POLICY, require: ['scan'] };

    async function withScans(...of: readonly Scan[]): Promise<VerifyBench> {
      const bench = verifyBench();
      for (const scan of of) bench.attach(AMD64, await bundle(AMD64, PREDICATES.scan, scan));
      bench.attach(ARM64, await bundle(ARM64, PREDICATES.scan, scanOf(1, true)));
      return bench;
    }

    it.each<[string, readonly Scan[], boolean]>([
      ['a newer green one beside a red one', [scanOf(2, true), scanOf(1, false)], true],
      ['a newer red one beside a green one', [scanOf(1, true), scanOf(2, false)], false],
      ['a green one between red ones', [scanOf(1, false), scanOf(2, true), scanOf(3, false)], false],
      ['one without a verdict', [scanOf(1)], true],
    ])('the newest decides: %s', async (_, of, ok) => {
      const bench = await withScans(...of);
      const refused = ['scan.verdict', 'scan-refused'];
      expect(await faults(bench, scans)).toEqual(ok ? [] : [['image.members', 'member-unsigned'], refused]);
      const { report, taken } = await verify(bench, scans);
      // The older ones are history: nothing is said against them, and nobody goes on with them.
      expect(report.subjects.flatMap(({ refused }) => refused.map(({ fault }) => fault))).toEqual(
        ok ? [] : ['scan-refused'],
      );
      const own = taken.filter(({ subject }) => subject.digest === AMD64);
      expect(own.map(({ statement }) => statement.predicate)).toEqual(ok ? [of[0]] : []);
    });

    it('what another signer says of it is no verdict', async () => {
      const bench = await withScans(scanOf(1, true));
      const other = { claims: { ...CLAIMS, repository: 'https://github.com/evil/app' } };
      bench.attach(AMD64, await bundle(AMD64, PREDICATES.scan, scanOf(2, false), other));
      expect(await faults(bench, scans)).toEqual([]);
    });
  });

  it('of the index count for its platforms only where that is asked for', async () => {
    const bench = verifyBench();
    const { digest } = bench.index;
    bench.attach(digest, await bundle(digest, PREDICATES.cyclonedx, SBOM));
    const sbom: VerificationPolicy = { ...POLICY, require: ['sbom'], members: 'covered' };
    expect(await faults(bench, sbom)).toEqual([]);
    expect((await faults(bench, { ...sbom, members: 'each' })).map(([, fault]) => fault)).toContain(
      'member-unsigned',
    );
  });
});

describe('a hostile registry', () => {
  it('with more referrers than are looked at', async () => {
    const bench = await released();
    const listed = { annotations: {} };
    for (let i = 0; i < 300; i += 1)
      bench.attach(bench.index.digest, new TextEncoder().encode(`{${i}`), { listed });
    const { report } = await verify(bench);
    expect(report.subjects[0]?.refused.length).toBeLessThanOrEqual(200);
    expect(bench.reads.filter((read) => read.startsWith('blob ')).length).toBeLessThanOrEqual(206);
  });

  it('whose bundles are too many bytes together', async () => {
    const bench = verifyBench();
    for (let i = 0; i < 12; i += 1)
      bench.attach(AMD64, new TextEncoder().encode(`{${i}`), { layer: { size: BUNDLE_LIMIT } });
    await verify(bench, SIGNED);
    expect(bench.reads.filter((read) => read.startsWith('blob '))).toHaveLength(8);
  });

  it('that does not have what it lists', async () => {
    const bench = await released();
    const listed = { digest: digestOf('nowhere') };
    bench.attach(bench.index.digest, await bundle(AMD64), { listed });
    const { report } = await verify(bench);
    expect(report.ok).toBe(true);
    expect(report.subjects[0]?.refused).toMatchObject([{ fault: 'bundle-malformed' }]);
  });

  it('that fails is no verdict', async () => {
    const bench = await released();
    const registry = {
      ...bench.registry,
      readBlob: () => Promise.reject(new ReleaseError('REGISTRY_UNAVAILABLE', 'down')),
    };
    const request = { image: 'app', reference: bench.index, policy: POLICY, verifier };
    await expect(verifyImage(request, { registry, log: fakeLog() })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
  });

  it('without the image', async () => {
    const registry = { ...verifyBench().registry, getManifest: async () => undefined };
    const reference = { repository: REPOSITORY, tag: 'nope' };
    const request = { image: 'app', reference, policy: POLICY, verifier };
    await expect(verifyImage(request, { registry, log: fakeLog() })).rejects.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
      message: 'there is no image at ghcr.io/acme/app:nope',
    });
  });
});
