import { describe, expect, it } from '@jest/globals';
import { splitLines } from '../../../../src/adapters/exec/lines.ts';
import { keepTail } from '../../../../src/adapters/exec/tail.ts';

function lines(chunks: readonly (string | Uint8Array)[], limit = 100): string[] {
  const seen: string[] = [];
  const splitter = splitLines((line) => seen.push(line), limit);
  for (const chunk of chunks) splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  splitter.end();
  return seen;
}

const euro = Buffer.from('€');

describe('lines of a stream', () => {
  it.each<[string, (string | Uint8Array)[], string[]]>([
    ['split over chunks', ['a', 'b\nc', 'd\n'], ['ab', 'cd']],
    ['with an unfinished last line', ['a\nb'], ['a', 'b']],
    ['that are empty', ['a\n\nb\n'], ['a', '', 'b']],
    ['with Windows line ends', ['a\r\nb\r\n'], ['a', 'b']],
    ['with a Windows line end split between chunks', ['a\r', '\nb'], ['a', 'b']],
    ['drawn over by a progress bar', ['10%\r20%\r', '30%\n'], ['10%', '20%', '30%']],
    ['with a character split between chunks', [euro.subarray(0, 1), euro.subarray(1), '\n'], ['€']],
    ['of nothing', [], []],
  ])('%s', (_, chunks, expected) => {
    expect(lines(chunks)).toEqual(expected);
  });

  it('cuts a line that is too long and keeps the next one', () => {
    expect(lines(['abcdef', 'ghi\nxy\n'], 4)).toEqual(['abcd…', 'xy']);
  });
});

describe('the tail of a stream', () => {
  it('keeps the last bytes only', () => {
    const tail = keepTail(5);
    for (const chunk of ['abc', 'def', 'gh']) tail.push(Buffer.from(chunk));
    expect(tail.text()).toBe('defgh');
  });

  it('cuts one chunk that is longer than the limit', () => {
    const tail = keepTail(3);
    tail.push(Buffer.from('abcdefgh'));
    expect(tail.text()).toBe('fgh');
  });
});
