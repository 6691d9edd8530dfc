import { isObject, type JsonObject } from './values.ts';

/**
 * JSON Schema draft 7, as far as one bit: whether a value satisfies a schema. References are local (`#/…`); `format` is
 * not enforced, except that `formats` says which texts a format takes.
 * https://json-schema.org/draft-07/draft-handrews-json-schema-validation-01
 */
export type Draft07 = {
  readonly root: unknown;
  readonly formats?: Readonly<Record<string, (text: string) => boolean>>;
};

export function satisfies(draft: Draft07, schema: unknown, value: unknown): boolean {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema)) return true;
  const holds = (part: unknown, of: unknown) => satisfies(draft, part, of);
  // Draft 7 ignores what stands beside a reference.
  if (typeof schema.$ref === 'string') return holds(resolveReference(draft.root, schema.$ref), value);
  return (
    ofAnyValue(schema, value, holds) &&
    (typeof value !== 'number' || ofNumber(schema, value)) &&
    (typeof value !== 'string' || ofString(schema, value, draft.formats ?? {})) &&
    (!Array.isArray(value) || ofArray(schema, value, holds)) &&
    (!isObject(value) || ofObject(schema, value, holds))
  );
}

type Holds = (schema: unknown, value: unknown) => boolean;

function ofAnyValue(schema: JsonObject, value: unknown, holds: Holds): boolean {
  const { type, const: fixed, enum: values, allOf, anyOf, oneOf, not, if: condition } = schema;
  const has = (name: string) => Object.hasOwn(schema, name);
  const branch = has('if') ? schema[holds(condition, value) ? 'then' : 'else'] : undefined;
  return (
    (type === undefined || (Array.isArray(type) ? type : [type]).some((each) => isOfType(value, each))) &&
    (!has('const') || equal(fixed, value)) &&
    (!Array.isArray(values) || values.some((each) => equal(each, value))) &&
    (!Array.isArray(allOf) || allOf.every((each) => holds(each, value))) &&
    (!Array.isArray(anyOf) || anyOf.some((each) => holds(each, value))) &&
    (!Array.isArray(oneOf) || oneOf.filter((each) => holds(each, value)).length === 1) &&
    (!has('not') || !holds(not, value)) &&
    (branch === undefined || holds(branch, value))
  );
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function ofNumber(schema: JsonObject, value: number): boolean {
  const { multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  return (
    (typeof multipleOf !== 'number' || Number.isInteger(value / multipleOf)) &&
    (typeof minimum !== 'number' || value >= minimum) &&
    (typeof maximum !== 'number' || value <= maximum) &&
    (typeof exclusiveMinimum !== 'number' || value > exclusiveMinimum) &&
    (typeof exclusiveMaximum !== 'number' || value < exclusiveMaximum)
  );
}

function ofString(schema: JsonObject, value: string, formats: Draft07['formats'] & {}): boolean {
  const { minLength, maxLength, pattern, format } = schema;
  const takes = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  return (
    inRange([...value].length, minLength, maxLength) &&
    (typeof pattern !== 'string' || (compilePattern(pattern)?.test(value) ?? true)) &&
    (takes === undefined || takes(value))
  );
}

function ofArray(schema: JsonObject, value: readonly unknown[], holds: Holds): boolean {
  const { minItems, maxItems, uniqueItems, items, additionalItems, contains } = schema;
  const tuple: readonly unknown[] | undefined = Array.isArray(items) ? items : undefined;
  return (
    inRange(value.length, minItems, maxItems) &&
    (uniqueItems !== true || isUnique(value)) &&
    value.every((each, index) => {
      if (tuple === undefined) return items === undefined || holds(items, each);
      const part = index < tuple.length ? tuple[index] : additionalItems;
      return part === undefined || holds(part, each);
    }) &&
    (contains === undefined || value.some((each) => holds(contains, each)))
  );
}

function ofObject(schema: JsonObject, value: JsonObject, holds: Holds): boolean {
  const { required, minProperties, maxProperties, propertyNames, dependencies } = schema;
  const names = Object.keys(value);
  return (
    inRange(names.length, minProperties, maxProperties) &&
    hasAll(value, required) &&
    (propertyNames === undefined || names.every((name) => holds(propertyNames, name))) &&
    (!isObject(dependencies) ||
      Object.entries(dependencies).every(
        ([name, needed]) =>
          !Object.hasOwn(value, name) ||
          (Array.isArray(needed) ? hasAll(value, needed) : holds(needed, value)),
      )) &&
    names.every((name) => partsFor(schema, name).every((part) => holds(part, value[name])))
  );
}

/** The schemas that judge one member: its own, those whose pattern it matches, else the one for the rest. */
function partsFor(schema: JsonObject, name: string): readonly unknown[] {
  const { properties, patternProperties, additionalProperties } = schema;
  const own = isObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [];
  const matching = isObject(patternProperties)
    ? Object.entries(patternProperties).filter(([pattern]) => compilePattern(pattern)?.test(name) ?? false)
    : [];
  const parts = [...own, ...matching.map(([, part]) => part)];
  return parts.length > 0 || additionalProperties === undefined ? parts : [additionalProperties];
}

function hasAll(value: JsonObject, names: unknown): boolean {
  return !Array.isArray(names) || names.every((name) => Object.hasOwn(value, String(name)));
}

function inRange(length: number, min: unknown, max: unknown): boolean {
  return (typeof min !== 'number' || length >= min) && (typeof max !== 'number' || length <= max);
}

function isUnique(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(sorted(value)))).size === values.length;
}

function equal(left: unknown, right: unknown): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

/** A value whose text is equal for equal values: members in order, objects and lists told apart. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ['[]', ...value.map(sorted)];
  if (!isObject(value)) return Object.is(value, -0) ? 0 : value;
  const names = Object.keys(value).sort();
  return ['{}', ...names.map((name) => [name, sorted(value[name])])];
}

/** A local reference's target; undefined when there is none. */
export function resolveReference(root: unknown, reference: string): unknown {
  const fragment = decode(reference.slice(1));
  if (fragment === '') return root;
  if (fragment === undefined || !fragment.startsWith('/')) return undefined;
  let current = root;
  for (const raw of fragment.slice(1).split('/')) {
    const part = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isObject(current) && Object.hasOwn(current, part)) current = current[part];
    else if (Array.isArray(current) && /^\d+$/.test(part)) current = current[Number(part)];
    else return undefined;
  }
  return current;
}

function decode(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}

/** A pattern written for Python, as far as JavaScript knows the same; undefined when it is no pattern. */
export function compilePattern(pattern: string): RegExp | undefined {
  const source = pattern
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/^\\A/, '^')
    .replace(/\\Z$/, '$(?![\\s\\S])');
  for (const flags of ['u', '']) {
    try {
      return new RegExp(source, flags);
    } catch {
      // Unicode mode is stricter with escapes than Python.
    }
  }
  return undefined;
}
