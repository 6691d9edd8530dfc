import type { BlobOutcome } from '../../ports/registry.ts';

/** What happened to the blobs of one image at all its registries. */
export type Tally = {
  readonly uploaded: number;
  readonly mounted: number;
  readonly existing: number;
  /** Bytes that were sent. */
  readonly bytes: number;
};

export const EMPTY: Tally = { uploaded: 0, mounted: 0, existing: 0, bytes: 0 };

export function count(tally: Tally, outcome: BlobOutcome, size: number): Tally {
  const bytes = tally.bytes + (outcome === 'uploaded' ? size : 0);
  return { ...tally, [outcome]: tally[outcome] + 1, bytes };
}

/** `3 blobs uploaded (40.0 MB), 2 mounted, 5 already there`. */
export function describe({ uploaded, mounted, existing, bytes }: Tally): string {
  const parts = [
    ...(uploaded > 0
      ? [`${uploaded} ${uploaded === 1 ? 'blob' : 'blobs'} uploaded (${formatSize(bytes)})`]
      : []),
    ...(mounted > 0 ? [`${mounted} mounted`] : []),
    ...(existing > 0 ? [`${existing} already there`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : 'no blobs';
}

/** Decimal, as registries show sizes. */
export function formatSize(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
