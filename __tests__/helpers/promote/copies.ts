import type { RunningRegistry } from '../registry/registry.ts';
import { type ImageSet, imageNames } from './images.ts';

/** The same repositories under another prefix, as they stand, without a request. */
export function copyOf(set: ImageSet, prefix: string, { store }: Pick<RunningRegistry, 'store'>): ImageSet {
  for (const image of imageNames(set)) {
    const from = store.provide(`${set.prefix}/${image}`);
    const to = store.provide(`${prefix}/${image}`);
    for (const [digest, manifest] of from.manifests) to.manifests.set(digest, manifest);
    for (const [tag, digest] of from.tags) to.tags.set(tag, digest);
    for (const digest of from.blobs) to.blobs.add(digest);
  }
  return { ...set, prefix };
}
