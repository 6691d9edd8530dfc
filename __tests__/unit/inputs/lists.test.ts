import { describe, expect, it } from '@jest/globals';
import { parseLines, parseList } from '../../../src/inputs/lists.ts';

describe('parseList', () => {
  it.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['one item', 'linux/amd64', ['linux/amd64']],
    ['commas', 'linux/amd64, linux/arm64', ['linux/amd64', 'linux/arm64']],
    ['lines', 'a\nb\n', ['a', 'b']],
    ['both, Windows line ends, blank items', 'a,,b\r\n\r\n ,c\r\n', ['a', 'b', 'c']],
    ['a quoted comma', '"a,b",c', ['a,b', 'c']],
    ['a quoted quote', '"say ""hi""",c', ['say "hi"', 'c']],
    ['a quoted line end', '"a\nb",c', ['a\nb', 'c']],
    ['blanks around quotes', '  "a,b"  , c', ['a,b', 'c']],
    ['a quote inside an item', 'a"b,c', ['a"b', 'c']],
    ['text after a closing quote: no quoting', '"a"b,c', ['"a"b', 'c']],
    ['comment lines', '# all of them\na\n  # not b\nc', ['a', 'c']],
    ['a # that opens no line', 'a#1, #2', ['a#1', '#2']],
    ['an empty quoted item', '"",a', ['a']],
  ])('%s', (_, text, items) => {
    expect(parseList(text)).toEqual({ ok: true, items });
  });

  it('says where a quote opens that is never closed', () => {
    expect(parseList('a\nb,"c\nd')).toEqual({
      ok: false,
      fault: 'the quote that opens in line 2 is never closed',
    });
  });
});

describe('parseLines', () => {
  it.each<[string, string, string[]]>([
    ['commas stay', 'A=1,2\nB=x,"y"', ['A=1,2', 'B=x,"y"']],
    ['JSON stays', 'J={"a":"x","b":[1,2]}', ['J={"a":"x","b":[1,2]}']],
    [
      'a value of several lines',
      '"KEY=first\nsecond\n\nfourth"\nB=2',
      ['KEY=first\nsecond\n\nfourth', 'B=2'],
    ],
    ['quotes doubled inside', '"JSON={""a"":""b""}"', ['JSON={"a":"b"}']],
    ['# inside a quoted value', '"KEY=a\n# no comment\nb"', ['KEY=a\n# no comment\nb']],
    ['comments and blank lines', '# note\n\nA=1\n  \n', ['A=1']],
    ['two quoted items on one line are no quoted line', '"a","b"', ['"a","b"']],
  ])('%s', (_, text, items) => {
    expect(parseLines(text)).toEqual({ ok: true, items });
  });
});
