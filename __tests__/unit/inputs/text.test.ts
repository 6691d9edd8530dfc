import { describe, expect, it } from '@jest/globals';
import { editDistance, nearest, show } from '../../../src/inputs/text.ts';

describe('show', () => {
  it.each([
    ['HIHG', '"HIHG"'],
    ['', '""'],
    ['a\nb\r\tc\0', '"a\\nb\\r\\tc\\0"'],
    ['\u001b[31mred', '"\\u001b[31mred"'],
    ['safe\u202egnp.exe', '"safe\\u202egnp.exe"'],
    ['half \ud83d of a pair', '"half \\ud83d of a pair"'],
    ['::error::x', '"::error::x"'],
    [3, '3'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'nothing'],
    [['a'], 'a list'],
    [{ a: 1 }, 'a map'],
  ])('%j is shown as %s', (value, shown) => {
    expect(show(value)).toBe(shown);
  });

  it('shows 80 characters of a long value, and how long it is', () => {
    expect(show('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`);
    expect(show('x'.repeat(81))).toBe(`"${'x'.repeat(79)}…" (81 characters)`);
    expect(show('x'.repeat(10_240))).toBe(`"${'x'.repeat(79)}…" (10240 characters)`);
  });

  it('does not cut a character in half', () => {
    expect(show('😀'.repeat(100))).toBe(`"${'😀'.repeat(79)}…" (200 characters)`);
  });
});

describe('nearest', () => {
  const names = ['severity', 'registry', 'registry-auth', 'tags', 'sbom'];
  it.each([
    ['severitty', 'severity'],
    ['Severity', 'severity'],
    ['regsitry', 'registry'],
    ['registry_auth', 'registry-auth'],
    ['tag', 'tags'],
    ['sbmo', 'sbom'],
    ['completely-different', undefined],
    ['', undefined],
    ['s'.repeat(10_000), undefined],
  ])('%s → %s', (word, expected) => {
    expect(nearest(word, names)).toBe(expected);
  });
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['HIHG', 'HIGH', 1],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['ca', 'abc', 3],
  ])('%s → %s is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});
