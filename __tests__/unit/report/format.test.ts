import { describe, expect, it } from '@jest/globals';
import { clip, count, formatBytes, formatDuration, oneLine } from '../../../src/report/format.ts';

describe('figures for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [87_400_000, '87.4 MB'],
    [999_960, '1.0 MB'],
    [5e15, '5000.0 TB'],
  ])('%d bytes are %s', (bytes, words) => expect(formatBytes(bytes)).toBe(words));

  it.each([
    [0.4, '0 ms'],
    [850, '850 ms'],
    [999.7, '1.0 s'],
    [6540, '6.5 s'],
    [59_960, '1 min 0 s'],
    [125_400, '2 min 5 s'],
  ])('%d ms are %s', (milliseconds, words) => expect(formatDuration(milliseconds)).toBe(words));

  it.each([
    [1, '1 image'],
    [0, '0 images'],
    [25_000, '25,000 images'],
  ])('%d', (number, words) => expect(count(number, 'image')).toBe(words));
});

describe('long and broken text', () => {
  it('is cut between characters', () => {
    expect(clip('ab😀', 3)).toBe('ab\ufffd … (1 more characters)');
    expect(clip('abc', 3)).toBe('abc');
  });

  it('becomes one line', () => {
    expect(oneLine('a\r\nb\nc\rd\u001b[0m')).toBe('a\\nb\\nc\\nd [0m');
  });
});
