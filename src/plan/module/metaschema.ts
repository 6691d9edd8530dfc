import { compilePattern, satisfies } from './draft-07.ts';

/** What a draft 7 schema has to look like, as a schema. https://json-schema.org/draft-07/schema */
const self = { $ref: '#' };
const list = { type: 'array', minItems: 1, items: self };
const count = { type: 'integer', minimum: 0 };
const names = { type: 'array', items: { type: 'string' }, uniqueItems: true };
const map = { type: 'object', additionalProperties: self };
const string = { type: 'string' };
const number = { type: 'number' };
const boolean = { type: 'boolean' };
const type = { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] };

const METASCHEMA = {
  type: ['object', 'boolean'],
  properties: {
    $id: string,
    $schema: string,
    $ref: string,
    $comment: string,
    title: string,
    description: string,
    readOnly: boolean,
    examples: { type: 'array' },
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    maximum: number,
    exclusiveMaximum: number,
    minimum: number,
    exclusiveMinimum: number,
    maxLength: count,
    minLength: count,
    pattern: { type: 'string', format: 'regex' },
    additionalItems: self,
    items: { anyOf: [self, list] },
    maxItems: count,
    minItems: count,
    uniqueItems: boolean,
    contains: self,
    maxProperties: count,
    minProperties: count,
    required: names,
    additionalProperties: self,
    definitions: map,
    properties: map,
    patternProperties: { ...map, propertyNames: { format: 'regex' } },
    dependencies: { type: 'object', additionalProperties: { anyOf: [self, names] } },
    propertyNames: self,
    enum: { type: 'array' },
    type: { anyOf: [type, { type: 'array', items: type, minItems: 1, uniqueItems: true }] },
    format: string,
    contentMediaType: string,
    contentEncoding: string,
    if: self,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: self,
    else: self,
    allOf: list,
    anyOf: list,
    oneOf: list,
    not: self,
  },
};

const META = {
  root: METASCHEMA,
  formats: { regex: (text: string) => compilePattern(text) !== undefined },
};

/** Whether a value is a schema of draft 7. */
export function isDraft07(schema: unknown): boolean {
  return satisfies(META, METASCHEMA, schema);
}
