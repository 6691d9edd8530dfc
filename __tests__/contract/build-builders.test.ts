import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Buildkitd, startBuildkitd } from '../../scripts/setup/buildkitd.mjs';
import { type BuiltImage, blobPath } from '../../src/model/image.ts';
import { decodeManifest } from '../../src/model/manifest.ts';
import type { Command } from '../../src/ports/exec.ts';
import { type Builder, chooseBuilder, removeBuilder } from '../../src/steps/build/run.ts';
import { AMD64, ARM64 } from '../helpers/a-release.ts';
import { type BuildBench, buildBench, layerFiles } from '../helpers/build-bench.ts';
import { type ClassicDocker, startClassicDocker } from '../helpers/classic-docker.ts';
import { toolPath } from '../helpers/tool-path.ts';

let bench: BuildBench;

beforeEach(async () => {
  bench = await buildBench();
  await bench.write({ a: 'a', b: 'b' });
});
afterEach(() => bench.dispose());

const NEEDS = { platforms: [], multiPlatform: false };
const DOCUMENT = {
  target: {
    base: { context: '.', 'dockerfile-inline': 'FROM scratch\nCOPY a /a\n' },
    app: {
      context: '.',
      contexts: { base: 'target:base' },
      'dockerfile-inline': 'FROM base\nCOPY b /b\nENV X=1\n',
    },
  },
};
const BOTH = { platforms: [AMD64, ARM64] };

function docker(...args: string[]): string {
  return execFileSync(toolPath('docker'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What must not depend on the builder: platforms, files, configs. */
async function contentOf(images: readonly BuiltImage[]) {
  return Promise.all(
    images.flatMap((image) =>
      image.platforms.map(async ({ platform, descriptor }) => {
        const manifest = decodeManifest(await readFile(blobPath(image.store, descriptor.digest)));
        if (manifest.kind === 'index') throw new Error('an index in an index');
        const config = JSON.parse(await readFile(blobPath(image.store, manifest.config.digest), 'utf8'));
        return {
          name: image.planned.name,
          platform,
          files: manifest.layers.map(({ digest }) => layerFiles(blobPath(image.store, digest))),
          config: config.config,
          diffIds: config.rootfs.diff_ids.length,
        };
      }),
    ),
  );
}

const EXPECTED = [
  { name: 'base', platform: AMD64, files: [['a']] },
  { name: 'base', platform: ARM64, files: [['a']] },
  { name: 'app', platform: AMD64, files: [['a'], ['b']] },
  { name: 'app', platform: ARM64, files: [['a'], ['b']] },
];

describe('a remote builder', () => {
  const name = `module-release-test-remote-${process.pid}`;
  let buildkitd: Buildkitd;

  beforeAll(async () => {
    buildkitd = await startBuildkitd();
    docker('buildx', 'create', '--name', name, '--driver', 'remote', buildkitd.addr);
  });
  afterAll(async () => {
    docker('buildx', 'rm', name);
    await buildkitd.stop();
  });

  it('is used as it is, and makes what the docker driver makes', async () => {
    const builder = await chooseBuilder({ builder: name }, NEEDS, bench.ports);
    expect(builder).toMatchObject({ name, driver: 'remote' });
    expect(builder.create).toBeUndefined();
    const planned = { base: BOTH, app: BOTH };
    const remote = await contentOf(await bench.build(DOCUMENT, { builder, planned }));
    expect(remote).toMatchObject(EXPECTED);
    const store = { root: `${bench.root}/other` };
    expect(await contentOf(await bench.build(DOCUMENT, { planned, store }))).toEqual(remote);
    expect(bench.saved.has('builder')).toBe(false);
  });
});

describe('Docker without the containerd image store', () => {
  let classic: ClassicDocker;
  beforeAll(async () => {
    classic = await startClassicDocker();
  });
  afterAll(() => classic.stop());

  /** The choice sees the classic daemon; what comes after it, this machine's own. */
  function portsOfClassic() {
    const { exec } = bench.ports;
    const run = (command: Command) => exec.run({ ...command, env: { DOCKER_HOST: classic.host } });
    return { ...bench.ports, exec: { ...exec, run } };
  }

  it('is found out, and a docker-container builder takes its place until the post step', async () => {
    const builder = await chooseBuilder({}, NEEDS, portsOfClassic());
    expect(builder).toMatchObject({
      name: expect.stringMatching(/^module-release-[0-9a-f]{12}$/),
      driver: 'docker-container',
      create: { reason: expect.stringContaining('containerd image store') },
    });
    // Choosing writes nothing: `plan` does it, too.
    expect(docker('buildx', 'ls')).not.toContain(builder.name);
    try {
      const images = await bench.build(DOCUMENT, { builder, planned: { base: BOTH, app: BOTH } });
      expect(await contentOf(images)).toMatchObject(EXPECTED);
      expect(bench.saved.get('builder')).toBe(builder.name);
      expect(docker('buildx', 'ls')).toContain(builder.name);
    } finally {
      await removeBuilder(builder.name, bench.ports);
    }
    expect(docker('buildx', 'ls')).not.toContain(builder.name);
    expect(docker('ps', '--all', '--format', '{{.Names}}')).not.toContain(builder.name);
    await removeBuilder(builder.name, bench.ports);
  });

  it('is refused where it was named', async () => {
    await expect(chooseBuilder({ builder: 'default' }, NEEDS, portsOfClassic())).rejects.toMatchObject({
      code: 'BUILDER_UNFIT',
      message: expect.stringMatching(/default.*containerd image store/),
    });
  });
});

describe('a builder that cannot be had', () => {
  it('is named when it does not exist', async () => {
    await expect(chooseBuilder({ builder: 'no-such-builder' }, NEEDS, bench.ports)).rejects.toMatchObject({
      code: 'BUILDER_UNFIT',
      message: expect.stringContaining('no-such-builder'),
    });
  });

  it('fails the start with its image named, and leaves nothing', async () => {
    const builder: Builder = {
      name: `module-release-test-${process.pid}`,
      driver: 'docker-container',
      buildx: '0.29.1',
      platforms: [],
      create: { image: '127.0.0.1:1/no/buildkit:x', reason: 'a test wants it' },
    };
    const clock = { ...bench.ports.clock, sleep: async () => {} };
    Object.assign(bench.ports, { clock });
    await expect(bench.build(DOCUMENT, { builder })).rejects.toMatchObject({
      code: 'BUILDER_UNFIT',
      hint: expect.stringContaining('builder-image'),
    });
    expect(docker('buildx', 'ls')).not.toContain(builder.name);
  });

  it('is a missing daemon, when nothing else was named', async () => {
    const { exec } = bench.ports;
    const run = (command: Command) => exec.run({ ...command, env: { DOCKER_HOST: 'unix:///no/socket' } });
    await expect(chooseBuilder({}, NEEDS, { ...bench.ports, exec: { ...exec, run } })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('docker daemon'),
    });
  });
});
