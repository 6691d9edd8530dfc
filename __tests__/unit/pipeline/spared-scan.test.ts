import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../../../src/model/digest.ts';
import { MEDIA } from '../../../src/model/manifest.ts';
import type { Finding, GatePolicy } from '../../../src/model/scan.ts';
import type { Signing } from '../../../src/pipeline/signing.ts';
import { type Spared, sparedInspection, spareScans } from '../../../src/pipeline/spared-scan.ts';
import type { Ports } from '../../../src/ports/index.ts';
import type { CertificateIdentity } from '../../../src/ports/sigstore.ts';
import { type ScanFacts, scanPredicate } from '../../../src/steps/attest/scan.ts';
import type { Adoption } from '../../../src/steps/preflight/run.ts';
import { ownIdentity } from '../../../src/steps/verify/run.ts';
import * as releases from '../../helpers/a-release.ts';
import { COMMIT, CYCLONEDX, SPDX, someClaims, someScan } from '../../helpers/an-attestation.ts';
import { fakeLog } from '../../helpers/fake-log.ts';
import {
  AMD64,
  ARM64,
  PROVENANCE,
  REPOSITORY,
  SIGNATURE,
  slsaOf,
  statementOf,
  type VerifyBench,
  verifyBench,
} from '../../helpers/verify-bench.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const HOUR = 60 * 60 * 1000;
const claims = someClaims();
const SERVER = 'https://github.com';
const SAN = `${SERVER}/${claims.jobWorkflowRef}`;
const SCAN = 'https://cosign.sigstore.dev/attestation/vuln/v1';

const OWN: CertificateIdentity = {
  san: SAN,
  issuer: claims.issuer,
  buildSignerUri: SAN,
  sourceRepositoryUri: `${SERVER}/${claims.repository}`,
  sourceRepositoryDigest: COMMIT,
  sourceRepositoryRef: claims.ref,
};

type World = {
  readonly findings?: readonly Finding[];
  readonly scan?: Partial<ScanFacts>;
  /** Who signed the scan statements, and when. */
  readonly identity?: Partial<CertificateIdentity>;
  readonly signedAt?: Date | undefined;
  readonly without?: { readonly type: string; readonly digest: Digest };
  readonly policy?: Partial<GatePolicy>;
  readonly sbom?: readonly ('cyclonedx' | 'spdx')[];
  readonly registries?: number;
  readonly adoption?: Adoption;
};

/** An index of two platforms with all evidence of this run's identity, signed two hours ago. */
function released({ findings = [], scan = {}, without }: World): VerifyBench {
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

async function spare(world: World = {}) {
  const bench = released(world);
  const signedAt = 'signedAt' in world ? world.signedAt : new Date(NOW.getTime() - 2 * HOUR);
  const signing: Signing = {
    signer: { sign: async () => Promise.reject(new Error('nothing is to be signed')) },
    claims,
    identity: ownIdentity(claims, SERVER),
    verifier: async () => ({
      prove: async (payload) => {
        const isScan = Buffer.from(payload).includes(SCAN);
        const identity = { ...OWN, ...(isScan ? world.identity : {}) };
        const time = isScan ? signedAt : NOW;
        const proven = { payload, payloadType: 'application/vnd.in-toto+json', identity };
        return { ok: true, bundle: { ...proven, ...(time === undefined ? {} : { signedAt: time }) } };
      },
    }),
  };
  const repositories = [REPOSITORY, { ...REPOSITORY, registry: 'mirror.example.com' }];
  const planned = releases.aPlannedImage('base', {
    repositories: repositories.slice(0, world.registries ?? 1),
  });
  const log = fakeLog();
  const registry: typeof bench.registry = {
    ...bench.registry,
    // The second registry has the image, and nothing that was said of it.
    referrers: async (subject) =>
      subject.repository.registry === REPOSITORY.registry ? bench.registry.referrers(subject) : [],
  };
  const clock = { now: () => NOW, elapsed: () => 0, sleep: async () => {} };
  const ports = { registry, log, clock } as Pick<Ports, 'registry' | 'log' | 'clock'> as Ports;
  const adoption: Adoption = world.adoption ?? { do: 'adopt', from: bench.index };
  const spared = await spareScans(
    releases.aPlan({ images: [planned] }),
    { adoptions: new Map([['base', adoption]]), problems: [] },
    {
      gate: {
        scanners: ['vuln', 'secret'],
        skipDirs: [],
        skipFiles: [],
        sbom: world.sbom ?? ['cyclonedx', 'spdx'],
      },
      policy: { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: true, waivers: [], ...world.policy },
      signing,
    },
    ports,
  );
  return { spared: spared.get('base'), said: log.lines.at(-1) ?? '' };
}

const WAIVER = {
  id: 'CVE-2024-0001',
  kind: 'vulnerability',
  paths: [],
  statement: 'not reachable',
  expiredAt: '2026-11-21',
} as const;

describe('the second scan', () => {
  it('is spared when all evidence is there and today’s policy accepts what was found', async () => {
    const low = aLow();
    const { spared, said } = await spare({ findings: [low] });
    expect([...(spared?.findings ?? [])]).toEqual([
      [AMD64, [{ ...low, title: '' }]],
      [ARM64, [{ ...low, title: '' }]],
    ]);
    expect(spared?.attested).toEqual({
      signedAt: '2026-11-21T10:00:00.000Z',
      scanner: someScan().scanner,
    });
    expect(said).toContain('is not scanned again: its verdict of 2026-11-21T10:00:00.000Z is attested');
  });

  it('is spared up to the last minute of 24 hours, and by a waiver up to its last day', async () => {
    const signedAt = new Date(NOW.getTime() - 24 * HOUR + 60_000);
    const world = { signedAt, findings: [releases.aFinding()], policy: { waivers: [WAIVER] } };
    expect((await spare(world)).spared).toBeDefined();
  });

  it.each<[string, World, string]>([
    ['it is 24 hours old', { signedAt: new Date(NOW.getTime() - 24 * HOUR) }, 'younger than 24 hours'],
    ['it is of tomorrow', { signedAt: new Date(NOW.getTime() + HOUR) }, 'younger than 24 hours'],
    ['nothing proves when it was signed', { signedAt: undefined }, 'younger than 24 hours'],
    ['one platform has none', { without: { type: SCAN, digest: ARM64 } }, 'not whole'],
    [
      'a format of the SBOM is missing',
      { without: { type: 'https://spdx.dev/Document', digest: AMD64 } },
      'not whole',
    ],
    [
      'the index is not signed',
      { without: { type: SIGNATURE, digest: verifyBench().index.digest } },
      'not whole',
    ],
    ['another repository says it', { identity: { sourceRepositoryUri: `${SERVER}/evil/x` } }, 'not whole'],
    ['another workflow says it', { identity: { san: SAN.replace('release', 'other') } }, 'not whole'],
    ['it is of another commit', { identity: { sourceRepositoryDigest: 'f'.repeat(40) } }, 'not whole'],
    ['a second registry lacks it', { registries: 2 }, 'not whole'],
    ['the policy refuses what was found', { findings: [releases.aFinding()] }, 'refuses what was found'],
    [
      'the waiver has expired meanwhile',
      { findings: [releases.aFinding()], policy: { waivers: [{ ...WAIVER, expiredAt: '2026-11-20' }] } },
      'refuses what was found',
    ],
    [
      'today counts what has no fix',
      { findings: [aLow({ severity: 'HIGH', fixed: '' })], policy: { ignoreUnfixed: false } },
      'refuses what was found',
    ],
    ['it looked for less', { scan: { scanners: ['vuln'] } }, 'other scanners looked at it'],
  ])('is made when %s', async (_, world, why) => {
    const { spared, said } = await spare(world);
    expect(spared).toBeUndefined();
    expect(said).toMatch(/^The image base is scanned again: /);
    expect(said).toContain(why);
  });

  it('is not asked about for what is built', async () => {
    expect((await spare({ adoption: { do: 'build' } })).spared).toBeUndefined();
  });
});

describe('what was spared', () => {
  const descriptor = (digest: Digest) => ({ mediaType: MEDIA.ociManifest, digest, size: 1 });
  const image = releases.aBuiltImage(releases.aPlannedImage('base'), {
    origin: 'adopted',
    platforms: [{ platform: releases.AMD64, descriptor: descriptor(AMD64) }],
  });
  const attested = { signedAt: '2026-11-21T10:00:00.000Z', scanner: someScan().scanner };
  const known = (digest: Digest): ReadonlyMap<string, Spared> =>
    new Map([['base', { findings: new Map([[digest, [aLow()]]]), attested }]]);

  it('goes to the gate like what was scanned, without reports', () => {
    expect(sparedInspection(image, known(AMD64))).toEqual({
      image,
      attested,
      platforms: [
        { platform: releases.AMD64, descriptor: descriptor(AMD64), findings: [aLow()], reports: [] },
      ],
    });
  });

  it('is never taken for an image that was built here, or for another platform', () => {
    expect(sparedInspection({ ...image, origin: 'built' }, known(AMD64))).toBeUndefined();
    expect(() => sparedInspection(image, known(ARM64))).toThrow(/without a verdict/);
  });
});

function aLow(change: Partial<Finding> = {}): Finding {
  return releases.aFinding({ severity: 'LOW', ...change });
}
