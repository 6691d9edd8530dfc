import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Buildkitd, startBuildkitd } from '../../scripts/setup/buildkitd.mjs';
import { digestOf, hexOf } from '../../src/model/digest.ts';
import { type BuiltImage, blobPath, layoutPath } from '../../src/model/image.ts';
import { decodeManifest, MEDIA } from '../../src/model/manifest.ts';
import { type Builder, chooseBuilder } from '../../src/steps/build/run.ts';
import { AMD64, ARM64 } from '../helpers/a-release.ts';
import { type BuildBench, buildBench } from '../helpers/build-bench.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { toolPath } from '../helpers/tool-path.ts';

const BOTH = { platforms: [AMD64, ARM64] };
const NEEDS = { platforms: [], multiPlatform: false };
const DOWNLOAD = 'a file of the web';

let bench: BuildBench;
let registry: RunningRegistry;
let web: Server;
let port: number;

beforeAll(async () => {
  registry = await startRegistry();
  web = createServer((_, response) => response.end(DOWNLOAD));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const address = web.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  await registry.stop();
  await new Promise((resolve) => web.close(resolve));
});
beforeEach(async () => {
  bench = await buildBench();
  await bench.write({ a: 'a', b: 'b' });
});
afterEach(() => bench.dispose());

/** The registry is in this process: nothing may block it. */
const run = promisify(execFile);

/** `base:1` in the registry, for two platforms; its digest. */
async function pushBase(builder?: Builder): Promise<string> {
  const document = { target: { base: { context: '.', 'dockerfile-inline': 'FROM scratch\nCOPY a /a\n' } } };
  const store = { root: `${bench.root}/base-store` };
  const [base] = await bench.build(document, {
    planned: { base: BOTH },
    store,
    ...(builder === undefined ? {} : { builder }),
  });
  await run(toolPath('crane'), [
    'push',
    '--insecure',
    layoutPath(store, 'base'),
    `${registry.host}/acme/base:1`,
  ]);
  return base?.top.digest ?? '';
}

async function membersOf(image: BuiltImage | undefined) {
  if (image === undefined) throw new Error('an image was built');
  const index = decodeManifest(await readFile(blobPath(image.store, image.top.digest)));
  return index.kind === 'index' ? index.manifests.map(({ platform }) => platform) : 'a manifest';
}

describe.each(['docker', 'remote'])('what an image is made from, by the %s driver', (driver) => {
  const name = `module-release-test-materials-${process.pid}`;
  let buildkitd: Buildkitd | undefined;
  let builder: Builder;

  beforeAll(async () => {
    if (driver === 'docker') return;
    buildkitd = await startBuildkitd();
    await run(toolPath('docker'), ['buildx', 'create', '--name', name, '--driver', 'remote', buildkitd.addr]);
  });
  afterAll(async () => {
    if (buildkitd === undefined) return;
    await run(toolPath('docker'), ['buildx', 'rm', name]);
    await buildkitd.stop();
  });
  beforeEach(async () => {
    builder = await chooseBuilder(driver === 'docker' ? {} : { builder: name }, NEEDS, bench.ports);
  });

  it('is known for each platform, by digest, without users, tokens and build arguments', async () => {
    const digest = await pushBase(builder);
    const document = {
      target: {
        app: {
          context: '.',
          args: { PASSPHRASE: 'hunter2-hunter2' },
          'dockerfile-inline': [
            `FROM ${registry.host}/acme/base@${digest} AS base`,
            'FROM base',
            'ARG PASSPHRASE',
            'COPY b /b',
            `ADD http://me:pw-of-me@127.0.0.1:${port}/file?token=tok-of-me /file`,
          ].join('\n'),
        },
      },
    };
    const [image] = await bench.build(document, { planned: { app: BOTH }, materials: true, builder });
    expect(await membersOf(image)).toEqual([AMD64, ARM64]);
    const materials = image?.platforms.map((each) => each.materials);
    expect(materials).toEqual(
      ['amd64', 'arm64'].map((architecture) =>
        expect.arrayContaining([
          {
            uri: expect.stringMatching(
              new RegExp(`^pkg:docker/.*acme/base\\?digest=${digest}&platform=linux%2F${architecture}$`),
            ),
            digest: { sha256: digest.slice('sha256:'.length) },
          },
          { uri: `http://127.0.0.1:${port}/file`, digest: { sha256: hexOf(digestOf(DOWNLOAD)) } },
        ]),
      ),
    );
    expect(JSON.stringify(materials)).not.toMatch(/PASSPHRASE|hunter2|tok-of-me|pw-of-me|\bme:|xxxxx/);
  });

  it('is known for one platform, whose manifest stays alone, and for a child with all of its parent', async () => {
    const digest = await pushBase(builder);
    const one = { platforms: [AMD64] };
    const document = {
      target: {
        base: { context: '.', 'dockerfile-inline': `FROM ${registry.host}/acme/base:1\nCOPY b /b\n` },
        app: {
          context: '.',
          contexts: { base: 'target:base' },
          'dockerfile-inline': 'FROM base\nCOPY a /c\n',
        },
      },
    };
    const images = await bench.build(document, {
      planned: { base: one, app: one },
      materials: true,
      builder,
    });
    expect(images.map(({ top }) => top.mediaType)).toEqual([MEDIA.ociManifest, MEDIA.ociManifest]);
    for (const { platforms } of images)
      expect(platforms[0]?.materials).toEqual([
        {
          uri: expect.stringMatching(/^pkg:docker\/.*acme\/base@1\?.*platform=linux%2Famd64$/),
          digest: { sha256: digest.slice('sha256:'.length) },
        },
      ]);
  });

  it('changes no byte of the images', async () => {
    await pushBase(builder);
    const document = {
      target: {
        none: { context: '.', 'dockerfile-inline': `FROM ${registry.host}/acme/base:1\nENV A=1\n` },
        app: { context: '.', 'dockerfile-inline': 'FROM scratch\nCOPY a /a\n' },
      },
    };
    const planned = {
      none: { ...BOTH, planHash: 'h', annotations: { index: { i: '1' }, manifest: { m: '1' } } },
      app: { platforms: [AMD64] },
    };
    const tops = await Promise.all(
      [false, true].map(async (materials) => {
        const store = { root: `${bench.root}/store-${materials}` };
        const images = await bench.build(document, { planned, materials, store, builder });
        return images.map(({ top, size, platforms }) => ({
          top,
          size,
          known: platforms.map((each) => each.materials?.length),
        }));
      }),
    );
    const [without, having] = tops;
    expect(having?.map(({ top, size }) => ({ top, size }))).toEqual(
      without?.map(({ top, size }) => ({ top, size })),
    );
    expect(without?.map(({ known }) => known)).toEqual([[undefined, undefined], [undefined]]);
    expect(having?.map(({ known }) => known)).toEqual([[1, 1], [0]]);
  });

  it('is read from the inline attestations of an image that keeps them', async () => {
    await pushBase(builder);
    const document = {
      target: {
        app: {
          context: '.',
          args: { PASSPHRASE: 'hunter2-hunter2' },
          attest: ['type=provenance,mode=max'],
          'dockerfile-inline': `FROM ${registry.host}/acme/base:1\nARG PASSPHRASE\nCOPY b /b\n`,
        },
      },
    };
    const [image] = await bench.build(document, { planned: { app: BOTH }, materials: true, builder });
    expect(await membersOf(image)).toHaveLength(4);
    expect(image?.platforms.map(({ materials }) => materials?.length)).toEqual([1, 1]);
    expect(JSON.stringify(image?.platforms)).not.toMatch(/hunter2|PASSPHRASE/);
  });
});
