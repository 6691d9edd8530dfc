import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { contentOf, contextOf, type E2eBench, e2eBench, VERSION, writesOf } from '../helpers/e2e-bench.ts';
import { type GitRepository, writeFiles } from '../helpers/git-repository.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { nodePackage } from '../helpers/vulnerable-layout.ts';
import { craneFiles, craneManifest, judge } from './helpers/judges.ts';

/** What other tools have built: sources are made once, and only read. */
let workshop: E2eBench;
let sources: Awaited<ReturnType<typeof makeSources>>;
let bench: E2eBench;
let checkout: GitRepository;

const IMAGE = `mr-e2e-brought-${process.pid}`;

beforeAll(async () => {
  workshop = await e2eBench();
  sources = await makeSources(workshop);
});
afterAll(async () => {
  await judge('docker', 'image', 'rm', '--force', IMAGE);
  await workshop.dispose();
});
beforeEach(async () => {
  bench = await e2eBench();
  checkout = bench.checkout({ 'README.md': 'Its images are built by another tool.\n' });
});
afterEach(() => bench.dispose());

/** One image in all the forms, by docker, buildx, skopeo and crane. */
async function makeSources(bench: E2eBench) {
  const context = bench.folder('context');
  const place = (name: string) => join(context, '..', name);
  writeFiles(context, contextOf({ 'etc/motd': 'brought\n', ...nodePackage('htm', '3.1.1') }));
  const build = (...options: readonly string[]) =>
    judge('docker', 'buildx', 'build', '--builder', 'default', ...options, context);
  const both = ['--platform', 'linux/amd64,linux/arm64', '--provenance', 'mode=max'];
  const layout = place('layout');
  await build(...both, '--output', `type=oci,tar=false,dest=${layout}`);
  await build(...both, '--output', `type=oci,dest=${place('archive.tar')}`);
  const plain = place('plain');
  await build(
    '--provenance',
    'false',
    '--output',
    `type=oci,tar=false,compression=uncompressed,dest=${plain}`,
  );
  await build('--provenance', 'mode=max', '--load', '--tag', IMAGE);
  const saved = place('saved.tar');
  await judge('skopeo', 'copy', '--insecure-policy', `oci:${plain}`, `docker-archive:${saved}:acme/app:1`);
  const { host } = bench.registry;
  const topOf = (index: string): string => JSON.parse(index).manifests[0].digest;
  const digest = topOf(readFileSync(join(layout, 'index.json'), 'utf8'));
  const from = `docker://${host}/tools/app:built`;
  await judge(
    'skopeo',
    'copy',
    '--insecure-policy',
    '--dest-tls-verify=false',
    '--all',
    `oci:${layout}`,
    from,
  );
  return {
    digests: {
      layout: digest,
      registry: digest,
      archive: topOf(await judge('tar', '-xOf', place('archive.tar'), 'index.json')),
    },
    layout: `oci-layout:${layout}`,
    archive: `oci-archive:${place('archive.tar')}`,
    plain: `oci-layout:${plain}`,
    saved: `docker-archive:${saved}`,
    daemon: `docker-daemon:${IMAGE}`,
    registry: `registry:${host}/tools/app@${digest}`,
  };
}

const release = (from: string, inputs: Readonly<Record<string, string>> = {}) =>
  bench.run(checkout, { from, ...inputs });

function platformsOf(run: ActionRun): readonly string[] {
  const [image] = JSON.parse(run.outputs.images ?? '[]');
  return image.platforms.map(({ platform }: { readonly platform: string }) => platform);
}

const ref = (run: ActionRun): string => run.outputs['image-ref'] ?? '';

describe('an image that another tool has built', () => {
  it.each<[string, 'layout' | 'archive' | 'registry']>([
    ['an OCI layout', 'layout'],
    ['an OCI archive', 'archive'],
    ['a registry, by digest', 'registry'],
  ])('is released from %s byte for byte, attestations included and no platform', async (_, form) => {
    const run = await release(sources[form]);
    expect(run.outputs.status).toBe('released');
    expect(platformsOf(run)).toEqual(['linux/amd64', 'linux/arm64']);
    const index = await craneManifest(ref(run));
    expect(index.manifests?.map(({ platform }) => platform?.architecture)).toEqual([
      'amd64',
      'arm64',
      'unknown',
      'unknown',
    ]);
    expect(run.outputs.digest).toBe(sources.digests[form]);
    expect(contentOf(bench.registry)['acme/modules']?.tags[VERSION]).toBe(run.outputs.digest);
    expect((await craneFiles(ref(run), 'linux/arm64')).get('etc/motd')?.toString()).toBe('brought\n');
    // It went through the same gate.
    expect(run.log).toMatch(/modules \(linux\/arm64\): 1 packages?/);
  });

  it('is released from a Docker daemon, which holds one platform and an attestation', async () => {
    const run = await release(sources.daemon);
    expect(run.outputs.status).toBe('released');
    expect(platformsOf(run)).toEqual([expect.stringMatching(/^linux\/a/)]);
    expect((await craneFiles(ref(run))).get('etc/motd')?.toString()).toBe('brought\n');
  });

  it.each<[string, 'plain' | 'saved']>([
    ['an OCI layout', 'plain'],
    ['a Docker archive', 'saved'],
  ])('has its plain layers gzipped before the scan, the same way each time: %s', async (_, form) => {
    const first = await release(sources[form]);
    const second = await release(sources[form], { namespace: 'other' });
    expect([first.outputs.status, second.outputs.status]).toEqual(['released', 'released']);
    expect(second.outputs.digest).toBe(first.outputs.digest);
    const manifest = await craneManifest(ref(first));
    const config = JSON.parse(await judge('crane', 'config', ref(first)));
    expect(manifest.layers.length).toBeGreaterThan(0);
    for (const [i, { mediaType, digest }] of manifest.layers.entries()) {
      expect(mediaType).toBe('application/vnd.oci.image.layer.v1.tar+gzip');
      const bytes = gunzipSync(await bench.registry.store.blobBytes(digest));
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(config.rootfs.diff_ids[i]);
    }
    expect((await craneFiles(ref(first))).get('etc/motd')?.toString()).toBe('brought\n');
  });
});

describe('a re-run', () => {
  it('with equal bytes changes nothing, and with others is refused before anything moves', async () => {
    const first = await release(sources.layout);
    expect(first.outputs.status).toBe('released');
    const before = contentOf(bench.registry);
    const from = bench.registry.requests.length;
    const again = await release(sources.layout);
    expect(again.outputs).toMatchObject({ status: 'unchanged', digest: first.outputs.digest });
    const other = await release(sources.plain);
    expect(other.outputs).toMatchObject({ status: 'failed', 'error-code': 'TAG_IMMUTABLE' });
    expect(annotationsOf(other.log)).toMatchObject([
      { title: 'TAG_IMMUTABLE', text: expect.stringContaining(`:${VERSION} already exists`) },
    ]);
    expect(contentOf(bench.registry)).toEqual(before);
    expect(writesOf(bench.registry.requests.slice(from))).toEqual([]);
  });
});

describe('a source that is wrong', () => {
  it.each<[string, string]>([
    ['oci-layout:nowhere', 'SOURCE_INVALID'],
    ['docker-archive:README.md', 'SOURCE_INVALID'],
    ['docker-daemon:no-such-image-here:1', 'SOURCE_INVALID'],
    [`registry:127.0.0.1:9/a/b:tag`, 'INPUT_INVALID'],
  ])('is named: %s', async (from, code) => {
    const run = await release(from);
    expect(run.outputs['error-code']).toBe(code);
    expect(annotationsOf(run.log)[0]?.text).toContain(from.replace(/^[a-z-]+:/, '').replace(/:tag$/, ''));
    expect(contentOf(bench.registry)).toEqual({});
  });
});
