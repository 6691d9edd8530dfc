import type { BakeDocument } from '../../model/build.ts';

const TARGET = 'target:';

/** Which targets each target of a bake file is built on, by name. https://docs.docker.com/build/bake/contexts/ */
export type Graph = ReadonlyMap<string, readonly string[]>;

export function graphOf({ target }: BakeDocument): Graph {
  return new Map(
    Object.entries(target).map(([name, { contexts }]) => [name, parentsIn(contexts).filter(isOneOf(target))]),
  );
}

/** Every target that these are built on, themselves included. */
export function withParents(graph: Graph, names: Iterable<string>): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const parent of graph.get(name) ?? []) add(parent);
  };
  for (const name of names) add(name);
  return found;
}

/** The first of `among` that a target is built on, itself left out; undefined when there is none. */
export function standsOn(graph: Graph, name: string, among: ReadonlySet<string>): string | undefined {
  return [...withParents(graph, graph.get(name) ?? [])].find((parent) => among.has(parent));
}

/** `target:NAME` again, and nothing for what is no target. */
export function parentOf(context: unknown): string | undefined {
  return typeof context === 'string' && context.startsWith(TARGET) ? context.slice(TARGET.length) : undefined;
}

function parentsIn(contexts: unknown): readonly string[] {
  if (typeof contexts !== 'object' || contexts === null) return [];
  return Object.values(contexts).flatMap((value: unknown) => parentOf(value) ?? []);
}

function isOneOf(targets: BakeDocument['target']): (name: string) => boolean {
  return (name) => Object.hasOwn(targets, name);
}
