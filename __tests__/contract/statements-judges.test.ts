import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClock } from '../../src/adapters/clock/system-clock.ts';
import type { SignedStatement } from '../../src/model/attestation.ts';
import { type Digest, hexOf } from '../../src/model/digest.ts';
import type { PushedImage } from '../../src/model/image.ts';
import { decodeManifest, type Encoded } from '../../src/model/manifest.ts';
import { formatReference, type Repository } from '../../src/model/reference.ts';
import { fitSbom } from '../../src/steps/attest/slim.ts';
import { draftStatements } from '../../src/steps/attest/statements.ts';
import { arrived, storeAttestations } from '../../src/steps/attest/store.ts';
import { AMD64, ARM64, aFinding, aPlannedImage, aVerdict, aViolation } from '../helpers/a-release.ts';
import { CREATED } from '../helpers/a-signed.ts';
import { aDraftInput, COMMIT, CYCLONEDX, SPDX, someEvidence, someScan } from '../helpers/an-attestation.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { fakeGitHub } from '../helpers/fake-ports.ts';
import { keySigner } from '../helpers/key-signed.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import { toolPath } from '../helpers/tool-path.ts';

const WAIVER = { id: 'CVE-2024-0001', kind: 'vulnerability', paths: [], statement: 'not reachable' } as const;
const KEY = ['--key', 'key.pub', '--insecure-ignore-tlog', '--allow-http-registry'];

/** Types by cosign's own names. */
const TYPES = {
  provenance: 'slsaprovenance1',
  cyclonedx: 'cyclonedx',
  spdx: 'spdxjson',
  scan: 'vuln',
} as const;

/** An index with two platforms in a registry, with every statement that we draft about it, signed as by cosign's key. */
describe('what cosign says of our statements', () => {
  const client = testClient({ clock: createClock(), random: Math.random });
  const key = keySigner();
  let registry: RunningRegistry;
  let stage: Stage;
  let folder: string;
  let image: PushedImage;
  let signed: readonly SignedStatement[];

  async function cosign(...args: string[]): Promise<string> {
    const { HOME, PATH } = process.env;
    const env = { HOME, PATH, DOCKER_CONFIG: folder };
    const { stdout } = await promisify(execFile)(toolPath('cosign'), args, { cwd: folder, env });
    return stdout.trim();
  }

  const referenceOf = (digest: Digest) =>
    formatReference({ repository: { registry: registry.host, path: 'acme/base' }, digest });

  /** The predicate, as a policy of cosign gets it. */
  async function attested(type: string, digest: Digest): Promise<Record<string, unknown>> {
    const lines = await cosign('verify-attestation', '--type', type, ...KEY, referenceOf(digest));
    const [first] = lines.split('\n');
    return JSON.parse(Buffer.from(JSON.parse(first ?? '').payload, 'base64').toString()).predicate;
  }

  async function push(manifest: Encoded, repository: Repository): Promise<void> {
    const decoded = decodeManifest(manifest.bytes);
    const blobs = decoded.kind === 'index' ? [] : [decoded.config, ...decoded.layers];
    for (const blob of blobs) await client.pushBlob(repository, blob, stage.path(blob), []);
    await client.putManifest({ repository, digest: manifest.descriptor.digest }, manifest);
  }

  beforeAll(async () => {
    registry = await startRegistry();
    stage = await createStage();
    folder = await mkdtemp(join(tmpdir(), 'statements-'));
    await writeFile(join(folder, 'key.pub'), key.publicKeyPem);
    const repository = { registry: registry.host, path: 'acme/base' };
    const members = [await stage.image({ platform: AMD64 }), await stage.image({ platform: ARM64 })];
    const platforms = [AMD64, ARM64].map((platform, i) => ({
      platform,
      descriptor: members[i]!.descriptor,
    }));
    const index = await stage.index(
      platforms.map(({ platform, descriptor }) => ({ ...descriptor, platform })),
    );
    for (const each of [...members, index]) await push(each, repository);
    image = {
      planned: aPlannedImage('base', { repositories: [repository] }),
      descriptor: index.descriptor,
      platforms,
      size: 1000,
      origin: 'built',
      subjects: [{ repository, digest: index.descriptor.digest }],
      blobs: { uploaded: 4, mounted: 0, existing: 0 },
    };
    const evidence = someEvidence(image).map((each) => ({ ...each, findings: [aFinding()] }));
    const scan = someScan({ verdict: aVerdict({ waived: [{ ...aViolation(), waiver: WAIVER }] }) });
    signed = draftStatements(aDraftInput({ images: [image], evidence, scan })).map((draft) =>
      key.sign({ ...draft, bundle: new Uint8Array() }),
    );
    const none = () => Promise.reject(new Error('not asked'));
    const github = {
      ...fakeGitHub(),
      about: none,
      compare: none,
      storeAttestation: none,
      hasAttestation: none,
      attestations: none,
    };
    const ports = { clock: createClock(), files: memoryFiles(), log: fakeLog(), registry: client, github };
    const options = { stores: ['registry'], folder, repository: 'Acme/Modules', created: CREATED } as const;
    await storeAttestations(arrived(signed), [image], options, ports);
  });

  afterAll(async () => {
    await registry.stop();
    await stage.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('verifies the signature of the index and of each platform', async () => {
    for (const digest of [
      image.descriptor.digest,
      ...image.platforms.map(({ descriptor }) => descriptor.digest),
    ]) {
      const found = JSON.parse(await cosign('verify', ...KEY, referenceOf(digest)));
      expect(found).toContainEqual(
        expect.objectContaining({
          critical: expect.objectContaining({
            image: { 'docker-manifest-digest': digest },
            type: 'https://sigstore.dev/cosign/sign/v1',
          }),
        }),
      );
    }
  });

  it('finds provenance on the index and each platform, with the commit', async () => {
    for (const digest of [
      image.descriptor.digest,
      ...image.platforms.map(({ descriptor }) => descriptor.digest),
    ])
      expect(await attested(TYPES.provenance, digest)).toMatchObject({
        buildDefinition: {
          buildType: 'https://actions.github.io/buildtypes/workflow/v1',
          externalParameters: { workflow: { repository: 'https://github.com/Acme/Modules' } },
          resolvedDependencies: [{ digest: { gitCommit: COMMIT } }],
        },
        runDetails: { builder: { id: expect.stringContaining('/release.yml@refs/tags/v1.2.3') } },
      });
  });

  it('finds the SBOMs of each platform, and none on the index', async () => {
    for (const { platform, descriptor } of image.platforms) {
      const name = `base-${platform.architecture}`;
      expect(await attested(TYPES.cyclonedx, descriptor.digest)).toEqual({ ...CYCLONEDX, of: name });
      expect(await attested(TYPES.spdx, descriptor.digest)).toEqual({ ...SPDX, name });
    }
    await expect(attested(TYPES.cyclonedx, image.descriptor.digest)).rejects.toThrow();
  });

  it('hands a policy the verdict, the waivers and the date of the database', async () => {
    const [first] = image.platforms;
    expect(await attested(TYPES.scan, first?.descriptor.digest ?? image.descriptor.digest)).toMatchObject({
      scanner: {
        version: '0.67.2',
        db: { uri: 'ghcr.io/aquasecurity/trivy-db:2', version: `sha256:${'d'.repeat(64)}` },
        result: {
          passed: true,
          policy: { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: true },
          database: { updatedAt: '2026-11-20T06:00:00Z' },
          waivers: [{ id: 'CVE-2024-0001', statement: 'not reachable' }],
          findings: [{ id: 'CVE-2024-0001', package: 'libparser' }],
        },
      },
      metadata: { scanStartedOn: '2026-11-21T10:02:00.000Z' },
    });
  });

  // cosign drops what is not in its own types before a policy sees it; CUE is content with a field that is not there.
  it.each([
    ['green', 'passed: true', true],
    ['red', 'passed: false', false],
    ['today', 'database: updatedAt: =~"^2026-11-20"', true],
    ['yesterday', 'database: updatedAt: =~"^2026-11-19"', false],
  ])('lets a policy of cosign look at the verdict: %s', async (name, rule, accepted) => {
    await writeFile(join(folder, `${name}.cue`), `predicate: scanner: result: ${rule}\n`);
    const digest = image.platforms[0]?.descriptor.digest ?? image.descriptor.digest;
    const how = ['--type', 'vuln', '--policy', `${name}.cue`, ...KEY, referenceOf(digest)];
    const verified = cosign('verify-attestation', ...how);
    await (accepted
      ? expect(verified).resolves.not.toBe('')
      : expect(verified).rejects.toThrow(/validation error/));
  });

  it('takes every bundle as a file, and refuses it for a sibling', async () => {
    const [first, second] = image.platforms;
    if (first === undefined || second === undefined) throw new Error('two platforms');
    for (const each of signed.filter(({ subject }) => subject === first.descriptor.digest)) {
      if (each.kind === 'signature') continue;
      await writeFile(join(folder, 'bundle.json'), each.bundle);
      const how = [
        '--key',
        'key.pub',
        '--insecure-ignore-tlog',
        '--bundle',
        'bundle.json',
        '--type',
        TYPES[each.kind],
      ];
      const check = (digest: Digest) =>
        cosign('verify-blob-attestation', ...how, '--digest', hexOf(digest), '--digestAlg', 'sha256');
      await check(first.descriptor.digest);
      await expect(check(second.descriptor.digest)).rejects.toThrow();
    }
  });
});

/** The generators themselves read what is left of their documents. */
describe('a slimmed SBOM', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slim-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const file = 'usr/bin/tool';
  const spdx = {
    ...SPDX,
    files: [{ SPDXID: 'SPDXRef-F', fileName: file, checksums: [], comment: 'x'.repeat(3000) }],
    relationships: [
      ...SPDX.relationships,
      { spdxElementId: 'SPDXRef-P1', relatedSpdxElement: 'SPDXRef-F', relationshipType: 'CONTAINS' },
    ],
  };
  const cyclonedx = {
    ...CYCLONEDX,
    components: [
      ...CYCLONEDX.components,
      { type: 'file', name: file, 'bom-ref': 'f', description: 'x'.repeat(3000) },
    ],
  };

  it.each([
    ['spdx', spdx, 'spdx-json'],
    ['cyclonedx', cyclonedx, 'cyclonedx-json'],
  ] as const)('is still one for Syft: %s', async (kind, document, format) => {
    const limits = { github: 2500, registry: 100_000 };
    const { predicate, slimmed } = fitSbom(kind, 'x', document, { limits, github: true });
    expect(slimmed).toBe('files');
    const path = join(folder, `${kind}.json`);
    await writeFile(path, JSON.stringify(predicate));
    const { stdout } = await promisify(execFile)(toolPath('syft'), ['convert', path, '-o', format], {
      env: { ...process.env, SYFT_CHECK_FOR_APP_UPDATE: 'false' },
    });
    expect(stdout).toContain('libparser');
    expect(stdout).not.toContain(file);
  });
});
