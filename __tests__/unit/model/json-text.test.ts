import { describe, expect, it } from '@jest/globals';
import { readJsonText } from '../../../src/model/json-text.ts';

/** What the engine's own reader says of a text. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('readJsonText', () => {
  it('tells where every value stands', () => {
    const text = '{\n  "a": [1, {"b": null}],\n  "c/d": "x\\"}"\n}';
    const read = readJsonText(text);
    expect(read).toMatchObject({ value: { a: [1, { b: null }], 'c/d': 'x"}' } });
    const places = 'places' in read ? [...read.places] : [];
    expect(places.map(([pointer, offset]) => [pointer, text.slice(offset, offset + 3)])).toEqual([
      ['', '{\n '],
      ['/a', '"a"'],
      ['/a/0', '1, '],
      ['/a/1', '{"b'],
      ['/a/1/b', '"b"'],
      ['/c/d', '"c/'],
    ]);
  });

  it('names numbers that nobody can hold exactly, and names that stand twice', () => {
    const text = '{"a": 9007199254740993, "b": [1e999, 0.1, -9007199254740991, 1.0], "a": {"x": 1, "x": 2}}';
    expect(readJsonText(text)).toMatchObject({ inexact: ['/a', '/b/0'], duplicates: ['/a', '/a/x'] });
  });

  it.each([
    ['', undefined],
    [' \n', undefined],
    ['\uFEFF{}', 1],
    ['{\n"a": }', 2],
    ['{\n"a": [,\n1]}', 2],
    ['{\n"a": 1,\n}', 3],
    ['{"a": 1', 1],
    ['{\n\n"a: 1}', 3],
    ['{"a" 1}', 1],
    ['{a: 1}', 1],
    ["{'a': 1}", 1],
    ['{} {}', 1],
    ['[1\n2]', 2],
    ['{"a": NaN}', 1],
    ['[01]', 1],
    ['[+1]', 1],
    ['["\t"]', 1],
    ['["\\x"]', 1],
    ['[1}', 1],
    [']', 1],
    ['{"a": 1 // why\n}', 1],
    ['{\u00a0}', 1],
    [`${'['.repeat(201)}${']'.repeat(201)}`, undefined],
  ])('says of %j why it is no JSON, and the line', (text, line) => {
    const read = readJsonText(text);
    expect('fault' in read && read.fault).toMatch(/\S/);
    expect('fault' in read && read.line).toBe(line);
  });

  it('agrees with the engine on every way to cut and to change a text by one character', () => {
    const text = '{"a": [1, -2.5e3, true, null, "\\u0041\\n"], "b": {}, "c": [], "d": {"e": "f"}}';
    const cuts = [...text].map((_, index) => text.slice(0, index));
    const changes = [...text].flatMap((_, index) =>
      [...'{}[],:"\\1e-. n\n\v\u00a0\uFEFF'].map(
        (char) => text.slice(0, index) + char + text.slice(index + 1),
      ),
    );
    const without = [...text].map((_, index) => text.slice(0, index) + text.slice(index + 1));
    const all = [text, ...cuts, ...changes, ...without];
    expect(all.filter((each) => 'value' in readJsonText(each) !== isJson(each))).toEqual([]);
  });
});
