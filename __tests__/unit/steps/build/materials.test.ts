import { describe, expect, it } from '@jest/globals';
import { materialsOf } from '../../../../src/steps/build/materials.ts';

const HEX = 'a'.repeat(64);
const base = { uri: 'pkg:docker/alpine@3', digest: { sha256: HEX } };

describe("BuildKit's materials", () => {
  it.each([
    ['v0.2', { predicate: { materials: [base] } }],
    ['v1', { predicate: { buildDefinition: { resolvedDependencies: [base] } } }],
    [
      'both, twice',
      { predicate: { materials: [base, base], buildDefinition: { resolvedDependencies: [base] } } },
    ],
  ])('are read from provenance %s', (_, document) => {
    expect(materialsOf(document)).toEqual([base]);
  });

  it('keep URIs and digests alone', () => {
    const document = {
      predicate: {
        materials: [{ ...base, annotations: { token: 't' } }],
        invocation: { parameters: { args: { 'build-arg:PASSWORD': 'hunter2' } } },
      },
    };
    expect(JSON.stringify(materialsOf(document))).toBe(JSON.stringify([base]));
  });

  it.each([
    ['no digest', { uri: 'pkg:docker/a' }],
    ['a digest that is none', { uri: 'pkg:docker/a', digest: { sha256: '../../etc' } }],
    ['an algorithm of its own', { uri: 'pkg:docker/a', digest: { note: 'hunter2' } }],
    ['a local folder', { uri: 'local://context', digest: { sha256: HEX } }],
    ['__proto__ as algorithm', JSON.parse(`{"uri":"pkg:docker/a","digest":{"__proto__":"${HEX}"}}`)],
  ])('leave out what has %s', (_, raw) => {
    expect(materialsOf({ predicate: { materials: [raw, base] } })).toEqual([base]);
  });

  it('know commits', () => {
    const commit = { uri: 'https://example.com/a.git#v1', digest: { sha1: 'b'.repeat(40) } };
    expect(materialsOf({ predicate: { materials: [commit] } })).toEqual([commit]);
  });

  it('are bounded', () => {
    const materials = Array.from({ length: 5000 }, (_, i) => ({ ...base, uri: `pkg:docker/a${i}` }));
    expect(materialsOf({ predicate: { materials } })).toHaveLength(1000);
  });

  it.each([[undefined], [null], ['text'], [[]], [{}], [{ predicate: { materials: 'all' } }]])(
    'are not known from %j',
    (document) => {
      expect(materialsOf(document)).toBeUndefined();
    },
  );
});
