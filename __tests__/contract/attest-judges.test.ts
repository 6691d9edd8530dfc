import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import { createClock } from '../../src/adapters/clock/system-clock.ts';
import { type Attestation, BUNDLE_TYPE, PREDICATES } from '../../src/model/attestation.ts';
import type { PushedImage } from '../../src/model/image.ts';
import { decodeManifest } from '../../src/model/manifest.ts';
import { formatReference, type Repository } from '../../src/model/reference.ts';
import { PREDICATE_ANNOTATION } from '../../src/steps/attest/referrer.ts';
import { arrived, storeAttestations } from '../../src/steps/attest/store.ts';
import { AMD64, aPlannedImage } from '../helpers/a-release.ts';
import { aSigned, CREATED } from '../helpers/a-signed.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { fakeGitHub } from '../helpers/fake-ports.ts';
import { keySigner } from '../helpers/key-signed.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { testClient } from '../helpers/registry/client.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import { toolPath } from '../helpers/tool-path.ts';

const REGISTRIES: Readonly<Record<string, () => Promise<{ host: string; stop(): Promise<void> }>>> = {
  'distribution 2.8': () => startDistribution(),
  'the embedded registry with the referrers API': () => startRegistry(),
  'the embedded registry without it': () => startRegistry({ referrers: false }),
};

/** One image at all three, with evidence of ours between that of others; then the tools that everybody uses look at it. */
describe('what we attach, beside what oras and cosign attached', () => {
  const hosts = new Map<string, { host: string; stop(): Promise<void> }>();
  const client = testClient({ clock: createClock(), random: Math.random });
  const ours = keySigner();
  let folder: string;
  let stage: Stage;
  let image: PushedImage;
  let stored: readonly Attestation[];

  async function run(tool: string, ...args: string[]): Promise<string> {
    const { HOME, PATH } = process.env;
    const env = { HOME, PATH, DOCKER_CONFIG: folder, COSIGN_PASSWORD: '' };
    const { stdout } = await promisify(execFile)(toolPath(tool), args, { cwd: folder, env, timeout: 60_000 });
    return stdout.trim();
  }

  const reference = (name: string) => {
    const repository = { registry: hosts.get(name)?.host ?? '', path: 'acme/base' };
    return { repository, digest: image.descriptor.digest };
  };
  const KEY = ['--insecure-ignore-tlog', '--allow-http-registry'];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attest-judges-'));
    stage = await createStage();
    for (const [name, start] of Object.entries(REGISTRIES)) hosts.set(name, await start());
    const repositories = [...hosts.values()].map(
      ({ host }): Repository => ({ registry: host, path: 'acme/base' }),
    );
    image = await push(stage, repositories);
    await writeFile(join(folder, 'ours.pub'), ours.publicKeyPem);
    await writeFile(join(folder, 'config.json'), '{}');
    await writeFile(join(folder, 'note.txt'), 'a note');
    await writeFile(join(folder, 'predicate.json'), '{"theirs":true}');
    await run('cosign', 'generate-key-pair');
    await run('cosign', 'signing-config', 'create', '--out', 'signing-config.json');
    const theirs = [
      '-y',
      '--key',
      'cosign.key',
      '--signing-config',
      'signing-config.json',
      '--allow-http-registry',
    ];
    for (const name of hosts.keys()) {
      const ref = formatReference(reference(name));
      await run('oras', 'attach', '--plain-http', '--artifact-type', 'application/x-note', ref, 'note.txt');
      await run('cosign', 'sign', ...theirs, ref);
    }
    const about = { image: 'base', subject: image.descriptor.digest };
    const signed = (['signature', 'cyclonedx'] as const).map((kind) =>
      ours.sign(aSigned({ ...about, kind })),
    );
    const ports = { clock: createClock(), files: memoryFiles(), log: fakeLog(), registry: client };
    const options = { stores: ['registry'], folder, repository: 'acme/base', created: CREATED } as const;
    stored = await storeAttestations(arrived(signed), [image], options, { ...ports, github: NO_GITHUB });
    for (const name of hosts.keys()) {
      const ref = formatReference(reference(name));
      await run('cosign', 'attest', ...theirs, '--type', 'spdxjson', '--predicate', 'predicate.json', ref);
    }
  });

  afterAll(async () => {
    for (const { stop } of hosts.values()) await stop();
    await stage.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function push(from: Stage, repositories: readonly Repository[]): Promise<PushedImage> {
    const { bytes, descriptor } = await from.image({ platform: AMD64 });
    const manifest = decodeManifest(bytes);
    if (manifest.kind === 'index') throw new Error('one platform only');
    const { digest } = descriptor;
    for (const repository of repositories) {
      for (const blob of [manifest.config, ...manifest.layers])
        await client.pushBlob(repository, blob, from.path(blob), []);
      await client.putManifest({ repository, digest }, { bytes, descriptor });
    }
    return {
      planned: aPlannedImage('base', { repositories }),
      descriptor,
      platforms: [{ platform: AMD64, descriptor }],
      size: 1000,
      origin: 'built',
      subjects: repositories.map((repository) => ({ repository, digest })),
      blobs: { uploaded: 2, mounted: 0, existing: 0 },
    };
  }

  it('has one referrer at each registry, with the same digest', () => {
    expect(stored.map(({ kind }) => kind)).toEqual(['signature', 'cyclonedx']);
    for (const { referrers } of stored) {
      expect(referrers.map(({ repository }) => repository.registry)).toEqual(
        [...hosts.values()].map(({ host }) => host),
      );
      expect(new Set(referrers.map(({ digest }) => digest)).size).toBe(1);
    }
  });

  describe.each(Object.keys(REGISTRIES))('at %s', (name) => {
    it('oras discover shows it, and what others attached', async () => {
      const found = await run(
        'oras',
        'discover',
        '--plain-http',
        '--format',
        'json',
        formatReference(reference(name)),
      );
      const { referrers } = JSON.parse(found);
      expect(referrers).toHaveLength(5);
      for (const { predicateType, referrers: own } of stored)
        expect(referrers).toContainEqual(
          expect.objectContaining({
            digest: own[0]?.digest,
            artifactType: BUNDLE_TYPE,
            annotations: expect.objectContaining({ 'dev.sigstore.bundle.predicateType': predicateType }),
          }),
        );
      expect(referrers).toContainEqual(expect.objectContaining({ artifactType: 'application/x-note' }));
    });

    it('cosign verifies ours and theirs', async () => {
      const ref = formatReference(reference(name));
      const verified = JSON.parse(await run('cosign', 'verify', '--key', 'ours.pub', ...KEY, ref));
      expect(verified).toHaveLength(2);
      const sbom = ['--type', 'cyclonedx', '--key', 'ours.pub', ...KEY, ref];
      const { payload } = JSON.parse(await run('cosign', 'verify-attestation', ...sbom));
      expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({
        predicateType: 'https://cyclonedx.org/bom',
      });
      const theirs = ['--type', 'spdxjson', '--key', 'cosign.pub', ...KEY, ref];
      expect(await run('cosign', 'verify-attestation', ...theirs)).not.toBe('');
    });

    it('our own client finds all four bundles, and names their kinds', async () => {
      const found = await client.referrers(reference(name), BUNDLE_TYPE);
      const { repository } = reference(name);
      const types = await Promise.all(
        found.map(async ({ digest }) => {
          const manifest = await client.getManifest({ repository, digest });
          return decodeManifest(manifest?.bytes ?? Buffer.of()).annotations[PREDICATE_ANNOTATION];
        }),
      );
      const { signature, cyclonedx, spdx } = PREDICATES;
      expect(types.sort()).toEqual([signature, signature, cyclonedx, spdx].sort());
    });
  });
});

const NO_GITHUB = {
  ...fakeGitHub(),
  storeAttestation: () => Promise.reject(new Error('not asked')),
  hasAttestation: () => Promise.reject(new Error('not asked')),
};
