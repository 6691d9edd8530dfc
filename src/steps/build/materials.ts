import * as z from 'zod/mini';
import { type Descriptor, formatPlatform } from '../../model/descriptor.ts';
import { decodeManifest, isIndexType, MEDIA, requireDigest } from '../../model/manifest.ts';
import { type Material, publicUri } from '../../model/material.ts';
import type { Ports } from '../../ports/index.ts';
import type { BlobSource } from './blob-source.ts';

/** By `linux/arm64`. */
export type MaterialsByPlatform = ReadonlyMap<string, readonly Material[]>;

/** BuildKit refuses to make larger ones. https://github.com/moby/buildkit/pull/7046 */
const LARGEST = 40 * 1024 * 1024;
/** More would be no build that anybody can follow; it bounds what is signed. */
const MOST = 1000;

const material = z.object({
  uri: z.string(),
  digest: z.optional(z.record(z.string(), z.string())),
});

/**
 * BuildKit's own provenance, of which the materials alone are read: the rest holds names and values of build arguments.
 * v0.2 calls them materials, v1 resolved dependencies. https://docs.docker.com/build/metadata/attestations/slsa-definitions/
 */
const statement = z.object({
  predicate: z.object({
    materials: z.optional(z.array(material)),
    buildDefinition: z.optional(z.object({ resolvedDependencies: z.optional(z.array(material)) })),
  }),
});

/**
 * What each platform of an exported image is made from, out of the attestation manifests of its index. A platform without
 * one, or whose document cannot be read, is left out: what is not known is not claimed.
 */
export async function readMaterials(
  source: BlobSource,
  top: Descriptor,
  ports: Pick<Ports, 'files'>,
): Promise<MaterialsByPlatform> {
  if (!isIndexType(top.mediaType)) return new Map();
  const index = decodeManifest(await readBlob(source, top, ports));
  if (index.kind !== 'index') return new Map();
  const found = new Map<string, readonly Material[]>();
  for (const member of index.manifests) {
    const about = member.annotations?.['vnd.docker.reference.digest'];
    const image = index.manifests.find(({ digest, platform }) => digest === about && platform !== undefined);
    if (member.annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest') continue;
    const document = await readProvenance(source, member, ports);
    const materials = materialsOf(document);
    if (image?.platform !== undefined && materials !== undefined)
      found.set(formatPlatform(image.platform), materials);
  }
  return found;
}

/** From a parsed document to what may be published; undefined when it is not in its form. */
export function materialsOf(document: unknown): readonly Material[] | undefined {
  const parsed = statement.safeParse(document);
  if (!parsed.success) return undefined;
  const { materials, buildDefinition } = parsed.data.predicate;
  const all = [...(materials ?? []), ...(buildDefinition?.resolvedDependencies ?? [])].flatMap((raw) => {
    const uri = publicUri(raw.uri);
    const digest = publicDigest(raw.digest ?? {});
    return uri === undefined || digest === undefined ? [] : [{ uri, digest }];
  });
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()].slice(0, MOST);
}

const HEX: Readonly<Record<string, RegExp>> = {
  sha256: /^[0-9a-f]{64}$/,
  sha512: /^[0-9a-f]{128}$/,
  sha1: /^[0-9a-f]{40}$/,
  gitCommit: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
};

function publicDigest(raw: Readonly<Record<string, string>>): Material['digest'] | undefined {
  const kept = Object.entries(HEX).flatMap(([name, form]) => {
    const hex = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return hex !== undefined && form.test(hex) ? [[name, hex]] : [];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

async function readProvenance(
  source: BlobSource,
  member: Descriptor,
  ports: Pick<Ports, 'files'>,
): Promise<unknown> {
  const manifest = decodeManifest(await readBlob(source, member, ports));
  const layers = manifest.kind === 'manifest' ? manifest.layers : [];
  const layer = layers.find(
    ({ mediaType, annotations, size }) =>
      mediaType === MEDIA.inToto &&
      size <= LARGEST &&
      annotations?.['in-toto.io/predicate-type']?.startsWith('https://slsa.dev/provenance/'),
  );
  if (layer === undefined) return undefined;
  const bytes = await readBlob(source, layer, ports);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

async function readBlob(
  source: BlobSource,
  { digest }: Descriptor,
  { files }: Pick<Ports, 'files'>,
): Promise<Uint8Array> {
  await source.fetch([digest]);
  const bytes = await files.read(source.path(digest));
  requireDigest(bytes, digest, 'what the build exported');
  return bytes;
}
