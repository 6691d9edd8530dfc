import { describe, expect, it } from '@jest/globals';
import { parsePep440 } from '../../../src/plan/pep440.ts';

describe('versions by PEP 440', () => {
  it.each<[string, string, boolean]>([
    ['1.2.3', '1.2.3', true],
    ['v1.2.3', '1.2.3', true],
    ['1.2.3rc2', '1.2.3rc2', false],
    ['1.2.3-RC.2', '1.2.3rc2', false],
    ['1.2.3beta2', '1.2.3b2', false],
    ['1.2.3-alpha', '1.2.3a0', false],
    ['1.2.3c1', '1.2.3rc1', false],
    ['1.2.3preview4', '1.2.3rc4', false],
    ['1.2.3post1', '1.2.3.post1', false],
    ['1.2.3-1', '1.2.3.post1', false],
    ['1.2.3.rev4', '1.2.3.post4', false],
    ['1.0dev4', '1.0.dev4', false],
    ['1.0a1.post2.dev3', '1.0a1.post2.dev3', false],
    ['2!1.0', '2!1.0', true],
    ['0!1.0', '1.0', true],
    ['1.0+Ubuntu-1_2', '1.0+ubuntu.1.2', true],
    ['01.02', '1.2', true],
    ['7', '7', true],
  ])('%s is %s', (text, normal, isFinal) => {
    expect(parsePep440(text)).toMatchObject({ normal, isFinal });
  });

  it('fills missing parts with zero', () => {
    expect(parsePep440('3')).toMatchObject({ major: '3', minor: '0', patch: '0' });
    expect(parsePep440('3.4.5.6')).toMatchObject({ major: '3', minor: '4', patch: '5' });
  });

  it.each(['', 'x', '1.2.x', '1.2.3-foo', '1..2', '1.2.3+', `1.${'2'.repeat(300)}`])('%j is none', (text) => {
    expect(parsePep440(text)).toBeUndefined();
  });
});
