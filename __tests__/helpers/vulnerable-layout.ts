import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Descriptor, parsePlatform } from '../../src/model/descriptor.ts';
import { digestOf } from '../../src/model/digest.ts';
import { type BuiltImage, blobPath, layoutPath, type StagingStore } from '../../src/model/image.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../src/model/manifest.ts';
import { type TarTree, tar, tarGzip } from './tar.ts';

/** The image of one platform: its layers from the lowest up. */
export type PlatformSpec = {
  readonly layers: readonly TarTree[];
  readonly env?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
};

/** Platform (`linux/amd64`) → what it holds. One platform makes no index, as BuildKit does it. */
export type ImageSpec = Readonly<Record<string, PlatformSpec>>;

/** A staging store as the build leaves it, made without any builder: equal specs give equal digests. */
export async function makeStagingStore(
  root: string,
  images: Readonly<Record<string, ImageSpec>>,
): Promise<readonly BuiltImage[]> {
  const store: StagingStore = { root };
  await mkdir(join(root, 'blobs', 'sha256'), { recursive: true });
  return Promise.all(Object.entries(images).map(([name, spec]) => makeImage(store, name, spec)));
}

async function makeImage(store: StagingStore, name: string, spec: ImageSpec): Promise<BuiltImage> {
  let size = 0;
  const put = async ({ bytes, descriptor }: Encoded): Promise<Descriptor> => {
    size += descriptor.size;
    const path = blobPath(store, descriptor.digest);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    return descriptor;
  };
  const platforms = await Promise.all(
    Object.entries(spec).map(async ([text, content]) => {
      const platform = parsePlatform(text);
      if (platform === undefined) throw new Error(`no platform: ${text}`);
      const layers = await Promise.all(
        content.layers.map((tree) => put(describeBytes(tarGzip(tree), MEDIA.ociLayerGzip))),
      );
      const config = {
        created: '1970-01-01T00:00:00Z',
        architecture: platform.architecture,
        os: platform.os,
        config: { Env: content.env ?? [], Labels: content.labels ?? {} },
        rootfs: { type: 'layers', diff_ids: content.layers.map((tree) => digestOf(tar(tree))) },
        history: content.layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'COPY . .' })),
      };
      const manifest = {
        schemaVersion: 2,
        mediaType: MEDIA.ociManifest,
        config: await put(encodeJson(config, MEDIA.ociConfig)),
        layers,
      };
      return { platform, descriptor: await put(encodeJson(manifest, MEDIA.ociManifest)) };
    }),
  );
  const [first] = platforms;
  if (first === undefined) throw new Error(`an image without platforms: ${name}`);
  const members = platforms.map(({ platform, descriptor }) => ({ ...descriptor, platform }));
  const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: members };
  const top = platforms.length === 1 ? first.descriptor : await put(encodeJson(index, MEDIA.ociIndex));
  await writeLayout(store, name, top);
  return {
    planned: {
      name,
      source: { kind: 'bake', target: name },
      repositories: [{ registry: 'ghcr.io', path: `acme/${name}` }],
      tags: [],
      platforms: platforms.map(({ platform }) => platform),
      labels: {},
      annotations: { index: {}, manifest: {} },
      parents: [],
    },
    store,
    top,
    platforms,
    origin: 'built',
    size,
  };
}

async function writeLayout(store: StagingStore, name: string, top: Descriptor): Promise<void> {
  const folder = layoutPath(store, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [top] }));
  await symlink('../blobs', join(folder, 'blobs'));
}

const SITE_PACKAGES = 'usr/lib/python3.11/site-packages';

/** An installed Python package; the fixture database's README says which give findings. */
export function pythonPackage(name: string, version: string): TarTree {
  const folder = name.toLowerCase().replaceAll('-', '_');
  return {
    [`${SITE_PACKAGES}/${folder}-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  };
}

export function nodePackage(name: string, version: string): TarTree {
  return { [`app/node_modules/${name}/package.json`]: JSON.stringify({ name, version, license: 'MIT' }) };
}

/** Alpine 3.19 with these packages: name → version. */
export function alpine(packages: Readonly<Record<string, string>>): TarTree {
  const installed = Object.entries(packages)
    .map(([name, version]) => `P:${name}\nV:${version}\nA:x86_64\no:${name}\nL:Apache-2.0\n\n`)
    .join('');
  return {
    'etc/os-release': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n',
    'etc/alpine-release': '3.19.1\n',
    'lib/apk/db/installed': installed,
  };
}

/** An access key of Amazon that nobody was given, in two parts so that no scanner takes this file for a leak. */
export const PLANTED_SECRET = ['AKIA', '2E0A8F3B244C9986'].join('');

export function secretFile(path = 'opt/app/settings.env'): TarTree {
  return { [path]: `REGION=eu-central-1\nAWS_ACCESS_KEY_ID=${PLANTED_SECRET}\nMODE=live\n` };
}
