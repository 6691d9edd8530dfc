import { type Digest, hexOf } from '../../model/digest.ts';
import type { Ports } from '../../ports/index.ts';
import type { Archive } from './archive.ts';

/** Where the blobs of a brought image lie. */
export type BlobSource = {
  /** Makes the blobs readable; those that are not there are left out. */
  fetch(digests: readonly Digest[]): Promise<void>;
  path(digest: Digest): string;
  /** The files are ours: they may be moved. */
  readonly ours: boolean;
  /** But for these, which are links to what others may have written: never moved, and hashed where all else is trusted. */
  readonly lent?: ReadonlySet<Digest>;
  /** What gzipping this layer made last time, and where it may leave it for next time. */
  readonly deflated?: (digest: Digest) => KeptBlocks;
};

export type KeptBlocks = {
  /** As in `Files.gzip`. */
  readonly files: { readonly earlier: string; readonly later: string };
  /** `left`: whether `later` is to be kept. */
  settle(left: boolean): Promise<void>;
};

/** A folder of the user: nothing in it is changed. */
export function folderSource(root: string): BlobSource {
  return { fetch: async () => {}, path: (digest) => `${root}/${blobName(digest)}`, ours: false };
}

export function archiveSource(archive: Archive): BlobSource {
  return {
    fetch: (digests) => archive.extract(digests.map(blobName)),
    path: (digest) => archive.path(blobName(digest)),
    ours: true,
  };
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** Puts a file at its place in the store, by a rename where it is ours. */
export async function place(
  source: { readonly ours: boolean },
  from: string,
  to: string,
  { files }: Pick<Ports, 'files'>,
): Promise<void> {
  await (source.ours ? files.move(from, to) : files.copy(from, to));
}
