import type { Descriptor } from '../../model/descriptor.ts';
import { blobPath, type StagingStore } from '../../model/image.ts';
import type { Encoded } from '../../model/manifest.ts';
import type { PlannedImage } from '../../model/plan.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';

/** All that an image is made of, as it lies in the staging store. */
export type ImageContent = {
  readonly planned: PlannedImage;
  readonly store: StagingStore;
  readonly top: Encoded;
  /** Its manifests by level: those that others point at come first, the top is last and alone. */
  readonly levels: readonly (readonly Encoded[])[];
  /** Configs and layers, each once. */
  readonly blobs: readonly Descriptor[];
};

/** One repository of one image. */
export type Target = { readonly image: string; readonly repository: Repository };

/** One blob at one registry: sent to the first target (if it is not there), mounted from it into the others. */
export type Transfer = {
  readonly blob: Descriptor;
  readonly path: string;
  readonly first: Target;
  readonly others: readonly Target[];
};

export type RegistryPush = { readonly registry: string; readonly transfers: readonly Transfer[] };

/**
 * What every registry of the plan gets. A blob that several images share is sent once for each registry. Large blobs come
 * first, so that at the end no single one keeps all waiting.
 */
export function planTransfers(contents: readonly ImageContent[]): readonly RegistryPush[] {
  const registries = new Map<string, Map<string, Transfer>>();
  for (const content of contents)
    for (const repository of content.planned.repositories) {
      const transfers = registries.get(repository.registry) ?? new Map<string, Transfer>();
      registries.set(repository.registry, transfers);
      const target = { image: content.planned.name, repository };
      for (const blob of content.blobs) {
        const known = transfers.get(blob.digest);
        transfers.set(blob.digest, known === undefined ? begin(blob, content, target) : add(known, target));
      }
    }
  return [...registries].map(([registry, transfers]) => ({
    registry,
    transfers: [...transfers.values()].sort((a, b) => b.blob.size - a.blob.size),
  }));
}

function begin(blob: Descriptor, { store }: ImageContent, first: Target): Transfer {
  return { blob, path: blobPath(store, blob.digest), first, others: [] };
}

function add(transfer: Transfer, target: Target): Transfer {
  const known = [transfer.first, ...transfer.others].map(({ repository }) => formatRepository(repository));
  if (known.includes(formatRepository(target.repository))) return transfer;
  return { ...transfer, others: [...transfer.others, target] };
}

/** Descriptors without those whose digest came before. */
export function distinct(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  const seen = new Set<string>();
  return descriptors.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
}
