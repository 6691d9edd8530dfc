import { describe, expect, it } from '@jest/globals';
import { unpackSnappy } from '../../../../src/adapters/github/snappy.ts';
import { snappyCompress } from '../../../helpers/github-store/snappy.ts';

const unpack = (bytes: readonly number[], limit = 1000) => {
  const out = unpackSnappy(Uint8Array.from(bytes), limit);
  return out === undefined ? undefined : Buffer.from(out).toString();
};

/** By hand from https://github.com/google/snappy/blob/main/format_description.txt */
const A = 0x61;
const LITERAL_A = [0 << 2, A];

describe('Snappy', () => {
  it.each<[string, number[], string]>([
    ['nothing', [0], ''],
    ['a literal', [3, 2 << 2, A, A + 1, A + 2], 'abc'],
    ['a literal whose length follows in one byte', [2, 60 << 2, 1, A, A], 'aa'],
    ['a copy with an offset in eleven bits, over itself', [6, ...LITERAL_A, (1 << 2) | 1, 1], 'aaaaaa'],
    ['a copy with an offset in two bytes', [3, ...LITERAL_A, (1 << 2) | 2, 1, 0], 'aaa'],
    ['a copy with an offset in four bytes', [2, ...LITERAL_A, 3, 1, 0, 0, 0], 'aa'],
  ])('reads %s', (_, bytes, text) => {
    expect(unpack(bytes)).toBe(text);
  });

  it('reads what an encoder made of a large text', () => {
    const text = Array.from({ length: 5000 }, (_, each) => `line ${each % 97} of a bundle`).join('\n');
    expect(Buffer.from(unpackSnappy(snappyCompress(Buffer.from(text)), 1e6) ?? []).toString()).toBe(text);
  });

  it.each<[string, number[]]>([
    ['no length', []],
    ['a length without end', [255, 255, 255, 255, 255, 255]],
    ['more than it promised', [1, 2 << 2, A, A, A]],
    ['less than it promised', [9, ...LITERAL_A]],
    ['a literal that is cut off', [9, 8 << 2, A]],
    ['a copy from before its start', [5, ...LITERAL_A, 1, 2]],
    ['a copy from nowhere', [5, ...LITERAL_A, 1, 0]],
    ['more than the limit', [0xe9, 7, ...LITERAL_A]],
  ])('refuses %s', (_, bytes) => {
    expect(unpack(bytes)).toBeUndefined();
  });

  it('makes no room for what is over the limit', () => {
    expect(unpackSnappy(Uint8Array.from([255, 255, 255, 255, 15]), 1e9)).toBeUndefined();
  });
});
