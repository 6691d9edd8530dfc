import { expect, it } from '@jest/globals';
import { satisfies } from '../../src/plan/module/draft-07.ts';
import { isDraft07 } from '../../src/plan/module/metaschema.ts';
import { readRequirement } from '../../src/plan/module/requirement.ts';
import { allows, readSpecifiers } from '../../src/plan/module/specifier.ts';
import { askPython, type Question } from '../helpers/module/python-judges.ts';
import { pick, seeded } from '../helpers/random.ts';

const VERSIONS =
  `1 1.0 1.0.0 1.0.1 1.1 2 2.0 0.9 1!1.0 1.0a1 1.0a2 1.0b1 1.0rc1 1.0.dev1 1.0a1.dev1 1.0.post1 1.0.post1.dev1 1.0+cpu
  1.0+cpu.1 1.0rc1.post1 v1.0 1.0-1 1.0.alpha1 01.0 1.0.0.0.1`.split(/\s+/);
const OPERATORS = ['==', '!=', '<=', '>=', '<', '>', '~=', '==='];

it('versions are compared as packaging compares them', () => {
  const wanted = [...VERSIONS, ...VERSIONS.map((version) => `${version}.*`), '', 'x', '1..0'];
  const specifiers = OPERATORS.flatMap((operator) => wanted.map((version) => `${operator}${version}`));
  const pairs = specifiers.flatMap((specifier) => VERSIONS.map((version) => [specifier, version] as const));
  const theirs = askPython(pairs.map((pair): Question => ['allows', pair]));
  const differing = pairs.filter(([specifier, version], index) => {
    const read = readSpecifiers(specifier);
    const ours = read === undefined ? null : read.every((each) => allows(each, version));
    return ours !== theirs[index];
  });
  expect(pairs.length).toBeGreaterThan(8000);
  expect(differing.map((pair) => pair.join(' with '))).toEqual([]);
});

const REQUIREMENTS = [
  'numpy',
  'numpy==1',
  'numpy ==1',
  'numpy (==1)',
  'numpy>=1,<2',
  'numpy>=1, <2',
  'numpy>=1 <2',
  'numpy==',
  'numpy==1.*',
  'numpy>=1.*',
  'numpy[extra]==1',
  'numpy[a,b] == 1',
  'numpy[]==1',
  'numpy[a b]',
  'numpy==1; python_version<"3"',
  "numpy; python_version>='3.9' and os_name == 'posix'",
  'numpy; (python_version<"3" or extra == "x") and sys_platform != "win32"',
  'numpy; python_version not in "2.7, 3.0"',
  'numpy; os.name == "posix"',
  'numpy; "3" < python_version',
  'numpy; python < "3"',
  'numpy; python_version',
  'numpy; python_version < 3',
  'numpy; (python_version < "3"',
  'numpy;',
  'numpy @ https://example.com/a.whl',
  'numpy@https://example.com/a.whl',
  'numpy[a] @ https://example.com/a.whl ; os_name == "posix"',
  'numpy @ https://example.com/a.whl; os_name == "posix"',
  'numpy @',
  'numpy # why',
  'numpy==1 # why',
  '-numpy',
  'numpy-',
  'num py',
  'n',
  'é',
  '1==1',
  'a.b_c-d==1',
  './a.whl',
  'https://example.com/a.whl',
  'git+https://example.com/a.git',
];

it.each(REQUIREMENTS.map((text, index) => [text, index] as const))(
  'packaging reads %s as we do',
  (text, index) => {
    const theirs = askRequirements()[index];
    const read = readRequirement(text);
    const ours =
      read === undefined
        ? null
        : { name: read.name, url: read.url ?? null, specifiers: read.specifiers.length };
    expect(ours).toEqual(theirs);
  },
);

let asked: readonly unknown[] | undefined;
function askRequirements(): readonly unknown[] {
  asked ??= askPython(REQUIREMENTS.map((text): Question => ['requirement', [text]]));
  return asked;
}

/** Random schemas over a few names and values, so that parts of them meet. */
function schemaMaker(random: () => number) {
  const one = <T>(list: readonly T[]): T => pick(random, list);
  const some = <T>(make: () => T): T[] => Array.from({ length: 1 + Math.floor(random() * 2) }, make);
  const value = (depth: number): unknown => {
    const plain = one<unknown>([null, true, false, 0, 1, -1, 1.5, 3, '', 'a', 'ab', '\u{1F9EC}', [], {}]);
    if (depth === 0 || random() < 0.5) return plain;
    return random() < 0.5 ? some(() => value(depth - 1)) : object(() => value(depth - 1));
  };
  const object = (make: () => unknown): Record<string, unknown> =>
    Object.fromEntries(some(() => [one(['a', 'b', 'ab']), make()]));
  const schema = (depth: number): unknown => {
    if (depth === 0)
      return one<unknown>([true, false, {}, { type: 'string' }, { minimum: 1 }, { $ref: '#/definitions/a' }]);
    const inner = () => schema(depth - 1);
    const keywords: Readonly<Record<string, () => unknown>> = {
      type: () =>
        one<unknown>([
          'string',
          'integer',
          'number',
          'object',
          'array',
          'null',
          'boolean',
          ['string', 'null'],
          'x',
        ]),
      enum: () => some(() => value(1)),
      const: () => value(1),
      multipleOf: () => one([1, 0.5, 2, 0]),
      minimum: () => one<unknown>([0, 1, '1']),
      exclusiveMaximum: () => one([1, 3]),
      maxLength: () => one([0, 1, 2, -1]),
      minLength: () => one<unknown>([1, 2, 1.5]),
      pattern: () => one(['^a', 'b$', '[', '\\d']),
      items: () => one([inner, () => some(inner)])(),
      additionalItems: inner,
      maxItems: () => one([0, 1]),
      minItems: () => 1,
      uniqueItems: () => one<unknown>([true, 'yes']),
      contains: inner,
      maxProperties: () => 1,
      minProperties: () => 2,
      required: () => one<unknown>([['a'], ['a', 'b'], ['a', 'a'], 'a']),
      properties: () => object(inner),
      patternProperties: () => ({ '^a': inner() }),
      additionalProperties: inner,
      dependencies: () => one<unknown>([{ a: ['b'] }, { a: inner() }, { a: 1 }]),
      propertyNames: inner,
      if: inner,
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      then: inner,
      else: inner,
      allOf: () => some(inner),
      anyOf: () => some(inner),
      oneOf: () => some(inner),
      not: inner,
    };
    const chosen = some(() => one(Object.keys(keywords)));
    return Object.fromEntries(chosen.map((name) => [name, keywords[name]!()]));
  };
  const definition = () => one<unknown>([{ type: 'string' }, { maximum: 1 }, { required: ['a'] }, true]);
  return {
    schema: () => ({ ...Object(schema(3)), definitions: { a: definition() } }),
    value: () => value(2),
  };
}

it('random schemas are judged as jsonschema judges them, and so are values by them', () => {
  const make = schemaMaker(seeded(20_261_121));
  const schemas = Array.from({ length: 4000 }, make.schema);
  const areSchemas = askPython(schemas.map((schema): Question => ['is_schema', [schema]]));
  const wrong = schemas.filter((schema, index) => isDraft07(schema) !== areSchemas[index]);
  expect(wrong.slice(0, 3)).toEqual([]);

  const good = schemas.filter((_, index) => areSchemas[index] === true);
  expect(good.length).toBeGreaterThan(1000);
  const pairs = good.flatMap((schema) => Array.from({ length: 5 }, () => [schema, make.value()] as const));
  const theirs = askPython(pairs.map((pair): Question => ['satisfies', pair]));
  const differing = pairs.filter(
    ([schema, value], index) => satisfies({ root: schema }, schema, value) !== theirs[index],
  );
  expect(differing.slice(0, 3)).toEqual([]);
});
