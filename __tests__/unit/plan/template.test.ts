import { describe, expect, it } from '@jest/globals';
import { type Helpers, renderTemplate } from '../../../src/plan/template.ts';

const helpers: Helpers = {
  sha: () => '0123456',
  show: (argument, options) => JSON.stringify([argument, options]),
  broken: () => ({ fault: 'it is broken' }),
};

describe('templates', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['{{sha}}', '0123456'],
    ['a-{{ sha }}-{{{sha}}}-b', 'a-0123456-0123456-b'],
    ["{{show 'YYYY MM' tz='Asia/Tokyo'}}", '["YYYY MM",{"tz":"Asia/Tokyo"}]'],
    ['{{show "a\'b" x="1"}}', '["a\'b",{"x":"1"}]'],
    ['{{show word}}', '["word",{}]'],
    ['{{show}}', '[null,{}]'],
    ['{sha} {{', '{sha} {{'],
    ['${{ sha }}', '$0123456'],
  ])('%s becomes %s', (text, rendered) => {
    expect(renderTemplate(text, helpers)).toBe(rendered);
  });

  it.each([
    '{{nope}}',
    '{{toString}}',
    '{{constructor}}',
    '{{__proto__}}',
    '{{}}',
    '{{#if sha}}',
    "{{show 'a}}",
    '{{sha.x}}',
  ])('%s is a fault, or stays where templates of others may stand', (text) => {
    const fault = renderTemplate(text, helpers);
    expect(fault).toEqual({
      fault: expect.stringContaining(`unknown expression ${text}; known are {{sha}}`),
    });
    expect(renderTemplate(text, helpers, 'keep')).toBe(text);
  });

  it('tells the fault of a helper', () => {
    expect(renderTemplate('{{sha}}{{broken}}', helpers)).toEqual({ fault: 'it is broken' });
    expect(renderTemplate('{{sha}}{{broken}}', helpers, 'keep')).toEqual({ fault: 'it is broken' });
  });
});
