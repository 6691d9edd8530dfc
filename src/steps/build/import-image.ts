import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { mapLimit } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { blobPath, type StagingStore } from '../../model/image.ts';
import {
  decodeManifest,
  type Encoded,
  encodeJson,
  type ImageIndex,
  type ImageManifest,
  imageMembers,
  MEDIA,
  requireDigest,
} from '../../model/manifest.ts';
import type { Ports } from '../../ports/index.ts';
import { type BlobSource, place } from './blob-source.ts';
import { writeBlob } from './layout.ts';

type FilesPort = Pick<Ports, 'files'>;

export type ImportSpec = {
  readonly source: BlobSource;
  readonly store: StagingStore;
  /** For messages: the path or reference that the user gave. */
  readonly where: string;
  /** BuildKit wrote the files under their digests just now: large ones are not hashed once more. */
  readonly trusted?: boolean;
  /** Layers that were gzipped before, by the digest of their uncompressed bytes: images share them. */
  readonly gzipped?: GzippedLayers;
  /** No time in an uncompressed layer stays after this one: seconds since 1970. */
  readonly notAfter?: number;
  /** Members of an index whose bytes are not there are left out: a Docker daemon holds only what it pulled. */
  readonly partial: boolean;
  /** Inline attestations stay behind, and an index is always made anew. */
  readonly imagesOnly?: boolean;
};

export type GzippedLayers = Map<Digest, Promise<GzippedLayer>>;
export type GzippedLayer = { readonly layer: Descriptor; readonly diffId: Digest };

/** Layers that travel uncompressed; we gzip them, so that scan and push see the bytes that users get. */
const UNCOMPRESSED: ReadonlySet<string> = new Set([
  MEDIA.ociLayer,
  'application/vnd.docker.image.rootfs.diff.tar',
]);

/** Each is gzipped on all processors; a second one fills the gaps of reading and writing. */
const LAYERS_AT_ONCE = 2;

const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });

/**
 * Takes an image of a layout into the store. Every byte is checked against its digest on the way. What needs no change
 * keeps its bytes; where layers are gzipped, manifest and index are made anew and the config stays as it is.
 */
export async function importImage(spec: ImportSpec, top: Descriptor, ports: FilesPort): Promise<Descriptor> {
  await spec.source.fetch([top.digest]);
  const bytes = await readBlob(spec, top, ports);
  const document = decodeManifest(bytes);
  const encoded = {
    bytes,
    descriptor: { mediaType: top.mediaType, digest: top.digest, size: bytes.byteLength },
  };
  const result =
    document.kind === 'manifest'
      ? await importManifest(spec, encoded, document, ports)
      : await importIndex(spec, encoded, document, ports);
  return result.descriptor;
}

async function importIndex(
  spec: ImportSpec,
  encoded: Encoded,
  index: ImageIndex,
  ports: FilesPort,
): Promise<Encoded> {
  const wanted = spec.imagesOnly === true ? imageMembers(index.manifests) : index.manifests;
  await spec.source.fetch(wanted.map(({ digest }) => digest));
  const members: { readonly before: Descriptor; readonly after: Encoded }[] = [];
  for (const before of wanted) {
    if (spec.partial && !(await ports.files.exists(spec.source.path(before.digest)))) continue;
    const bytes = await readBlob(spec, before, ports);
    const manifest = decodeManifest(bytes);
    if (manifest.kind === 'index') throw invalid(spec, `its index holds another index: ${before.digest}`);
    if (spec.partial && !(await hasBlobs(spec, manifest, ports))) continue;
    const after = await importManifest(spec, { bytes, descriptor: before }, manifest, ports);
    members.push({ before, after });
  }
  // An index of ours is made in one way, whether the builder added attestations that stay behind or not.
  const whole = spec.imagesOnly !== true && members.length === index.manifests.length;
  if (whole && members.every(({ before, after }) => before.digest === after.descriptor.digest))
    return keep(spec, encoded, ports);
  return remakeIndex(spec, index, members, ports);
}

/** What is left of an index after a change: its images. Attestations speak of digests that no longer exist. */
function remakeIndex(
  spec: ImportSpec,
  index: ImageIndex,
  members: readonly { readonly before: Descriptor; readonly after: Encoded }[],
  ports: FilesPort,
): Promise<Encoded> {
  const images = new Set(imageMembers(index.manifests).map(({ digest }) => digest));
  const kept = members.filter(({ before }) => images.has(before.digest));
  const [first, ...others] = kept;
  if (first === undefined) throw invalid(spec, 'its index holds no image');
  if (others.length === 0) return Promise.resolve(first.after);
  const manifests = kept.map(({ before, after }) => ({ ...before, ...pick(after.descriptor) }));
  const annotations = annotationsOf(index.annotations);
  const value = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests, ...annotations };
  return keep(spec, encodeJson(value, MEDIA.ociIndex), ports);
}

async function importManifest(
  spec: ImportSpec,
  encoded: Encoded,
  manifest: ImageManifest,
  ports: FilesPort,
): Promise<Encoded> {
  const { config, layers } = manifest;
  await spec.source.fetch([config, ...layers].map(({ digest }) => digest));
  const configBytes = await readBlob(spec, config, ports);
  if (!layers.some(isUncompressed)) {
    await writeBlob(spec.store, { bytes: configBytes, descriptor: config }, ports);
    await mapLimit(layers, LAYERS_AT_ONCE, (layer) => takeBlob(spec, layer, ports));
    return keep(spec, encoded, ports);
  }
  const diffIds = diffIdsOf(spec, configBytes);
  const taken = await mapLimit(layers, LAYERS_AT_ONCE, async (layer, i) => {
    if (isUncompressed(layer)) return gzipOnce(spec, layer.digest, diffIds[i], ports);
    return { layer: await takeBlob(spec, layer, ports), diffId: diffIds[i] };
  });
  const moved = taken.some(({ diffId }, i) => diffId !== diffIds[i]);
  const kept = moved
    ? withDiffIds(
        configBytes,
        taken.map(({ diffId }) => diffId ?? ''),
      )
    : { bytes: configBytes, descriptor: { ...config, mediaType: MEDIA.ociConfig } };
  await keep(spec, kept, ports);
  const remade = ociManifest(
    kept.descriptor,
    taken.map(({ layer }) => layer),
    manifest.annotations,
  );
  return keep(spec, remade, ports);
}

/** The config of layers whose times were changed. */
function withDiffIds(config: Uint8Array, diffIds: readonly string[]): Encoded {
  const value: Readonly<Record<string, unknown>> = JSON.parse(new TextDecoder().decode(config));
  return encodeJson({ ...value, rootfs: { type: 'layers', diff_ids: diffIds } }, MEDIA.ociConfig);
}

export function ociManifest(
  config: Descriptor,
  layers: readonly Descriptor[],
  annotations: Readonly<Record<string, string>>,
): Encoded {
  const value = {
    schemaVersion: 2,
    mediaType: MEDIA.ociManifest,
    config: pick(config),
    layers: layers.map(pick),
    ...annotationsOf(annotations),
  };
  return encodeJson(value, MEDIA.ociManifest);
}

async function gzipOnce(
  spec: ImportSpec,
  digest: Digest,
  diffId: string | undefined,
  ports: FilesPort,
): Promise<GzippedLayer> {
  const path = spec.source.path(digest);
  const { gzipped } = spec;
  if (gzipped === undefined) return gzipLayer(spec, path, digest, diffId, ports);
  const layer = await (gzipped.get(digest) ??
    shareLayer(gzipped, digest, gzipLayer(spec, path, digest, diffId, ports)));
  // Whoever needs it next gets what came of it: so the disk holds each layer plain or gzipped, not both.
  if (spec.source.ours && spec.source.lent?.has(digest) !== true) await ports.files.remove(path);
  return layer;
}

/** Others get what comes of it; after a failure they try again. */
export function shareLayer(
  gzipped: GzippedLayers,
  digest: Digest,
  work: Promise<GzippedLayer>,
): Promise<GzippedLayer> {
  gzipped.set(digest, work);
  work.catch(() => gzipped.delete(digest));
  return work;
}

/** Gzips a layer into the store, if its bytes are those that the config speaks of. */
export async function gzipLayer(
  spec: Pick<ImportSpec, 'store' | 'where' | 'trusted' | 'notAfter'> & { readonly source?: BlobSource },
  path: string,
  expected: Digest,
  diffId: string | undefined,
  { files }: FilesPort,
): Promise<GzippedLayer> {
  if (diffId !== expected)
    throw invalid(spec, `a layer is ${expected}, and the config calls it ${diffId ?? 'nothing'}`);
  if (!(await files.exists(path))) throw invalid(spec, `a layer is missing: ${expected}`);
  const temporary = `${spec.store.root}/gzip-${randomBytes(6).toString('hex')}`;
  const { notAfter } = spec;
  const blocks = spec.source?.deflated?.(expected);
  const { digest, size, content, source, left } = await files.gzip(path, temporary, {
    hashSource: !isTrusted(spec, expected),
    ...(notAfter === undefined ? {} : { notAfter }),
    ...blocks?.files,
  });
  await blocks?.settle(left === true);
  if (source !== undefined && source !== expected) {
    await files.remove(temporary);
    throw invalid(spec, `a layer is ${source} instead of ${expected}`);
  }
  await files.move(temporary, blobPath(spec.store, digest));
  return { layer: { mediaType: MEDIA.ociLayerGzip, digest, size }, diffId: content };
}

function isTrusted(
  spec: Pick<ImportSpec, 'trusted'> & { readonly source?: BlobSource },
  digest: Digest,
): boolean {
  return spec.trusted === true && spec.source?.lent?.has(digest) !== true;
}

export function diffIdsOf(spec: Pick<ImportSpec, 'where'>, config: Uint8Array): readonly string[] {
  const parsed = configSchema.safeParse(JSON.parse(new TextDecoder().decode(config)));
  if (!parsed.success) throw invalid(spec, 'its config names no layers (rootfs.diff_ids)');
  return parsed.data.rootfs.diff_ids.map((text) => parseDigest(text) ?? text);
}

async function takeBlob(spec: ImportSpec, blob: Descriptor, { files }: FilesPort): Promise<Descriptor> {
  const to = blobPath(spec.store, blob.digest);
  // What the store has was checked when it came.
  if ((await files.size(to)) === blob.size) return blob;
  const from = spec.source.path(blob.digest);
  if ((await files.size(from)) !== blob.size)
    throw invalid(spec, `a blob is missing or incomplete: ${blob.digest}`);
  const isLent = spec.source.lent?.has(blob.digest) === true;
  // What others may write to is hashed after it was copied.
  const ours = isLent ? `${to}.copy` : from;
  if (isLent) await files.copy(await files.realPath(from), ours);
  const actual = isTrusted(spec, blob.digest) ? blob.digest : await files.hash(ours);
  if (actual !== blob.digest) throw invalid(spec, `a blob is ${actual} instead of ${blob.digest}`);
  await place({ ours: isLent || spec.source.ours }, ours, to, { files });
  return blob;
}

async function hasBlobs(spec: ImportSpec, manifest: ImageManifest, { files }: FilesPort): Promise<boolean> {
  const digests = [manifest.config, ...manifest.layers].map(({ digest }) => digest);
  await spec.source.fetch(digests);
  for (const digest of digests) {
    const there =
      (await files.exists(spec.source.path(digest))) || (await files.exists(blobPath(spec.store, digest)));
    if (!there) return false;
  }
  return true;
}

async function readBlob(spec: ImportSpec, blob: Descriptor, { files }: FilesPort): Promise<Uint8Array> {
  const path = spec.source.path(blob.digest);
  const size = await files.size(path);
  if (size === undefined) throw invalid(spec, `a blob is missing: ${blob.digest}`);
  if (size !== blob.size)
    throw invalid(spec, `a blob has ${size} bytes instead of ${blob.size}: ${blob.digest}`);
  const bytes = await files.read(path);
  requireDigest(bytes, blob.digest, spec.where);
  return bytes;
}

async function keep({ store }: ImportSpec, encoded: Encoded, ports: FilesPort): Promise<Encoded> {
  await writeBlob(store, encoded, ports);
  return encoded;
}

function isUncompressed(layer: Descriptor): boolean {
  return UNCOMPRESSED.has(layer.mediaType);
}

function annotationsOf(annotations: Readonly<Record<string, string>>) {
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

function pick({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function invalid(spec: Pick<ImportSpec, 'where'>, what: string): ReleaseError {
  return new ReleaseError('SOURCE_INVALID', `${spec.where} cannot be used: ${what}`);
}
