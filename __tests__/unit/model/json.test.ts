import { describe, expect, it } from '@jest/globals';
import { canonicalJson, compareCodePoints, spacedJson } from '../../../src/model/json.ts';

describe('canonical JSON', () => {
  it.each<[Parameters<typeof canonicalJson>[0], string]>([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ '～': 1, '😀': 2 }, '{"\\uff5e":1,"\\ud83d\\ude00":2}'],
    ['\b\f\n\r\t"\\/\u0000\u007f\u0080é', '"\\b\\f\\n\\r\\t\\"\\\\/\\u0000\\u007f\\u0080\\u00e9"'],
    ['\ud800', '"\\ud800"'],
    [[0.0001, 0.00001, 1e-7, 1.5e-5, 5e-324, -1e-5], '[0.0001,1e-05,1e-07,1.5e-05,5e-324,-1e-05]'],
    [[1e16, 1e20, 1e21, 1.5e300, -0, 0, 1], '[10000000000000000,100000000000000000000,1e+21,1.5e+300,0,0,1]'],
    [{}, '{}'],
    [[], '[]'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('sorts by code point, not by the halves of astral characters', () => {
    const keys = ['😀', '～', '\ue000', 'z', 'ab', 'a', '', '10', '9'];
    expect(keys.toSorted(compareCodePoints)).toEqual(['', '10', '9', 'a', 'ab', 'z', '\ue000', '～', '😀']);
  });

  it('refuses what is no number of JSON', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
    expect(() => canonicalJson([Number.POSITIVE_INFINITY])).toThrow(TypeError);
  });
});

it('spaced JSON keeps the order and has blanks after commas and colons', () => {
  expect(spacedJson({ b: [1, 'é'], a: { c: null } })).toBe('{"b": [1, "\\u00e9"], "a": {"c": null}}');
});
