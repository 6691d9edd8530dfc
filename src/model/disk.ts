const GIB = 1024 ** 3;

/** Below this much free space the run gives up what it no longer needs, even where that costs time: bytes. */
export const LOW_SPACE = 2 * GIB;

/** `3.5 GiB` */
export function formatGib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
