type Node = { readonly name: string; readonly parents: readonly string[] };

/** Images that stand on each other, directly or by others, in the order of their first members. */
export function groupsOf<T extends Node>(images: readonly T[]): readonly (readonly T[])[] {
  const groupOf = new Map(images.map(({ name }) => [name, name]));
  const rootOf = (name: string): string => {
    const next = groupOf.get(name);
    return next === undefined || next === name ? name : rootOf(next);
  };
  for (const { name, parents } of images)
    for (const parent of parents) if (groupOf.has(parent)) groupOf.set(rootOf(parent), rootOf(name));
  const groups = new Map<string, T[]>();
  for (const image of images) {
    const root = rootOf(image.name);
    groups.set(root, [...(groups.get(root) ?? []), image]);
  }
  return [...groups.values()];
}

/**
 * At most `most` sets of groups, as equal in the number of images as the greedy way makes them: the largest group first, each
 * to the smallest set. All images keep their order of before; the sets are in the order of their first images.
 */
export function joinGroups<T>(
  groups: readonly (readonly T[])[],
  most: number = groups.length,
): readonly (readonly T[])[] {
  if (groups.length <= most) return groups;
  const place = new Map(groups.flat().map((image, index) => [image, index]));
  const at = (image: T | undefined) => (image === undefined ? 0 : (place.get(image) ?? 0));
  const sets: T[][] = Array.from({ length: most }, () => []);
  for (const group of groups.toSorted((a, b) => b.length - a.length)) {
    const smallest = sets.reduce((least, each) => (each.length < least.length ? each : least));
    smallest.push(...group);
  }
  return sets.map((set) => set.toSorted((a, b) => at(a) - at(b))).toSorted((a, b) => at(a[0]) - at(b[0]));
}
