import { describe, expect, it } from '@jest/globals';
import { bakeText } from '../../../src/model/build.ts';

describe('text in a JSON bake file', () => {
  it.each([
    ['plain', 'plain'],
    ['100% of $5', '100% of $5'],
    ['${HOME}', '${"$"}{HOME}'],
    ['$${HOME}', '${"$"}${"$"}{HOME}'],
    ['%{if true}', '${"%"}{if true}'],
    ['%${', '${"%"}${"$"}{'],
    ['a${b}%{c}', 'a${"$"}{b}${"%"}{c}'],
  ])('%s is written %s, so that bake evaluates nothing of it', (text, written) => {
    expect(bakeText(text)).toBe(written);
  });
});
