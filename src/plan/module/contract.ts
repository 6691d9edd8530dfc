import { DRAFT_07, normalizeContract } from './contract-forms.ts';
import { BOUNDS, childrenOf, type Node, nodesOf, stepsDown } from './contract-nodes.ts';
import { resolveReference, satisfies } from './draft-07.ts';
import { isDraft07 } from './metaschema.ts';
import { isObject, isTruthy, type JsonObject } from './values.ts';

/** Keywords of later drafts, which some readers would obey and others ignore. */
const LATER = [
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveAnchor',
  '$recursiveRef',
  '$vocabulary',
  'contentSchema',
  'dependentRequired',
  'dependentSchemas',
  'maxContains',
  'minContains',
  'nullable',
  'prefixItems',
  'unevaluatedItems',
  'unevaluatedProperties',
];

/**
 * Why the schema of a module's inputs, outputs or tool is none that generation 6 takes; undefined when it is fine. Absent and
 * empty ones are. `objectRoot`: it has to describe an object.
 */
export function contractFault(
  contract: unknown,
  { objectRoot }: { objectRoot: boolean },
): string | undefined {
  if (contract === undefined || contract === null) return undefined;
  if (!isObject(contract)) return 'it is no object';
  const schema = normalizeContract(contract);
  if (schema === undefined) return 'every field has to be a schema: an object or a boolean';
  if (!isTruthy(schema)) return undefined;
  const nodes = nodesOf(schema);
  if (nodes === undefined)
    return `it is deeper than ${BOUNDS.depth} levels, or larger than ${BOUNDS.nodes} schemas`;
  return (
    nodes.map(dialectFault).find((fault) => fault !== undefined) ??
    referenceFault(schema) ??
    (isDraft07(schema) ? undefined : 'it is no valid JSON Schema of draft 7') ??
    (objectRoot && rootKind(schema, schema) !== 'object'
      ? 'its root does not describe an object'
      : undefined) ??
    nodes.map((node) => sampleFault(schema, node)).find((fault) => fault !== undefined)
  );
}

function dialectFault({ path, schema }: Node): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  const { $schema: dialect } = schema;
  if (dialect !== undefined && dialect !== null && dialect !== DRAFT_07)
    return `its $schema at /${path.join('/')} is not ${DRAFT_07}`;
  if (path.length > 0 && Object.hasOwn(schema, '$id')) return `a nested $id stands at /${path.join('/')}`;
  const later = LATER.find((keyword) => Object.hasOwn(schema, keyword));
  return later === undefined ? undefined : `${later} at /${path.join('/')} is of a later draft`;
}

/** Every reference has to lead to a schema of this contract, and a circle of them has to come down to a part of the value. */
function referenceFault(root: JsonObject): string | undefined {
  let visited = 0;
  let references = 0;
  const visit = (
    schema: unknown,
    active: ReadonlyMap<string, number>,
    depth: number,
    level: number,
  ): string | undefined => {
    visited += 1;
    if (depth > BOUNDS.depth || visited > BOUNDS.nodes || references > BOUNDS.references)
      return 'its references lead too deep, or are too many';
    if (!isObject(schema)) return undefined;
    const { $ref: reference } = schema;
    if (reference === undefined || reference === null) {
      for (const child of childrenOf(schema)) {
        const below = stepsDown(child.path) ? level + 1 : level;
        const fault = visit(child.schema, active, depth + 1, below);
        if (fault !== undefined) return fault;
      }
      return undefined;
    }
    references += 1;
    if (typeof reference !== 'string' || !reference.startsWith('#'))
      return `a reference leads out of it: ${String(reference)}`;
    const target = resolveReference(root, reference);
    if (!isObject(target) && typeof target !== 'boolean') return `a reference leads nowhere: ${reference}`;
    const since = active.get(reference);
    if (since === undefined) return visit(target, new Map(active).set(reference, level), depth + 1, level);
    return level <= since ? `a reference leads back to itself: ${reference}` : undefined;
  };
  return visit(root, new Map(), 0, 0);
}

/** Defaults and examples have to satisfy the schema that they stand in. */
function sampleFault(root: JsonObject, { path, schema }: Node): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  const samples: readonly unknown[] = [
    ...(Object.hasOwn(schema, 'default') ? [schema.default] : []),
    ...(Array.isArray(schema.examples) ? schema.examples : []),
  ];
  return samples.every((sample) => satisfies({ root }, schema, sample))
    ? undefined
    : `a default or an example at /${path.join('/')} does not satisfy its own schema`;
}

type Kind = 'object' | 'other' | 'unknown';

const OF_OBJECTS = [
  'additionalProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'maxProperties',
  'minProperties',
  'patternProperties',
  'properties',
  'propertyNames',
  'required',
  'unevaluatedProperties',
];

/** What kind of value the root of a schema takes, as far as its words say. */
function rootKind(schema: unknown, root: JsonObject, seen: ReadonlySet<string> = new Set()): Kind {
  if (schema === false) return 'other';
  if (!isObject(schema)) return 'unknown';
  const { $ref: reference, allOf, not } = schema;
  if (typeof reference === 'string') {
    if (seen.has(reference)) return 'unknown';
    return rootKind(resolveReference(root, reference), root, new Set([...seen, reference]));
  }
  const own = ownKind(schema);
  if (own === 'other') return 'other';
  const kindOf = (branch: unknown) => rootKind(branch, root, seen);
  const all = Array.isArray(allOf) ? allOf.map(kindOf) : [];
  if (all.includes('other')) return 'other';
  let kind: Kind = all.includes('object') ? 'object' : own;
  for (const branches of [schema.anyOf, schema.oneOf]) {
    const kinds: readonly Kind[] = Array.isArray(branches) ? branches.map(kindOf) : [];
    if (kinds.includes('object')) kind = 'object';
    else if (kinds.length > 0 && kinds.every((each) => each === 'other')) return 'other';
  }
  const isNegated = isObject(not) && not.type === 'object' && Object.keys(not).length === 1;
  return isNegated ? 'other' : kind;
}

function ownKind(schema: JsonObject): Kind {
  const { type, const: fixed, enum: values } = schema;
  const has = (name: string) => Object.hasOwn(schema, name);
  if (has('const') && !isObject(fixed)) return 'other';
  if (has('enum') && !(Array.isArray(values) && values.some(isObject))) return 'other';
  if (type === 'object' || (Array.isArray(type) && type.includes('object'))) return 'object';
  if (type !== undefined && type !== null) return 'other';
  return has('const') || has('enum') || OF_OBJECTS.some(has) ? 'object' : 'unknown';
}
