import { isObject, type JsonObject } from './values.ts';

/** A schema inside a contract, and where: `['properties', 'name']`. */
export type Node = { readonly path: readonly string[]; readonly schema: JsonObject | boolean };

/** Keywords whose values hold schemas by name, in a list, or are one. */
const MAPS = ['$defs', 'definitions', 'patternProperties', 'properties', 'dependencies'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'items'];
const SINGLE = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
];

/** Keywords below which another value is judged than above. */
const STEPS = new Set([
  'additionalItems',
  'additionalProperties',
  'contains',
  'items',
  'patternProperties',
  'properties',
  'propertyNames',
]);

/** The platform's own bounds for contracts. */
export const BOUNDS = { depth: 64, nodes: 10_000, references: 256 };

export function childrenOf(schema: JsonObject | boolean): readonly Node[] {
  if (typeof schema === 'boolean') return [];
  const children: Node[] = [];
  const add = (child: unknown, ...path: readonly string[]) => {
    if (isObject(child) || typeof child === 'boolean') children.push({ path, schema: child });
  };
  for (const keyword of MAPS) {
    const members = schema[keyword];
    if (isObject(members)) for (const [name, child] of Object.entries(members)) add(child, keyword, name);
  }
  for (const keyword of SINGLE) add(schema[keyword], keyword);
  for (const keyword of LISTS) {
    const elements: unknown = schema[keyword];
    if (Array.isArray(elements))
      for (const [index, child] of elements.entries()) add(child, keyword, String(index));
  }
  return children;
}

/** Whether a child judges a part of the value that its parent judges. */
export function stepsDown(path: readonly string[]): boolean {
  return STEPS.has(path[0] ?? '');
}

/** Every schema of a contract, the root first; undefined when the contract is too deep or too large. */
export function nodesOf(root: JsonObject): readonly Node[] | undefined {
  const nodes: Node[] = [];
  const visit = (node: Node, depth: number): boolean => {
    nodes.push(node);
    if (depth > BOUNDS.depth || nodes.length > BOUNDS.nodes) return false;
    return childrenOf(node.schema).every(({ path, schema }) =>
      visit({ path: [...node.path, ...path], schema }, depth + 1),
    );
  };
  return visit({ path: [], schema: root }, 0) ? nodes : undefined;
}
