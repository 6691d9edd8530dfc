import { mapLimit } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { type ErrorCode, ReleaseError } from '../../model/errors.ts';
import { type BuiltImage, blobPath, type StagingStore } from '../../model/image.ts';
import { decodeManifest, type Encoded } from '../../model/manifest.ts';
import type { PlannedImage } from '../../model/plan.ts';
import { type DigestRef, formatReference, type Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { makeLayout, writeBlob, writeIndex } from './layout.ts';
import { stageImage } from './stage.ts';

type PullPorts = Pick<Ports, 'files' | 'log' | 'registry'>;

/** As docker pulls: more connections are not faster and annoy registries. */
const BLOBS_AT_ONCE = 4;

/**
 * Takes an image of an earlier run from the registry into the staging store, byte for byte. Without `layers` its manifests
 * and configs alone: for images that nobody scans or builds on here, and that every registry has.
 */
export function adoptImage(
  planned: PlannedImage,
  from: DigestRef,
  store: StagingStore,
  ports: PullPorts,
  { layers }: { readonly layers: boolean } = { layers: true },
): Promise<BuiltImage> {
  ports.log.info(
    `Adopting ${planned.name}: pulling ${layers ? '' : 'the manifests of '}${formatReference(from)}.`,
  );
  return pullImage({ planned, from, store, origin: 'adopted', fault: 'DIGEST_MISMATCH', layers }, ports);
}

export type PullSpec = {
  readonly planned: PlannedImage;
  readonly from: DigestRef;
  readonly store: StagingStore;
  readonly origin: 'adopted' | 'brought';
  readonly fault: Extract<ErrorCode, 'DIGEST_MISMATCH' | 'SOURCE_INVALID'>;
  /** Default: with them. */
  readonly layers?: boolean;
};

export async function pullImage(spec: PullSpec, ports: PullPorts): Promise<BuiltImage> {
  const { planned, store, origin, fault, layers = true } = spec;
  await makeLayout(store, planned.name, ports);
  const top = await pullTree(spec, ports);
  await writeIndex(store, planned.name, top.descriptor, ports);
  return stageImage({ planned, store, top: top.descriptor, origin, fault, layers }, ports);
}

type TreeSpec = Pick<PullSpec, 'planned' | 'from' | 'store' | 'fault' | 'layers'>;

/** The manifest, its members, and all their blobs that the store has not got yet. Gives the manifest. */
export async function pullTree(spec: TreeSpec, ports: PullPorts): Promise<Encoded> {
  const top = await fetchManifest(spec, spec.from.digest, ports);
  const document = decodeManifest(top.bytes);
  const blobs = new Map<Digest, Descriptor>();
  if (document.kind === 'index') {
    const members = await mapLimit(document.manifests, BLOBS_AT_ONCE, ({ digest }) =>
      fetchManifest(spec, digest, ports),
    );
    for (const member of members) addBlobs(spec, member, blobs);
    for (const member of members) await writeBlob(spec.store, member, ports);
  } else addBlobs(spec, top, blobs);
  await mapLimit([...blobs.values()], BLOBS_AT_ONCE, (blob) => pullBlob(spec, blob, ports));
  // Last, so that a tree that is there is whole.
  await writeBlob(spec.store, top, ports);
  return top;
}

function addBlobs(spec: TreeSpec, manifest: Encoded, blobs: Map<Digest, Descriptor>): void {
  const document = decodeManifest(manifest.bytes);
  if (document.kind === 'index')
    throw new ReleaseError(spec.fault, `the index of ${spec.planned.name} holds another index`);
  const layers = spec.layers === false ? [] : document.layers;
  for (const blob of [document.config, ...layers]) blobs.set(blob.digest, blob);
}

async function fetchManifest(
  { from, planned, fault }: TreeSpec,
  digest: Digest,
  { registry }: PullPorts,
): Promise<Encoded> {
  const reference: DigestRef = { repository: from.repository, digest };
  const manifest = await registry.getManifest(reference);
  if (manifest !== undefined) return manifest;
  throw new ReleaseError(fault, `${planned.name} is not in the registry: ${formatReference(reference)}`);
}

/** Pulls that run, by path: images that are adopted at once share layers. */
const running = new Map<string, Promise<void>>();

async function pullBlob(
  { from, store }: { readonly from: { readonly repository: Repository }; readonly store: StagingStore },
  blob: Descriptor,
  { files, registry }: PullPorts,
): Promise<void> {
  const path = blobPath(store, blob.digest);
  const pull = async (): Promise<void> => {
    if ((await files.size(path)) !== blob.size) await registry.pullBlob(from.repository, blob, path);
  };
  const work = running.get(path) ?? pull().finally(() => running.delete(path));
  running.set(path, work);
  await work;
}
