import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BuiltImage, blobPath, layoutPath } from '../../src/model/image.ts';
import { decodeManifest, MEDIA } from '../../src/model/manifest.ts';
import { ANNOTATION } from '../../src/model/plan.ts';
import { AMD64, ARM64 } from '../helpers/a-release.ts';
import { type BuildBench, buildBench, layerFiles } from '../helpers/build-bench.ts';

let bench: BuildBench;

beforeEach(async () => {
  bench = await buildBench();
});
afterEach(() => bench.dispose());

const MIB = 1024 ** 2;

async function manifestOf(image: BuiltImage, digest = image.top.digest) {
  return decodeManifest(await readFile(blobPath(image.store, digest)));
}

async function storeSize(root: string): Promise<number> {
  const folder = join(root, 'blobs/sha256');
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A COPY-only image: needs no emulation on any platform. */
const copying = (file: string, from = 'scratch') => ({
  context: '.',
  'dockerfile-inline': `FROM ${from}\nCOPY ${file} /${file}\n`,
});

describe('the staging store', () => {
  it('holds the base of four images once', async () => {
    await bench.write({ big: randomBytes(20 * MIB), a: 'a', b: 'b', c: 'c' });
    const images = await bench.build({
      target: {
        base: copying('big'),
        a: { ...copying('a', 'base'), contexts: { base: 'target:base' } },
        b: { ...copying('b', 'base'), contexts: { base: 'target:base' } },
        c: { ...copying('c', 'a'), contexts: { a: 'target:a' } },
      },
    });
    expect(images.map(({ planned, origin }) => `${planned.name} ${origin}`)).toEqual([
      'base built',
      'a built',
      'b built',
      'c built',
    ]);
    for (const { size } of images) expect(size).toBeGreaterThan(20 * MIB);
    expect(await storeSize(bench.store.root)).toBeLessThan(21 * MIB);
    const layers = await Promise.all(
      images.map(async (image) => {
        const manifest = await manifestOf(image);
        return manifest.kind === 'manifest' ? manifest.layers.map(({ digest }) => digest) : [];
      }),
    );
    expect(new Set(layers.map(([first]) => first)).size).toBe(1);
    expect(layers.map((each) => each.length)).toEqual([1, 2, 2, 3]);
  });

  it('keeps each image readable as a layout of its own', async () => {
    await bench.write({ a: 'hello' });
    const [image] = await bench.build({ target: { blobs: copying('a') } });
    const folder = layoutPath(bench.store, 'blobs');
    const index = decodeManifest(await readFile(join(folder, 'index.json')));
    expect(index.kind === 'index' && index.manifests[0]?.digest).toBe(image?.top.digest);
    expect(await readdir(join(folder, 'blobs/sha256'))).toEqual(
      await readdir(join(bench.store.root, 'blobs/sha256')),
    );
  });

  it('has an index for two platforms and a manifest for one, annotated at the top and below', async () => {
    await bench.write({ a: 'a' });
    const annotations = {
      index: { 'org.example.index': 'i' },
      manifest: { 'org.example.manifest': '${m} %{m}' },
    };
    const planned = {
      annotations,
      planHash: 'sha256:plan',
      labels: { 'org.example.label': 'a "quoted" ${label}' },
    };
    const [one, two] = await bench.build(
      { target: { one: copying('a'), two: copying('a') } },
      {
        planned: { one: { ...planned, platforms: [AMD64] }, two: { ...planned, platforms: [AMD64, ARM64] } },
      },
    );
    if (one === undefined || two === undefined) throw new Error('two images were built');
    expect(one.top.mediaType).toBe(MEDIA.ociManifest);
    expect((await manifestOf(one)).annotations).toEqual({
      'org.example.manifest': '${m} %{m}',
      [ANNOTATION.planHash]: 'sha256:plan',
    });
    expect(one.platforms.map(({ platform }) => platform)).toEqual([AMD64]);

    expect(two.top.mediaType).toBe(MEDIA.ociIndex);
    const index = await manifestOf(two);
    expect(index.annotations).toEqual({ 'org.example.index': 'i', [ANNOTATION.planHash]: 'sha256:plan' });
    // No attestation manifests: nothing of unknown/unknown on the package's page.
    expect(index.kind === 'index' && index.manifests.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
    expect(two.platforms.map(({ platform }) => platform)).toEqual([AMD64, ARM64]);
    for (const { descriptor } of two.platforms) {
      const manifest = await manifestOf(two, descriptor.digest);
      expect(manifest.annotations).toEqual({ 'org.example.manifest': '${m} %{m}' });
      const config = manifest.kind === 'manifest' ? await bench.blob(manifest.config.digest) : {};
      expect(config).toMatchObject({ config: { Labels: { 'org.example.label': 'a "quoted" ${label}' } } });
    }
  });

  it('builds a parent that is no image for the platforms of its children', async () => {
    await bench.write({ a: 'a' });
    const base = {
      context: '.',
      'dockerfile-inline':
        'FROM scratch AS amd64\nCOPY a /amd64\nFROM scratch AS arm64\nCOPY a /arm64\nARG TARGETARCH\nFROM $TARGETARCH\n',
    };
    const child = { ...copying('a', 'base'), contexts: { base: 'target:base' } };
    const [image, ...others] = await bench.build(
      { target: { base, child } },
      { targets: ['child'], planned: { child: { platforms: [AMD64, ARM64] } } },
    );
    expect(others).toEqual([]);
    const files = await Promise.all(
      (image?.platforms ?? []).map(async ({ descriptor }) => {
        const manifest = await manifestOf(image!, descriptor.digest);
        if (manifest.kind === 'index') throw new Error('an index in an index');
        return manifest.layers.flatMap(({ digest }) => layerFiles(blobPath(bench.store, digest)));
      }),
    );
    expect(files).toEqual([
      ['amd64', 'a'],
      ['arm64', 'a'],
    ]);
  });

  it('gives equal files equal digests, whatever their times', async () => {
    await bench.addBusybox('sh');
    await bench.write({ a: 'a' });
    const document = {
      target: {
        app: {
          context: '.',
          'dockerfile-inline': 'FROM scratch\nCOPY sh /bin/sh\nCOPY a /some/where/a\nRUN echo made > /made\n',
        },
      },
    };
    const [first] = await bench.build(document, { inputs: { noCache: true } });
    await utimes(join(bench.workspace, 'a'), new Date(), new Date());
    const store = { root: join(bench.root, 'other') };
    const [second] = await bench.build(document, { inputs: { noCache: true }, store });
    expect(second?.top).toEqual(first?.top);
  });

  it('builds a child on the very bytes of an adopted parent', async () => {
    await bench.write({ a: 'a', b: 'b' });
    const document = {
      target: { base: copying('a'), child: { ...copying('b', 'base'), contexts: { base: 'target:base' } } },
    };
    const platforms = { platforms: [AMD64, ARM64] };
    const [base] = await bench.build(
      { target: { base: document.target.base } },
      { planned: { base: platforms } },
    );
    if (base === undefined) throw new Error('the base was built');
    // A rebuild of the parent would now give other bytes.
    await bench.write({ a: 'changed' });
    const [child, ...others] = await bench.build(document, {
      adopted: new Map([['base', { ...base, origin: 'adopted' }]]),
      planned: { base: platforms, child: platforms },
    });
    expect(others).toEqual([]);
    expect(child?.planned.name).toBe('child');
    for (const [i, { descriptor }] of (child?.platforms ?? []).entries()) {
      const [own, parent] = await Promise.all([
        manifestOf(child!, descriptor.digest),
        manifestOf(base, base.platforms[i]!.descriptor.digest),
      ]);
      if (own.kind === 'index' || parent.kind === 'index') throw new Error('an index in an index');
      expect(own.layers[0]).toEqual(parent.layers[0]);
      expect(own.layers).toHaveLength(2);
    }
    expect(child?.platforms).toHaveLength(2);
  });
});

describe('a machine that stays', () => {
  it('is sent each layer once, and builds the very same images from those it keeps', async () => {
    const keepLayersIn = join(bench.root, 'kept');
    const document = {
      target: { app: copying('big'), child: { ...copying('a', 'app'), contexts: { app: 'target:app' } } },
    };
    await bench.write({ big: randomBytes(20 * MIB), a: 'a' });
    const stores = ['one', 'two', 'none'].map((name) => ({ root: join(bench.root, name) }));
    const tops: string[][] = [];
    const sent: number[] = [];
    for (const store of stores) {
      const images = await bench.build(document, {
        store,
        ...(store.root.endsWith('none') ? {} : { keepLayersIn }),
        // Looks at what the export wrote before it is taken.
        ports: {
          ...bench.ports,
          files: {
            ...bench.ports.files,
            readText: async (path) => {
              if (path.endsWith('metadata.json')) sent.push(await rawBytes(join(store.root, 'raw')));
              return bench.ports.files.readText(path);
            },
          },
        },
      });
      tops.push(images.map(({ top }) => top.digest));
    }
    expect(tops[1]).toEqual(tops[0]);
    expect(tops[2]).toEqual(tops[0]);
    expect(sent.map((bytes) => bytes > 20 * MIB)).toEqual([true, false, true]);
    const files = (await readdir(keepLayersIn)).filter((name) => /^\w{64}$/.test(name));
    expect(files).toHaveLength(1);
    expect(JSON.parse(await readFile(join(keepLayersIn, 'last.json'), 'utf8'))).toEqual({
      'acme/app acme/child': files,
    });
  });

  it('does not stand on what it expected, where something else is built', async () => {
    const keepLayersIn = join(bench.root, 'kept');
    const document = { target: { app: copying('big') } };
    const build = async (name: string, change = {}) => {
      const store = { root: join(bench.root, name) };
      const [image] = await bench.build(document, { store, ...change });
      expect(await readdir(store.root)).not.toContain('raw');
      return image?.top.digest;
    };
    await bench.write({ big: randomBytes(4 * MIB) });
    const first = await build('one', { keepLayersIn });
    await bench.write({ big: randomBytes(4 * MIB) });
    const second = await build('two', { keepLayersIn });
    expect(second).not.toBe(first);
    expect(second).toBe(await build('three'));
  });

  it('gives up what it expected, when the build fails', async () => {
    const keepLayersIn = join(bench.root, 'kept');
    await bench.write({ big: randomBytes(20 * MIB) });
    await bench.build({ target: { app: copying('big') } }, { keepLayersIn });
    const { files } = bench.ports;
    const events: string[] = [];
    const gzip: typeof files.gzip = async (...given) => {
      events.push('begin');
      // Longer than a build that fails at once.
      await bench.ports.clock.sleep(2000);
      return files.gzip(...given).finally(() => events.push('end'));
    };
    const store = { root: join(bench.root, 'two') };
    const ports = { ...bench.ports, files: { ...files, gzip } };
    const failing = bench.build({ target: { app: copying('missing') } }, { keepLayersIn, store, ports });
    await expect(failing).rejects.toMatchObject({ code: 'BUILD_FAILED' });
    expect(events).toEqual(['begin', 'end']);
  });

  it('refuses a kept layer that somebody has altered, and does without it the next time', async () => {
    const keepLayersIn = join(bench.root, 'kept');
    const document = { target: { app: copying('big') } };
    await bench.write({ big: randomBytes(MIB) });
    const build = async (name: string) => {
      const [image] = await bench.build(document, { keepLayersIn, store: { root: join(bench.root, name) } });
      return image?.top.digest;
    };
    const digest = await build('one');
    const [kept] = (await readdir(keepLayersIn)).filter((name) => /^\w{64}$/.test(name));
    const path = join(keepLayersIn, kept ?? '');
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = 255 - (bytes[bytes.length >> 1] ?? 0);
    await writeFile(path, bytes);
    await expect(build('two')).rejects.toThrow(/a layer is sha256:\w+ instead of sha256:/);
    expect(await build('three')).toBe(digest);
  });
});

/** Bytes of the files that are no links. */
async function rawBytes(root: string): Promise<number> {
  const folder = join(root, 'blobs/sha256');
  const found = await Promise.all((await readdir(folder)).map((name) => lstat(join(folder, name))));
  return found.filter((each) => each.isFile()).reduce((sum, { size }) => sum + size, 0);
}
