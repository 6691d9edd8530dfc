import { describe, expect, it } from '@jest/globals';
import { digestFromHex, digestOf, hexOf, parseDigest, shortDigest } from '../../../src/model/digest.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('digests', () => {
  it('are sha256 of the bytes', () => {
    expect(digestOf('')).toBe(`sha256:${EMPTY}`);
    expect(digestOf(new Uint8Array([0xe2, 0x82, 0xac]))).toBe(digestOf('€'));
  });

  it.each([
    '',
    EMPTY,
    `sha256:${EMPTY.slice(1)}`,
    `sha256:${EMPTY}0`,
    `sha256:${EMPTY.toUpperCase()}`,
    `SHA256:${EMPTY}`,
    `sha512:${EMPTY}${EMPTY}`,
    `sha256:${EMPTY}\n`,
    `sha256:../${EMPTY.slice(3)}`,
  ])('refuse %j', (text) => {
    expect(parseDigest(text)).toBeUndefined();
  });

  it('go to hex and back', () => {
    const digest = digestFromHex(EMPTY);
    expect(parseDigest(digest)).toBe(digest);
    expect(hexOf(digest)).toBe(EMPTY);
    expect(shortDigest(digest)).toBe('sha256:e3b0c44298fc');
    expect(() => digestFromHex('../../etc/passwd')).toThrow(RangeError);
  });
});
