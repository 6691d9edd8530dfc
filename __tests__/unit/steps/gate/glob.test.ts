import { describe, expect, it } from '@jest/globals';
import { isGlob, matchesGlob } from '../../../../src/steps/gate/glob.ts';

describe('matchesGlob', () => {
  it.each([
    ['usr/lib/x.so', 'usr/lib/x.so', true],
    ['/usr/lib/x.so', 'usr/lib/x.so', true],
    ['usr/lib/x.so', '/usr/lib/x.so', true],
    ['./usr/lib/x.so', 'usr/lib/x.so', true],
    ['usr/lib', 'usr/lib/x.so', false],
    ['usr/*/x.so', 'usr/lib/x.so', true],
    ['usr/*', 'usr/lib/x.so', false],
    ['*', 'usr/lib', false],
    ['*.so', 'usr/x.so', false],
    ['usr/**', 'usr/lib/deep/x.so', true],
    ['usr/**', 'usr', true],
    ['usr/**', 'usrlocal/x', false],
    ['usr/**/x.so', 'usr/x.so', true],
    ['usr/**/x.so', 'usr/a/b/x.so', true],
    ['usr/**/x.so', 'usr/a/yx.so', false],
    ['**/x.so', 'x.so', true],
    ['**', 'a/b/c', true],
    ['a**c', 'a/b/c', false],
    ['a**c', 'abc', true],
    ['x.so', 'xyso', false],
    ['x?so', 'x.so', true],
    ['x?so', 'x/so', false],
    ['lib{a,b}.so', 'libb.so', true],
    ['lib{a,b}.so', 'libc.so', false],
    ['{usr,opt}/**', 'opt/x', true],
    ['a,b', 'a,b', true],
    ['lib[a-c].so', 'libb.so', true],
    ['lib[!a-c].so', 'libb.so', false],
    ['lib[^a-c].so', 'libz.so', true],
    ['(a|b)+$', '(a|b)+$', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\db', 'adb', true],
    ['a\\db', 'a1b', false],
    ['alpine *', 'alpine 3.19.1', true],
    ['näh/*', 'näh/ü', true],
  ])('%s on %s: %s', (glob, path, expected) => {
    expect(matchesGlob(glob, path)).toBe(expected);
  });
});

describe('isGlob', () => {
  it.each([
    ['usr/**', true],
    ['{a,b}', true],
    ['', false],
    ['{a,b', false],
    ['[z-a]', false],
    ['a}', true],
  ])('%s: %s', (glob, expected) => {
    expect(isGlob(glob)).toBe(expected);
  });
});
