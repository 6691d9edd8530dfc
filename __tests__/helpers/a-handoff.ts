import { digestOf } from '../../src/model/digest.ts';
import type { HandedImage, HandedPlatform, Handoff } from '../../src/model/handoff.ts';
import { type BuiltImage, blobPath } from '../../src/model/image.ts';
import { describeBytes, encodeJson, MEDIA } from '../../src/model/manifest.ts';
import type { PlannedImage } from '../../src/model/plan.ts';
import type { ImageInspection } from '../../src/model/scan.ts';
import { AMD64, ARM64, aBuiltImage, aPlan, aPlannedImage } from './a-release.ts';
import type { MemoryFiles } from './memory-files.ts';

/** Builders of handoffs: base, and app that stands on it, for two platforms, as two shards make them. */

export const REPOSITORY = 'acme/modules';

export const BASE = aPlannedImage('base', { definitionHash: 'definition of base' });
export const APP = aPlannedImage('app', { definitionHash: 'definition of app', parents: ['base'] });
export const SET = aPlan({
  images: [BASE, APP],
  shards: [
    { name: 'all-amd64', images: ['base', 'app'], platforms: [AMD64], labels: ['ubuntu-24.04'] },
    { name: 'all-arm64', images: ['base', 'app'], platforms: [ARM64], labels: ['ubuntu-24.04-arm'] },
  ],
});

export function aHandedPlatform(
  image: string,
  platform = AMD64,
  change: Partial<HandedPlatform> = {},
): HandedPlatform {
  const { architecture } = platform;
  return {
    platform,
    descriptor: { mediaType: MEDIA.ociManifest, digest: digestOf(`${image} ${architecture}`), size: 500 },
    origin: 'built',
    size: 1_000_000,
    parents: image === 'app' ? { base: digestOf(`base ${architecture}`) } : {},
    packages: 42,
    reports: [
      { kind: 'scan', file: `${image}-linux-${architecture}.trivy.json`, digest: digestOf('a scan') },
      { kind: 'cyclonedx', file: `sbom-${image}-${architecture}.cdx.json`, digest: digestOf('an SBOM') },
    ],
    ...change,
  };
}

export function aHandedImage(name: string, change: Partial<HandedImage> = {}): HandedImage {
  return {
    name,
    repositories: [`ghcr.io/acme/${name}`],
    definition: `definition of ${name}`,
    platforms: [aHandedPlatform(name)],
    ...change,
  };
}

export function aHandoff(change: Partial<Handoff> = {}): Handoff {
  return {
    shard: 'all-amd64',
    repository: REPOSITORY,
    revision: SET.revision,
    run: { id: '4711', attempt: '1' },
    bytes: 'registry',
    gate: { scanners: ['vuln', 'secret'], skipDirs: [], skipFiles: [], sbom: ['cyclonedx'] },
    scanner: {
      name: 'trivy',
      version: '0.67.2',
      database: { updatedAt: '2026-11-20T06:00:00Z', source: 'ghcr.io/aquasecurity/trivy-db:2' },
    },
    startedOn: '2026-11-21T10:00:00.000Z',
    scanned: { startedOn: '2026-11-21T10:01:00.000Z', finishedOn: '2026-11-21T10:02:00.000Z' },
    tools: [{ name: 'trivy', version: '0.67.2', from: 'PATH' }],
    images: [aHandedImage('base'), aHandedImage('app')],
    ...change,
  };
}

/** What the other shard makes of the same images. */
export function anArmHandoff(change: Partial<Handoff> = {}): Handoff {
  const images = ['base', 'app'].map((name) =>
    aHandedImage(name, { platforms: [aHandedPlatform(name, ARM64)] }),
  );
  return aHandoff({ shard: 'all-arm64', images, ...change });
}

const STORE = { root: '/runner/stage' };

/** An image with one layer on each platform, its bytes in the store and its reports on the disk, as the inspection leaves them. */
export async function aStagedInspection(planned: PlannedImage, files: MemoryFiles): Promise<ImageInspection> {
  const put = (bytes: Uint8Array) => files.write(blobPath(STORE, digestOf(bytes)), bytes);
  const platforms: ImageInspection['platforms'][number][] = [];
  for (const platform of planned.platforms) {
    const name = `${planned.name}-${platform.architecture}`;
    const layer = describeBytes(new TextEncoder().encode(`layer of ${name}`), MEDIA.ociLayerGzip);
    const config = encodeJson({ architecture: platform.architecture, os: 'linux' }, MEDIA.ociConfig);
    const { bytes, descriptor } = encodeJson(
      { schemaVersion: 2, config: config.descriptor, layers: [layer.descriptor, layer.descriptor] },
      MEDIA.ociManifest,
    );
    for (const each of [layer.bytes, config.bytes, bytes]) await put(each);
    const scan = `/runner/reports/${planned.name}-linux-${platform.architecture}.trivy.json`;
    const sarif = `/runner/reports/${name}.sarif`;
    await files.write(scan, `the scan of ${name}`);
    platforms.push({
      platform,
      descriptor,
      findings: [],
      packages: 42,
      reports: [
        { kind: 'scan', path: scan },
        { kind: 'sarif', path: sarif },
      ],
    });
  }
  const image: BuiltImage = aBuiltImage(planned, { store: STORE, platforms });
  return { image, platforms };
}
