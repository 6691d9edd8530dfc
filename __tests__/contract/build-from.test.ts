import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { digestOf } from '../../src/model/digest.ts';
import { type BuiltImage, blobPath, layoutPath } from '../../src/model/image.ts';
import { decodeManifest, describeBytes, encodeJson, MEDIA } from '../../src/model/manifest.ts';
import type { ImageSource } from '../../src/model/plan.ts';
import type { Registry } from '../../src/ports/registry.ts';
import { adoptImage, bringImage } from '../../src/steps/build/run.ts';
import { AMD64, ARM64, aPlannedImage } from '../helpers/a-release.ts';
import { type BuildBench, buildBench, layerFiles } from '../helpers/build-bench.ts';
import { type ClassicDocker, startClassicDocker } from '../helpers/classic-docker.ts';
import { toolPath } from '../helpers/tool-path.ts';

let bench: BuildBench;

beforeEach(async () => {
  bench = await buildBench();
  await bench.write({ a: 'file a', b: 'file b' });
});
afterEach(() => bench.dispose());

const DOCKERFILE = 'FROM scratch\nCOPY a /a\nCOPY b /b\nLABEL who=me\n';

function docker(
  args: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {},
): string {
  return execFileSync(toolPath('docker'), args, {
    encoding: 'utf8',
    input: options.input ?? '',
    cwd: bench.workspace,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** With bare buildx, as another job would: to a file or folder. */
function buildTo(output: string, ...options: string[]): void {
  docker(['buildx', 'build', '--output', output, '--provenance=false', ...options, '-f', '-', '.'], {
    input: DOCKERFILE,
  });
}

const noRegistry: Pick<Registry, 'getManifest' | 'pullBlob'> = {
  getManifest: () => Promise.reject(new Error('the registry was asked')),
  pullBlob: () => Promise.reject(new Error('the registry was asked')),
};

function bring(
  source: ImageSource,
  options: { platforms?: readonly (typeof AMD64)[]; registry?: Partial<Registry> } = {},
): Promise<BuiltImage> {
  const registry = { ...noRegistry, ...options.registry } as Registry;
  const planned = aPlannedImage('brought', { source, platforms: options.platforms ?? [] });
  return bringImage(planned, bench.store, { ...bench.ports, registry });
}

/** Files of each platform, layer by layer; throws when a layer is not gzip. */
async function filesOf(image: BuiltImage): Promise<readonly (readonly string[])[]> {
  return Promise.all(
    image.platforms.map(async ({ descriptor }) => {
      const manifest = decodeManifest(await readFile(blobPath(bench.store, descriptor.digest)));
      if (manifest.kind === 'index') throw new Error('an index in an index');
      return manifest.layers.flatMap(({ digest }) => layerFiles(blobPath(bench.store, digest)));
    }),
  );
}

async function expectComplete(image: BuiltImage): Promise<void> {
  const index = JSON.parse(await readFile(join(layoutPath(bench.store, 'brought'), 'index.json'), 'utf8'));
  expect(index.manifests).toEqual([image.top]);
  for (const name of await readdir(join(bench.store.root, 'blobs/sha256')))
    expect(digestOf(await readFile(join(bench.store.root, 'blobs/sha256', name)))).toBe(`sha256:${name}`);
  // Nothing is left lying about.
  expect((await readdir(bench.store.root)).sort()).toEqual(['blobs', 'image-brought']);
}

describe('an image brought as an OCI layout', () => {
  it('is taken byte for byte, one platform or several', async () => {
    buildTo('type=oci,tar=false,dest=one');
    buildTo('type=oci,tar=false,dest=two', '--platform=linux/amd64,linux/arm64');
    const [one] = JSON.parse(await readFile(join(bench.workspace, 'one/index.json'), 'utf8')).manifests;
    const image = await bring({ kind: 'oci-layout', path: join(bench.workspace, 'one') });
    expect(image).toMatchObject({
      origin: 'brought',
      top: { digest: one.digest, mediaType: MEDIA.ociManifest },
    });
    expect(await filesOf(image)).toEqual([['a', 'b']]);
    await expectComplete(image);

    const [two] = JSON.parse(await readFile(join(bench.workspace, 'two/index.json'), 'utf8')).manifests;
    const both = await bring(
      { kind: 'oci-layout', path: join(bench.workspace, 'two') },
      { platforms: [AMD64, ARM64] },
    );
    expect(both.top.digest).toBe(two.digest);
    expect(both.platforms.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
    // The user's folder is left as it was.
    expect(await readdir(join(bench.workspace, 'two/blobs/sha256'))).not.toEqual([]);
  });

  it('keeps attestations, which are no platform', async () => {
    docker(
      ['buildx', 'build', '--output', 'type=oci,tar=false,dest=att', '--provenance=mode=min', '-f', '-', '.'],
      {
        input: DOCKERFILE,
      },
    );
    const image = await bring({ kind: 'oci-layout', path: join(bench.workspace, 'att') });
    expect(image.top.mediaType).toBe(MEDIA.ociIndex);
    expect(image.platforms.map(({ platform }) => platform)).toEqual([AMD64]);
    const index = decodeManifest(await readFile(blobPath(bench.store, image.top.digest)));
    expect(index.kind === 'index' && index.manifests).toHaveLength(2);
    await expectComplete(image);
  });

  it('gzips uncompressed layers, equally each time, and keeps the config', async () => {
    buildTo(
      'type=oci,tar=false,dest=plain,compression=uncompressed,force-compression=true',
      '--platform=linux/amd64,linux/arm64',
    );
    const source: ImageSource = { kind: 'oci-layout', path: join(bench.workspace, 'plain') };
    const image = await bring(source);
    expect(await filesOf(image)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    for (const { descriptor } of image.platforms) {
      const manifest = decodeManifest(await readFile(blobPath(bench.store, descriptor.digest)));
      if (manifest.kind === 'index') throw new Error('an index in an index');
      const config = JSON.parse(await readFile(blobPath(bench.store, manifest.config.digest), 'utf8'));
      expect(config.config.Labels).toEqual({ who: 'me' });
      expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
        MEDIA.ociLayerGzip,
        MEDIA.ociLayerGzip,
      ]);
      const unpacked = await Promise.all(
        manifest.layers.map(async ({ digest }) =>
          digestOf(gunzipSync(await readFile(blobPath(bench.store, digest)))),
        ),
      );
      expect(unpacked).toEqual(config.rootfs.diff_ids);
    }
    await expectComplete(image);
    expect((await bring(source)).top).toEqual(image.top);
  });

  it('is selected by tag or digest where there are several', async () => {
    buildTo('type=oci,tar=false,dest=many,name=example.com/app:one');
    await bench.write({ a: 'another' });
    buildTo('type=oci,tar=false,dest=many,name=example.com/app:two');
    const path = join(bench.workspace, 'many');
    const manifests: (Descriptor & { annotations: Record<string, string> })[] = JSON.parse(
      await readFile(join(path, 'index.json'), 'utf8'),
    ).manifests;
    const one = manifests.find(({ annotations }) => Object.values(annotations).includes('one'));
    const two = manifests.find(({ annotations }) => Object.values(annotations).includes('two'));
    expect((await bring({ kind: 'oci-layout', path: `${path}:one` })).top.digest).toBe(one?.digest);
    expect((await bring({ kind: 'oci-layout', path: `${path}@${two?.digest}` })).top.digest).toBe(
      two?.digest,
    );
    await expect(bring({ kind: 'oci-layout', path })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringMatching(/several images.*one/),
      hint: expect.stringContaining('PATH:TAG'),
    });
  });

  it.each<[string, (folder: string, blob: string) => Promise<unknown>, RegExp]>([
    [
      'a layer was changed',
      (_, blob) => writeFile(blob, Buffer.alloc(10_000)),
      /bytes|instead of|incomplete/,
    ],
    ['index.json is missing', (folder) => writeFile(join(folder, 'index.json'), '{'), /cannot be read/],
  ])('is refused when %s', async (_, harm, message) => {
    await bench.write({ a: Buffer.alloc(100_000, 'x') });
    buildTo('type=oci,tar=false,dest=bad,compression=uncompressed,force-compression=true');
    const folder = join(bench.workspace, 'bad');
    const blobs = join(folder, 'blobs/sha256');
    const sizes = await Promise.all(
      (await readdir(blobs)).map(async (name) => ({ name, size: (await stat(join(blobs, name))).size })),
    );
    const largest = sizes.sort((x, y) => y.size - x.size)[0]?.name ?? '';
    await harm(folder, join(blobs, largest));
    await expect(bring({ kind: 'oci-layout', path: folder })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('is refused when a platform is missing, or there is nothing', async () => {
    buildTo('type=oci,tar=false,dest=one');
    const source: ImageSource = { kind: 'oci-layout', path: join(bench.workspace, 'one') };
    await expect(bring(source, { platforms: [AMD64, ARM64] })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('linux/arm64'),
    });
    await expect(bring({ kind: 'oci-layout', path: '/no/such' })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
    });
    await expect(bring({ kind: 'oci-layout', path: bench.workspace })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
    });
  });
});

describe('an image brought as an archive', () => {
  it('is taken from an OCI archive, also of a tar made by hand', async () => {
    buildTo('type=oci,dest=app.tar', '--platform=linux/amd64,linux/arm64');
    const image = await bring({ kind: 'oci-archive', path: join(bench.workspace, 'app.tar') });
    expect(await filesOf(image)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    await expectComplete(image);
    buildTo('type=oci,tar=false,dest=folder', '--platform=linux/amd64,linux/arm64');
    execFileSync('tar', ['-czf', 'by-hand.tgz', '-C', 'folder', '.'], { cwd: bench.workspace });
    const byHand = await bring({ kind: 'oci-archive', path: join(bench.workspace, 'by-hand.tgz') });
    expect(await filesOf(byHand)).toEqual(await filesOf(image));
  });

  it.each(['skopeo', 'crane'])('is taken from a docker archive of %s', async (tool) => {
    buildTo('type=oci,tar=false,dest=layout,name=example.com/app:one');
    const to = join(bench.workspace, `${tool}.tar`);
    if (tool === 'skopeo')
      execFileSync(toolPath('skopeo'), [
        ...[
          'copy',
          '--insecure-policy',
          `oci:${join(bench.workspace, 'layout')}`,
          `docker-archive:${to}:app:one`,
        ],
      ]);
    else await craneArchive(join(bench.workspace, 'layout'), to);
    const image = await bring({ kind: 'docker-archive', path: to });
    expect(image.top.mediaType).toBe(MEDIA.ociManifest);
    expect(image.platforms.map(({ platform }) => platform)).toEqual([AMD64]);
    expect(await filesOf(image)).toEqual([['a', 'b']]);
    await expectComplete(image);
    expect((await bring({ kind: 'docker-archive', path: to })).top).toEqual(image.top);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a link for a config', { link: '/etc/passwd' }, /holds a link/],
    ['a path out of the archive', { config: '../../etc/passwd' }, /outside of itself|does not hold/],
    ['a file it does not hold', { config: 'none.json' }, /does not hold: none\.json/],
  ])('is refused with %s', async (_, { link, config = 'config.json' }, message) => {
    const folder = join(bench.workspace, 'evil');
    await mkdir(folder);
    await writeFile(join(folder, 'manifest.json'), JSON.stringify([{ Config: config, Layers: [] }]));
    if (link !== undefined) await symlink(link, join(folder, 'config.json'));
    execFileSync('tar', ['-cf', 'evil.tar', '-C', 'evil', '.'], { cwd: bench.workspace });
    await expect(
      bring({ kind: 'docker-archive', path: join(bench.workspace, 'evil.tar') }),
    ).rejects.toMatchObject({ code: 'SOURCE_INVALID', message: expect.stringMatching(message) });
  });

  it('is refused when it is no archive', async () => {
    await bench.write({ 'x.tar': 'no tar' });
    await expect(bring({ kind: 'oci-archive', path: join(bench.workspace, 'x.tar') })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('tar'),
    });
  });
});

/** `crane save` wants a registry, so its form is made here: compressed layers and a config without a manifest. */
async function craneArchive(layout: string, to: string): Promise<void> {
  const blob = (digest: string) => join(layout, 'blobs/sha256', digest.slice('sha256:'.length));
  const [top] = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')).manifests;
  const manifest = decodeManifest(await readFile(blob(top.digest)));
  if (manifest.kind === 'index') throw new Error('one platform was built');
  const folder = join(layout, '../crane');
  await mkdir(folder);
  await writeFile(join(folder, manifest.config.digest), await readFile(blob(manifest.config.digest)));
  const layers = await Promise.all(
    manifest.layers.map(async ({ digest }) => {
      const name = `${digest.slice('sha256:'.length)}.tar.gz`;
      await writeFile(join(folder, name), await readFile(blob(digest)));
      return name;
    }),
  );
  const entry = { Config: manifest.config.digest, RepoTags: ['app:one'], Layers: layers };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify([entry]));
  execFileSync('tar', ['-cf', to, '-C', folder, manifest.config.digest, ...layers, 'manifest.json']);
}

describe('an image brought from a Docker daemon', () => {
  const name = `module-release-test-${process.pid}`;

  it('keeps its digest with the containerd image store', async () => {
    buildTo(`type=image,name=${name}:v1`);
    try {
      const image = await bring({ kind: 'docker-daemon', reference: `${name}:v1` });
      const id = docker(['image', 'inspect', '--format', '{{.Id}}', `${name}:v1`]).trim();
      expect(image.top.digest).toBe(id);
      expect(await filesOf(image)).toEqual([['a', 'b']]);
      await expectComplete(image);
    } finally {
      docker(['rmi', `${name}:v1`]);
    }
  });

  it('says that there is no such image', async () => {
    await expect(bring({ kind: 'docker-daemon', reference: `${name}-none:v1` })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining(`${name}-none:v1`),
    });
  });

  describe('without the containerd image store', () => {
    let classic: ClassicDocker;
    beforeAll(async () => {
      classic = await startClassicDocker();
    });
    afterAll(() => classic.stop());

    it('has its layers gzipped and its config kept', async () => {
      const env = { DOCKER_HOST: classic.host };
      docker(['buildx', 'build', '--provenance=false', '-t', 'classic:v1', '-f', '-', '.'], {
        input: DOCKERFILE,
        env,
      });
      const id = docker(['image', 'inspect', '--format', '{{.Id}}', 'classic:v1'], { env }).trim();
      const exec = bench.ports.exec;
      const ports = {
        ...bench.ports,
        exec: { ...exec, run: (command: Parameters<typeof exec.run>[0]) => exec.run({ ...command, env }) },
      };
      const planned = aPlannedImage('brought', {
        source: { kind: 'docker-daemon', reference: 'classic:v1' },
        platforms: [],
      });
      const image = await bringImage(planned, bench.store, { ...ports, registry: noRegistry as Registry });
      const manifest = decodeManifest(await readFile(blobPath(bench.store, image.top.digest)));
      expect(manifest.kind === 'manifest' && manifest.config.digest).toBe(id);
      expect(await filesOf(image)).toEqual([['a', 'b']]);
      await expectComplete(image);
    });
  });
});

describe('an image in a registry', () => {
  const repository = { registry: 'registry.example.com', path: 'acme/app' };

  function registryOf(blobs: ReadonlyMap<string, Uint8Array>, pulled: string[]): Partial<Registry> {
    return {
      getManifest: async (reference) => {
        const bytes = 'digest' in reference ? blobs.get(reference.digest) : undefined;
        if (bytes === undefined) return undefined;
        return describeBytes(
          bytes,
          new TextDecoder().decode(bytes).includes('"manifests"') ? MEDIA.ociIndex : MEDIA.ociManifest,
        );
      },
      pullBlob: async (_, blob, path) => {
        pulled.push(blob.digest);
        await mkdir(join(path, '..'), { recursive: true });
        await writeFile(path, blobs.get(blob.digest) ?? '');
      },
    };
  }

  async function blobsOf(layout: string): Promise<Map<string, Uint8Array>> {
    const folder = join(layout, 'blobs/sha256');
    const names = await readdir(folder);
    return new Map(
      await Promise.all(
        names.map(async (name) => [`sha256:${name}`, await readFile(join(folder, name))] as const),
      ),
    );
  }

  it('is brought by digest or adopted, byte for byte, and what the store has is not pulled again', async () => {
    buildTo('type=oci,tar=false,dest=two', '--platform=linux/amd64,linux/arm64');
    const [top] = JSON.parse(await readFile(join(bench.workspace, 'two/index.json'), 'utf8')).manifests;
    const pulled: string[] = [];
    const registry = registryOf(await blobsOf(join(bench.workspace, 'two')), pulled);
    const reference = `registry.example.com/acme/app@${top.digest}`;
    const image = await bring({ kind: 'registry', reference }, { platforms: [AMD64, ARM64], registry });
    expect(image).toMatchObject({ origin: 'brought', top: { digest: top.digest } });
    await expectComplete(image);
    const count = pulled.length;
    expect(count).toBeGreaterThan(0);

    const planned = aPlannedImage('brought');
    const ports = { ...bench.ports, registry: { ...noRegistry, ...registry } as Registry };
    const adopted = await adoptImage(planned, { repository, digest: top.digest }, bench.store, ports);
    expect(adopted).toMatchObject({ origin: 'adopted', top: { digest: top.digest } });
    expect(pulled).toHaveLength(count);
  });

  it('is refused when it is not there, or an index holds an index', async () => {
    const inner = encodeJson({ schemaVersion: 2, manifests: [] }, MEDIA.ociIndex);
    const outer = encodeJson({ schemaVersion: 2, manifests: [inner.descriptor] }, MEDIA.ociIndex);
    const blobs = new Map([inner, outer].map(({ bytes, descriptor }) => [descriptor.digest, bytes]));
    for (const [digest, message] of [
      [digestOf('none'), /not in the registry/],
      [outer.descriptor.digest, /another index/],
    ] as const)
      await expect(
        bring(
          { kind: 'registry', reference: `registry.example.com/acme/app@${digest}` },
          { registry: registryOf(blobs, []) },
        ),
      ).rejects.toMatchObject({ code: 'SOURCE_INVALID', message: expect.stringMatching(message) });
  });
});
