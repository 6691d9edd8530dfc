import { describe, expect, it } from '@jest/globals';
import {
  annotation,
  looksLikeCommand,
  workflowCommand,
} from '../../../../src/adapters/runner/annotations.ts';

describe('workflow commands', () => {
  it.each([
    ['a message with a line end', 'a\nb', {}, '::error::a%0Ab'],
    ['a carriage return', 'a\r\nb', {}, '::error::a%0D%0Ab'],
    ['text that is escaped already', '100 %0A', {}, '::error::100 %250A'],
    ['colons in the message', 'a::b', {}, '::error::a::b'],
    [
      'a place',
      'm',
      { file: 'a,b:c.yml', line: 3, title: 'X' },
      '::error file=a%2Cb%3Ac.yml,line=3,title=X::m',
    ],
    ['a place without a line', 'm', { file: 'f' }, '::error file=f::m'],
    [
      'a property that breaks out',
      'm',
      { title: 'x::\n::set-output' },
      '::error title=x%3A%3A%0A%3A%3Aset-output::m',
    ],
  ])('keeps %s as data', (_, message, place, line) => {
    expect(annotation('error', message, place)).toBe(line);
  });

  it('writes a command without a message', () => {
    expect(workflowCommand('endgroup')).toBe('::endgroup::');
  });
});

describe('what the runner would read as a command', () => {
  it.each([
    '::error::x',
    '  ::set-env name=A::b',
    '\u00a0::x',
    '\t::debug::',
    'text ##[error]x',
    '##[group]',
  ])('sees one in %j', (line) => expect(looksLikeCommand(line)).toBe(true));
  it.each(['std::string', 'a ::b', '# [error]', '', 'https://a::b'])('sees none in %j', (line) =>
    expect(looksLikeCommand(line)).toBe(false),
  );
});
