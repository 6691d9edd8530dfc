import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONFIG, contentOf, contextOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { craneConfig, craneFiles, craneManifest } from './helpers/judges.ts';

const BOTH = 'linux/amd64,linux/arm64';

let bench: E2eBench;

beforeAll(async () => {
  bench = await e2eBench();
});
afterAll(() => bench.dispose());

const npm = (name: string, version: string): string => JSON.stringify({ name, version });
const texts = (files: ReadonlyMap<string, Buffer>): Readonly<Record<string, string>> =>
  Object.fromEntries([...files].map(([path, content]) => [path, content.toString()]));

function imageOf(run: ActionRun, name?: string) {
  const images = JSON.parse(run.outputs.images ?? '[]');
  return name === undefined ? images[0] : images.find((image: { name: string }) => image.name === name);
}

/** The platforms that an index shows, as docker and crane show them. */
async function rowsOf(ref: string): Promise<readonly string[]> {
  const { manifests = [] } = await craneManifest(ref);
  return manifests.map(({ platform }) =>
    [platform?.os, platform?.architecture, platform?.variant].filter(Boolean).join('/'),
  );
}

describe('an image for two platforms with bytes of their own', () => {
  let run: ActionRun;

  beforeAll(async () => {
    const repository = bench.checkout({
      Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY shared/ /shared/\nCOPY $TARGETARCH/ /app/\n',
      'shared/motd': 'the same everywhere\n',
      'amd64/kind': 'amd\n',
      'amd64/node_modules/htm/package.json': npm('htm', '3.1.1'),
      'arm64/kind': 'arm\n',
      'arm64/node_modules/minimist/package.json': npm('minimist', '1.2.8'),
    });
    run = await bench.run(repository, { platforms: BOTH, image: 'twofold' });
  });

  it('is an index with exactly the declared platforms, and no row of something unknown', async () => {
    expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
    expect(await rowsOf(imageOf(run).ref)).toEqual(BOTH.split(','));
    const { manifests = [] } = await craneManifest(imageOf(run).ref);
    expect(imageOf(run).platforms).toEqual(
      manifests.map(({ digest }, i) => ({ platform: BOTH.split(',')[i], digest })),
    );
    // Index and members, and nothing else: no attestation manifest of BuildKit's.
    expect(contentOf(bench.registry)['acme/twofold']?.manifests).toHaveLength(3);
  });

  it('holds on each platform its own bytes and the shared layer', async () => {
    const { ref, platforms, repository } = imageOf(run);
    expect(texts(await craneFiles(ref, 'linux/amd64'))).toEqual({
      'shared/motd': 'the same everywhere\n',
      'app/kind': 'amd\n',
      'app/node_modules/htm/package.json': npm('htm', '3.1.1'),
    });
    expect(texts(await craneFiles(ref, 'linux/arm64'))).toMatchObject({ 'app/kind': 'arm\n' });
    const layers = [];
    for (const { digest } of platforms) layers.push((await craneManifest(`${repository}@${digest}`)).layers);
    const [[sharedAmd, ownAmd] = [], [sharedArm, ownArm] = []] = layers.map((of) =>
      of.map(({ digest }) => digest),
    );
    expect(sharedArm).toMatch(/^sha256:/);
    expect(sharedArm).toBe(sharedAmd);
    expect(ownArm).not.toBe(ownAmd);
  });

  it('names its platform in each config, and its release on index and members', async () => {
    const { ref, platforms, repository } = imageOf(run);
    for (const { platform, digest } of platforms) {
      const config = await craneConfig(ref, platform);
      expect(`${config.os}/${config.architecture}`).toBe(platform);
      const member = await craneManifest(`${repository}@${digest}`);
      const index = await craneManifest(ref);
      expect(index.annotations).toMatchObject({ 'org.opencontainers.image.version': '1.2.3' });
      expect(member.annotations).toEqual(index.annotations);
    }
  });

  it('has an SBOM and a scan of each platform, with what is on it', () => {
    const sboms = (run.outputs['sbom-path'] ?? '').split('\n').map(readJson);
    const named = sboms.map(({ components }) => components.map(({ name }: { name: string }) => name));
    expect(named).toEqual([expect.arrayContaining(['htm']), expect.arrayContaining(['minimist'])]);
    expect(named[0]).not.toContain('minimist');
    expect(named[1]).not.toContain('htm');
    const scans = (run.outputs['scan-report-path'] ?? '').split('\n').map(readJson);
    const { repository, platforms } = imageOf(run);
    expect(scans.map(({ ArtifactName }) => ArtifactName)).toEqual(
      platforms.map(({ digest }: { digest: string }) => `${repository}@${digest}`),
    );
    expect(scans.map(({ Metadata }) => Metadata.ImageConfig.architecture)).toEqual(['amd64', 'arm64']);
  });
});

describe('a set of images for two platforms', () => {
  it('stands on the parent of the same platform', async () => {
    const repository = bench.checkout({
      [CONFIG]: `images:\n  under: { context: under }\n  over: { context: over, contexts: { base: "target:under" } }\n`,
      'under/Dockerfile': 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /arch\n',
      'under/amd64': 'under amd\n',
      'under/arm64': 'under arm\n',
      'over/Dockerfile': 'FROM base\nCOPY own /own\n',
      'over/own': 'over\n',
    });
    const run = await bench.run(repository, { platforms: BOTH });
    expect(run.outputs.status).toBe('released');
    const { ref, repository: path, platforms } = imageOf(run, 'over');
    for (const [i, arch] of ['amd', 'arm'].entries()) {
      const platform = BOTH.split(',')[i];
      expect(texts(await craneFiles(ref, platform))).toEqual({ arch: `under ${arch}\n`, own: 'over\n' });
      const parent = imageOf(run, 'under');
      const below = await craneManifest(`${parent.repository}@${parent.platforms[i].digest}`);
      const above = await craneManifest(`${path}@${platforms[i].digest}`);
      expect(above.layers.map(({ digest }) => digest).slice(0, 1)).toEqual(
        below.layers.map(({ digest }) => digest),
      );
    }
  });
});

describe('the platforms of an image', () => {
  it.each([
    ['linux/arm64', 'arm64', undefined],
    ['linux/arm64/v8', 'arm64', undefined],
    ['linux/arm/v7', 'arm', 'v7'],
  ])('%s alone makes a manifest without an index', async (platform, architecture, variant) => {
    const image = `single-${architecture}-${platform.length}`;
    const run = await bench.run(bench.checkout(contextOf({ 'etc/motd': platform })), {
      platforms: platform,
      image,
    });
    expect(run.outputs.status).toBe('released');
    const manifest = await craneManifest(imageOf(run).ref);
    expect(manifest.manifests).toBeUndefined();
    const config = await craneConfig(imageOf(run).ref, platform);
    expect(config).toMatchObject({
      os: 'linux',
      architecture,
      ...(variant === undefined ? {} : { variant }),
    });
    const shown = ['linux', architecture, variant].filter(Boolean).join('/');
    expect(imageOf(run).platforms).toEqual([{ platform: shown, digest: imageOf(run).digest }]);
  });

  it('are only images, where a bake file asks for attestations', async () => {
    const repository = bench.checkout({
      ...contextOf({ 'etc/motd': 'attested\n' }),
      'docker-bake.hcl': `
        target "attested" {
          platforms = ["linux/amd64", "linux/arm64"]
          attest = ["type=provenance,mode=min"]
        }
        group "default" { targets = ["attested"] }
      `,
    });
    const run = await bench.run(repository, { 'bake-file': 'docker-bake.hcl' });
    expect(run.outputs.status).toBe('released');
    expect(await rowsOf(imageOf(run).ref)).toEqual([
      ...BOTH.split(','),
      'unknown/unknown',
      'unknown/unknown',
    ]);
    expect(imageOf(run).platforms.map(({ platform }: { platform: string }) => platform)).toEqual(
      BOTH.split(','),
    );
    expect((run.outputs['sbom-path'] ?? '').split('\n')).toHaveLength(2);
  });

  it('must all be there: one that was declared and is missing stops the release', async () => {
    const one = await bench.run(bench.checkout(contextOf({ 'etc/motd': 'one platform\n' })), {
      platforms: 'linux/amd64',
      image: 'lonely',
    });
    const brought = `images:\n  brought: { from: "registry:${imageOf(one).ref}" }\n`;
    const before = contentOf(bench.registry);
    const run = await bench.run(bench.checkout({ [CONFIG]: brought }), { platforms: BOTH });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'SOURCE_INVALID', pushed: 'false' });
    expect(annotationsOf(run.log)).toMatchObject([
      {
        title: 'SOURCE_INVALID',
        text: expect.stringMatching(/brought has no linux\/arm64; it has linux\/amd64/),
      },
    ]);
    expect(contentOf(bench.registry)).toEqual(before);
  });
});

function readJson(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

describe('a platform that nothing here can run', () => {
  it('is told before the build, with the image and the step', async () => {
    const repository = bench.checkout({ Dockerfile: 'FROM docker.io/library/alpine:3\nRUN apk add curl\n' });
    const run = await bench.run(repository, { platforms: 'linux/amd64,linux/s390x', image: 'emulated' });
    expect(run.outputs['error-code']).toBe('BUILDER_UNFIT');
    expect(annotationsOf(run.log)[0]?.text).toMatch(
      /no node for linux\/s390x .* emulated runs programs of it: RUN apk add curl\n.*docker\/setup-qemu-action/,
    );
    expect(run.log).not.toContain('emulated |');
  });
});
