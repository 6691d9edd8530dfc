import { isDraft07 } from './metaschema.ts';
import { isObject, type JsonObject } from './values.ts';

export const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

/** Names that mean something in a schema of some draft; a map of fields with none of them is no schema. */
const KEYWORDS = new Set(
  `$anchor $comment $defs $dynamicAnchor $dynamicRef $id $ref $schema additionalProperties allOf anyOf const contains
   contentEncoding contentMediaType contentSchema default definitions dependencies dependentRequired dependentSchemas
   deprecated description discriminator else enum example examples exclusiveMaximum exclusiveMinimum externalDocs format
   if items maxContains maxItems maxLength maxProperties maximum minContains minItems minLength minProperties minimum
   multipleOf not nullable oneOf pattern patternProperties prefixItems properties propertyNames readOnly required then
   title type unevaluatedItems unevaluatedProperties uniqueItems writeOnly xml`.split(/\s+/),
);

/** Names by which a map of schemas is a schema of an object all the same. */
const SIGNALS = new Set(
  `additionalProperties dependencies dependentRequired dependentSchemas maxProperties minProperties patternProperties
   properties propertyNames required unevaluatedProperties $defs $ref allOf anyOf const definitions else enum if not oneOf
   then`.split(/\s+/),
);

/**
 * Generation 6 takes the older form of a contract too: field name → schema, with `required: true`, `min` and `max` in the
 * field. Undefined when it is neither that nor a schema.
 */
export function normalizeContract(contract: JsonObject): JsonObject | undefined {
  const names = Object.keys(contract);
  if (contract.type === 'object' || names.length === 0) return contract;
  const values = Object.values(contract);
  const areSchemas = values.map((value) => isObject(value) || typeof value === 'boolean');
  const hasKeyword = names.some((name) => KEYWORDS.has(name));
  if (areSchemas.every(Boolean)) {
    const isSchema = hasKeyword && isDraft07(contract) && names.some((name) => SIGNALS.has(name));
    return isSchema ? contract : fromFields(contract);
  }
  return !hasKeyword && areSchemas.some(Boolean) ? undefined : contract;
}

function fromFields(fields: JsonObject): JsonObject {
  const required = Object.entries(fields).flatMap(([name, field]) =>
    isObject(field) && field.required === true ? [name] : [],
  );
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fromField(field)])),
    ...(required.length === 0 ? {} : { required }),
  };
}

function fromField(field: unknown): unknown {
  if (!isObject(field)) return field;
  const { required, min, max, ...rest } = field;
  return {
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...rest,
    ...(required === undefined || typeof required === 'boolean' ? {} : { required }),
  };
}
