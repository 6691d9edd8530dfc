/** Of an odd number the one in the middle, of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle]!;
  return sorted.length % 2 === 1 ? high : (sorted[middle - 1]! + high) / 2;
}

export function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(2);
}

/** `median (min–max)` in seconds. */
export function spread(values: readonly number[]): string {
  return `${seconds(median(values))} (${seconds(Math.min(...values))}–${seconds(Math.max(...values))})`;
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1);
}
