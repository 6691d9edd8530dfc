import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { blobPath, layoutPath } from '../../../../src/model/image.ts';
import { encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import type { Command } from '../../../../src/ports/exec.ts';
import { type BuildSpec, buildImages } from '../../../../src/steps/build/run.ts';
import { parsePrint } from '../../../../src/steps/survey/bake-print.ts';
import { AMD64, ARM64, aBuiltImage, aPlan, aPlannedImage } from '../../../helpers/a-release.ts';
import { aBuildInputs } from '../../../helpers/build-bench.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const store = { root: '/stage' };
const raw = { root: '/stage/raw' };

/** A bake that writes an image without layers for every target; `reported` replaces the digest in its metadata. */
function world(reported?: string, freeBytes = 1e12) {
  const files = memoryFiles({}, { freeBytes });
  const exec = fakeExec().on('docker buildx bake', (command: Command) => {
    const targets = command.args.slice(command.args.indexOf('--') + 1);
    const metadata = targets.map((target) => {
      const config = encodeJson({ os: 'linux', architecture: 'amd64', target }, MEDIA.ociConfig);
      const value = { schemaVersion: 2, config: config.descriptor, layers: [] };
      const manifest = encodeJson(value, MEDIA.ociManifest);
      for (const { bytes, descriptor } of [config, manifest])
        files.tree.set(blobPath(raw, descriptor.digest), bytes);
      const index = JSON.stringify({ schemaVersion: 2, manifests: [manifest.descriptor] });
      const layout = layoutPath(raw, target.replace(/-(linux-\w+)$/, '+$1'));
      files.tree.set(`${layout}/index.json`, new TextEncoder().encode(index));
      return [target, { 'containerimage.digest': reported ?? manifest.descriptor.digest }];
    });
    files.tree.set(
      '/stage/metadata.json',
      new TextEncoder().encode(JSON.stringify(Object.fromEntries(metadata))),
    );
    return {};
  });
  const clock = { now: () => new Date(0), elapsed: () => 0, sleep: async () => {} };
  return { files, exec, log: fakeLog(), state: { save: () => {} }, clock };
}

function spec(change: Partial<BuildSpec> = {}, names: readonly string[] = ['base', 'app']): BuildSpec {
  const target = Object.fromEntries(names.map((name) => [name, { 'cache-from': [{ type: 'gha' }] }]));
  return {
    plan: aPlan({ images: names.map((name) => aPlannedImage(name, { platforms: [AMD64] })) }),
    build: parsePrint(JSON.stringify({ target }), '/w'),
    builder: { name: 'b', driver: 'remote', buildx: '0.29.1', platforms: [] },
    store,
    inputs: aBuildInputs({ secretFiles: { key: '/k' }, cacheTo: ['type=local,dest=cache'] }),
    adopted: new Map(),
    secretEnv: { MODULE_RELEASE_SECRET_0: 'value' },
    workspace: '/w',
    cwd: '/w/sub',
    ...change,
  };
}

describe('building the images of a plan', () => {
  it('is one call for all of them, with what they need and no secret in it', async () => {
    const ports = world();
    const built = await buildImages(spec(), ports);
    expect(built.map(({ planned, origin }) => [planned.name, origin])).toEqual([
      ['base', 'built'],
      ['app', 'built'],
    ]);
    expect(ports.exec.calls).toHaveLength(1);
    expect(ports.exec.calls[0]).toMatchObject({
      cwd: '/w/sub',
      environment: 'full',
      env: { MODULE_RELEASE_SECRET_0: 'value', SOURCE_DATE_EPOCH: '1760000000' },
    });
    const line = ports.exec.lines()[0];
    expect(line).toContain('--builder b ');
    for (const allowed of [
      'fs.read=/w',
      'fs.read=/k',
      'fs.read=/stage',
      'fs.write=/stage',
      'fs.write=/w/sub/cache',
    ])
      expect(line).toContain(`--allow ${allowed} `);
    expect(line).not.toContain('value');
    expect(ports.files.text('/stage/bake.json')).not.toContain('value');
    expect(ports.log.openPrinters()).toBe(0);
    // What BuildKit wrote is not kept beside what came of it.
    expect(await ports.files.exists(raw.root)).toBe(false);
  });

  it('asks several nodes for one platform each, and makes the index', async () => {
    const ports = world();
    const plan = aPlan({
      images: [
        aPlannedImage('base', { platforms: [AMD64] }),
        aPlannedImage('app', { platforms: [AMD64, ARM64] }),
      ],
    });
    const builder = {
      name: 'kube',
      driver: 'kubernetes',
      buildx: '0.29.1',
      platforms: [],
      split: true,
    } as const;
    const built = await buildImages(spec({ plan, builder }), ports);
    expect(ports.exec.lines()[0]).toMatch(/--builder kube .* -- base app-linux-amd64 app-linux-arm64$/);
    const { target } = JSON.parse(ports.files.text('/stage/bake.json'));
    expect(target['app-linux-arm64']).toMatchObject({
      platforms: ['linux/arm64'],
      output: ['type=oci,tar=false,compression=uncompressed,dest=/stage/raw/image-app+linux-arm64'],
    });
    expect(built.map(({ top, platforms }) => [top.mediaType, platforms.length])).toEqual([
      [MEDIA.ociManifest, 1],
      [MEDIA.ociIndex, 2],
    ]);
  });

  it('builds level by level on a tight disk, and empties the builder of this run between them', async () => {
    const plan = aPlan({
      images: [
        aPlannedImage('app', { platforms: [AMD64], parents: ['base'] }),
        aPlannedImage('base', { platforms: [AMD64] }),
        aPlannedImage('lone', { platforms: [AMD64] }),
      ],
    });
    const target = { app: { contexts: { base: 'target:base' } }, base: {}, lone: {} };
    const build = parsePrint(JSON.stringify({ target }), '/w');
    const create = { reason: 'a test wants it' };
    const builder = { name: 'own', driver: 'docker-container', buildx: '0.29.1', platforms: [], create };
    const ports = world(undefined, 1.5 * 1024 ** 3);
    ports.exec.on('docker buildx create', {}).on('docker buildx prune', {});
    const built = await buildImages(spec({ plan, build, builder }), ports);
    const calls = ports.exec.lines().map((line) => line.replace(/ --builder own .* -- /, ' … '));
    expect(calls.slice(1)).toEqual([
      'docker buildx bake … base lone',
      'docker buildx prune --builder own --all --force',
      'docker buildx bake … app',
      'docker buildx prune --builder own --all --force',
    ]);
    expect(ports.files.text('/stage/bake.json')).toMatch(/oci-layout:\/\/\/stage\/image-base@sha256:/);
    expect(built.map(({ planned }) => planned.name)).toEqual(['app', 'base', 'lone']);
    expect(ports.log.lines).toContain(
      "Only 1.5 GiB are free: the images are built in 2 levels, and the builder's cache is emptied between them.",
    );

    const roomy = world();
    roomy.exec.on('docker buildx create', {});
    await buildImages(spec({ plan, build, builder }), roomy);
    expect(roomy.exec.calls).toHaveLength(2);
    // Nobody else's cache is touched.
    const { create: _, ...theirs } = builder;
    const foreign = world(undefined, 1024);
    await buildImages(spec({ plan, build, builder: theirs }), foreign);
    expect(foreign.exec.calls).toHaveLength(1);
  });

  it('says that caches of the bake file are left out for a tag', async () => {
    const ports = world();
    await buildImages(spec(), ports);
    expect(ports.log.lines.join('\n')).toMatch(/release of a tag imports no cache/);
    const branch = world();
    await buildImages(spec({ plan: { ...spec().plan, kind: 'branch' } }), branch);
    expect(branch.log.lines).toEqual([]);
  });

  it('leaves out what is adopted or brought', async () => {
    const ports = world();
    const [base, app] = spec().plan.images;
    const brought = aPlannedImage('mine', { source: { kind: 'oci-layout', path: '/x' } });
    const plan = aPlan({ images: [base!, app!, brought] });
    const built = await buildImages(spec({ plan, adopted: new Map([['base', aBuiltImage(base!)]]) }), ports);
    expect(built.map(({ planned }) => planned.name)).toEqual(['app']);
    expect(ports.exec.lines()[0]).toMatch(/ -- app$/);
  });

  it('calls nothing when nothing is to be built', async () => {
    const ports = world();
    const adopted = new Map(spec().plan.images.map((planned) => [planned.name, aBuiltImage(planned)]));
    const { builder: _, ...without } = spec({ adopted });
    expect(await buildImages(without, ports)).toEqual([]);
    expect(ports.exec.calls).toEqual([]);
  });

  it('refuses an image that is not the one that bake reported', async () => {
    await expect(buildImages(spec(), world(digestOf('other')))).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
  });

  it('builds once more without a cache that cannot be set up, and once only', async () => {
    const ports = world();
    const lines = ['ERROR: failed to solve: failed to configure gha cache exporter: no token'];
    const documents: string[] = [];
    const run = async (command: Command) => {
      documents.push(ports.files.text('/stage/bake.json'));
      if (documents.length > 1) return ports.exec.run(command);
      for (const line of lines) command.onLine?.(line);
      return { exitCode: 1, stdout: '', stderr: '' };
    };
    const built = await buildImages(spec(), { ...ports, exec: { ...ports.exec, run } });
    expect(built).toHaveLength(2);
    expect(documents.map((text) => text.includes('cache-to'))).toEqual([true, false]);
    expect(ports.log.lines.filter((line) => line.startsWith('warning: The build cache'))).toHaveLength(1);

    const failing = fakeExec().on('docker buildx bake', { exitCode: 1, lines });
    await expect(buildImages(spec(), { ...world(), exec: failing })).rejects.toMatchObject({
      code: 'BUILD_FAILED',
    });
    expect(failing.calls).toHaveLength(2);
  });

  it('fails with what bake said, and closes its printer', async () => {
    const ports = world();
    const exec = fakeExec()
      .on(/ -- base app$/, { exitCode: 1, lines: ['ERROR: target app: no such stage'] })
      .on(/ -- base$/, {});
    await expect(buildImages(spec(), { ...ports, exec })).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: 'the build of app failed: no such stage',
    });
    expect(ports.log.openPrinters()).toBe(0);
    expect(ports.log.lines.at(-1)).toBe('Built well, and not released because of what failed: base.');
  });
});
