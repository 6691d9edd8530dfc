import * as z from 'zod/mini';
import type { Descriptor } from '../../model/descriptor.ts';
import { digestOf, parseDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { blobPath, type StagingStore } from '../../model/image.ts';
import { MEDIA } from '../../model/manifest.ts';
import type { Ports } from '../../ports/index.ts';
import type { Archive } from './archive.ts';
import { diffIdsOf, gzipLayer, ociManifest } from './import-image.ts';
import { writeBlob } from './layout.ts';

/** https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format */
const manifestSchema = z.array(
  z.object({
    Config: z.string(),
    RepoTags: z.optional(z.nullable(z.array(z.string()))),
    Layers: z.array(z.string()),
  }),
);
type Entry = z.infer<typeof manifestSchema>[number];

type Spec = { readonly archive: Archive; readonly store: StagingStore; readonly where: string };

/**
 * An image of `docker save` in its old form: a config and layers without a manifest. Layers are gzipped (some tools have
 * done so already), the config is kept byte for byte, and the manifest is made here.
 */
export async function importDockerArchive(
  spec: Spec,
  selector: string | undefined,
  ports: Pick<Ports, 'files'>,
): Promise<Descriptor> {
  const { archive, store } = spec;
  const entry = selectEntry(await readEntries(spec, ports), selector, spec.where);
  await archive.extract([entry.Config, ...entry.Layers]);
  const config = await ports.files.read(await member(spec, entry.Config, ports));
  const diffIds = diffIdsOf(spec, config);
  if (diffIds.length !== entry.Layers.length)
    throw new ReleaseError(
      'SOURCE_INVALID',
      `${spec.where} cannot be used: ${entry.Layers.length} layers, and the config names ${diffIds.length}`,
    );
  const layers: Descriptor[] = [];
  for (const [i, name] of entry.Layers.entries())
    layers.push(await takeLayer(spec, await member(spec, name, ports), diffIds[i] ?? '', ports));
  const descriptor = { mediaType: MEDIA.ociConfig, digest: digestOf(config), size: config.byteLength };
  await writeBlob(store, { bytes: config, descriptor }, ports);
  const manifest = ociManifest(descriptor, layers, {});
  await writeBlob(store, manifest, ports);
  return manifest.descriptor;
}

async function takeLayer(
  spec: Spec,
  path: string,
  diffId: string,
  ports: Pick<Ports, 'files'>,
): Promise<Descriptor> {
  const digest = await ports.files.hash(path);
  if (digest === diffId) return (await gzipLayer(spec, path, digest, diffId, ports)).layer;
  if ((await ports.files.hashGunzipped(path)) !== parseDigest(diffId))
    throw new ReleaseError(
      'SOURCE_INVALID',
      `${spec.where} cannot be used: a layer is ${digest} instead of ${diffId}`,
    );
  const size = (await ports.files.size(path)) ?? 0;
  const to = blobPath(spec.store, digest);
  // Copied: several names may lead to one layer. An image that has it may be scanned just now.
  if ((await ports.files.size(to)) !== size) await ports.files.copy(path, to);
  return { mediaType: MEDIA.ociLayerGzip, digest, size };
}

async function readEntries(spec: Spec, { files }: Pick<Ports, 'files'>): Promise<readonly Entry[]> {
  const { archive, where } = spec;
  await archive.extract(['manifest.json']);
  const text = archive.has('manifest.json') ? await files.readText(archive.path('manifest.json')) : 'null';
  const parsed = manifestSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new ReleaseError('SOURCE_INVALID', `${where} cannot be used: it holds no image of docker save`, {
    cause: parsed.error,
  });
}

function selectEntry(entries: readonly Entry[], selector: string | undefined, where: string): Entry {
  const tagsOf = (entry: Entry) => entry.RepoTags ?? [];
  const fitting =
    selector === undefined
      ? entries
      : entries.filter((entry) =>
          tagsOf(entry).some((tag) => tag === selector || tag.endsWith(`:${selector}`)),
        );
  const [first, ...others] = fitting;
  if (first !== undefined && others.length === 0) return first;
  const choices = entries.flatMap(tagsOf).join(', ') || 'none with a name';
  throw new ReleaseError(
    'SOURCE_INVALID',
    `${where} cannot be used: it holds not exactly one image${selector === undefined ? '' : ` ${selector}`}; it has ${choices}`,
    { hint: 'Name one image as PATH:TAG.' },
  );
}

async function member(spec: Spec, name: string, { files }: Pick<Ports, 'files'>): Promise<string> {
  const path = spec.archive.path(name);
  if (spec.archive.has(name) && (await files.exists(path))) return path;
  throw new ReleaseError(
    'SOURCE_INVALID',
    `${spec.where} cannot be used: it names a file that it does not hold: ${name}`,
  );
}
