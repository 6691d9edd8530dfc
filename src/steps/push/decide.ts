import type { Descriptor } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import type { AnyManifest, Encoded } from '../../model/manifest.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';

/** An image's manifests as they stand in the staging store. */
export type ManifestTree = {
  readonly top: Encoded;
  /** Everything the index names, attestation manifests too; empty when the top is a manifest. */
  readonly members: readonly Encoded[];
  /** Configs and layers of all of them, each once. */
  readonly blobs: readonly Descriptor[];
};

/** What has to be at a repository before its manifests can be written. */
export type Shipment = { readonly repository: Repository; readonly tree: ManifestTree };

/** One blob and the repositories that want it, of one registry: sent to the first, mounted into the others. */
export type BlobRoute = { readonly blob: Descriptor; readonly repositories: readonly Repository[] };

/** The configs and layers below manifests, each digest once. */
export function blobsOf(documents: readonly AnyManifest[]): readonly Descriptor[] {
  const blobs = new Map<Digest, Descriptor>();
  for (const document of documents) {
    if (document.kind === 'index') continue;
    for (const blob of [document.config, ...document.layers]) blobs.set(blob.digest, blob);
  }
  return [...blobs.values()];
}

/** Each blob crosses the wire once for each registry. Large ones first: the last ones to run are then short. */
export function planRoutes(shipments: readonly Shipment[]): readonly BlobRoute[] {
  const routes = new Map<string, { blob: Descriptor; repositories: Map<string, Repository> }>();
  for (const { repository, tree } of shipments) {
    for (const blob of tree.blobs) {
      const key = `${repository.registry} ${blob.digest}`;
      const route = routes.get(key) ?? { blob, repositories: new Map<string, Repository>() };
      route.repositories.set(formatRepository(repository), repository);
      routes.set(key, route);
    }
  }
  return [...routes.values()]
    .map(({ blob, repositories }) => ({ blob, repositories: [...repositories.values()] }))
    .sort((a, b) => b.blob.size - a.blob.size);
}
