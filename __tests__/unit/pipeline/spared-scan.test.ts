import { describe, expect, it } from '@jest/globals';
import { type Digest, digestOf } from '../../../src/model/digest.ts';
import { encodeJson, MEDIA } from '../../../src/model/manifest.ts';
import type { Finding, GatePolicy } from '../../../src/model/scan.ts';
import { type Spared, sparedInspection, spareScans } from '../../../src/pipeline/spared-scan.ts';
import type { Ports } from '../../../src/ports/index.ts';
import type { CertificateIdentity } from '../../../src/ports/sigstore.ts';
import type { Adoption } from '../../../src/steps/preflight/run.ts';
import * as releases from '../../helpers/a-release.ts';
import { CYCLONEDX, SPDX, someScan } from '../../helpers/an-attestation.ts';
import { fakeLog } from '../../helpers/fake-log.ts';
import { believing, releasedBench, SAN, type Said, SCAN, SERVER } from '../../helpers/released-bench.ts';
import { AMD64, ARM64, REPOSITORY, SIGNATURE, verifyBench } from '../../helpers/verify-bench.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const HOUR = 60 * 60 * 1000;

type World = Said & {
  /** Who signed the scan statements, and when. */
  readonly identity?: Partial<CertificateIdentity>;
  readonly signedAt?: Date | undefined;
  readonly policy?: Partial<GatePolicy>;
  readonly sbom?: readonly ('cyclonedx' | 'spdx')[];
  readonly registries?: number;
  /** What the registry has lost. */
  readonly gone?: 'layer' | 'config' | 'member';
  readonly adoption?: Adoption;
};

const CONFIG = { mediaType: MEDIA.ociConfig, digest: digestOf('a config'), size: 2 };
const LAYER = { mediaType: MEDIA.ociLayerGzip, digest: digestOf('a layer'), size: 9 };
const MEMBER = encodeJson({ schemaVersion: 2, config: CONFIG, layers: [LAYER] }, MEDIA.ociManifest);

async function spare(world: World = {}) {
  const bench = releasedBench(world);
  const signedAt = 'signedAt' in world ? world.signedAt : new Date(NOW.getTime() - 2 * HOUR);
  const signing = believing(NOW, { identity: world.identity, signedAt });
  const repositories = [REPOSITORY, { ...REPOSITORY, registry: 'mirror.example.com' }];
  const planned = releases.aPlannedImage('base', {
    repositories: repositories.slice(0, world.registries ?? 1),
  });
  const log = fakeLog();
  const registry: typeof bench.registry = {
    ...bench.registry,
    getManifest: async (reference) => {
      const isMember = 'digest' in reference && [AMD64, ARM64].includes(reference.digest);
      if (!isMember) return bench.registry.getManifest(reference);
      return world.gone === 'member' && reference.digest === ARM64 ? undefined : MEMBER;
    },
    hasBlob: async (_, { digest }) =>
      !(world.gone === 'layer' && digest === LAYER.digest) &&
      !(world.gone === 'config' && digest === CONFIG.digest),
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
    expect([...(spared?.sboms.keys() ?? [])]).toEqual([AMD64, ARM64]);
    expect(spared?.sboms.get(ARM64)).toEqual([
      { kind: 'cyclonedx', document: CYCLONEDX },
      { kind: 'spdx', document: SPDX },
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
    [
      'it was made long before it was signed',
      { scan: { finishedOn: new Date(NOW.getTime() - 30 * HOUR) } },
      'younger than 24 hours',
    ],
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
    ['a layer is gone', { gone: 'layer' }, 'does not have all of its layers any more'],
    ['a config is gone', { gone: 'config' }, 'does not have all of its layers any more'],
    ['a platform is gone', { gone: 'member' }, 'does not have all of its layers any more'],
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
    new Map([['base', { findings: new Map([[digest, [aLow()]]]), sboms: new Map(), attested }]]);

  it('goes to the gate like what was scanned, without reports', () => {
    expect(sparedInspection(image, known(AMD64))).toEqual({
      image,
      attested,
      sboms: new Map(),
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
