import type { Descriptor, Platform } from './descriptor.ts';
import { type Digest, hexOf } from './digest.ts';
import type { Material } from './material.ts';
import type { PlannedImage } from './plan.ts';
import type { DigestRef, TagRef } from './reference.ts';

/**
 * The staging store: one shared blob folder, and one OCI layout for each image whose `blobs` is a link to it.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export type StagingStore = { readonly root: string };

/** The path of a blob in the staging store. */
export function blobPath(store: StagingStore, digest: Digest): string {
  return `${store.root}/blobs/sha256/${hexOf(digest)}`;
}

/** The OCI layout of one image; the prefix keeps an image that is named `blobs` apart. */
export function layoutPath(store: StagingStore, name: string): string {
  return `${store.root}/image-${name}`;
}

export type PlatformImage = {
  readonly platform: Platform;
  readonly descriptor: Descriptor;
  /** What BuildKit says it was made from; undefined when that is not known (not built here, or not asked for). */
  readonly materials?: readonly Material[];
};

/** An image in the staging store, complete and checked, not yet looked into. */
export type BuiltImage = {
  readonly planned: PlannedImage;
  readonly store: StagingStore;
  /** The index, or the manifest where there is only one platform: what tags will point at. */
  readonly top: Descriptor;
  readonly platforms: readonly PlatformImage[];
  /** `built` here, `adopted` from the registry (a re-run), or `brought` by the user (`from`). */
  readonly origin: 'built' | 'adopted' | 'brought';
  /** Compressed bytes of all distinct blobs. */
  readonly size: number;
};

/** What a push did at one registry. */
export type PushedImage = {
  readonly planned: PlannedImage;
  readonly descriptor: Descriptor;
  readonly platforms: readonly PlatformImage[];
  readonly size: number;
  readonly origin: BuiltImage['origin'];
  /** One for each registry, all with the same digest. */
  readonly subjects: readonly DigestRef[];
  readonly blobs: { readonly uploaded: number; readonly mounted: number; readonly existing: number };
};

export type TagOutcome = {
  readonly ref: TagRef;
  readonly kind: 'immutable' | 'moving';
  readonly outcome: 'created' | 'unchanged' | 'moved' | 'kept';
  /** What a moving tag pointed at before. */
  readonly previous?: Digest;
  /** Why a tag was left alone. */
  readonly reason?: string;
};

export type TaggedImage = PushedImage & { readonly tags: readonly TagOutcome[] };
