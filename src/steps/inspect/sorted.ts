/** By code units, wherever this runs. */
export function sorted<T>(list: readonly T[], key: (each: T) => string): readonly T[] {
  return list.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
