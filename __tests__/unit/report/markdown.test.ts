import { describe, expect, it } from '@jest/globals';
import { code, fold, link, section, table, text } from '../../../src/report/markdown.ts';

const HOSTILE = [
  'a | b',
  'a\n| b |\n',
  '`x` `` ` ``',
  '<img src=x onerror=alert(1)>',
  '</details></td>',
  '[a](https://example.com)',
  '![a](https://example.com/a.png)',
  '**bold** __bold__ _em_ ~~gone~~',
  '# heading',
  '\\| \\`',
  '@octocat $x^2$ :rocket:',
  '&lt; &#124;',
  '::error::x %0A',
  'a\u202egnp.exe',
];

describe('foreign text', () => {
  it.each(HOSTILE)('is no Markdown, no HTML and no end of a cell: %j', (foreign) => {
    for (const cell of [text(foreign), code(foreign).replace(/^(<code>|`)|(<\/code>|`)$/g, '')]) {
      expect(cell.replace(/&#\d+;/g, '')).not.toMatch(
        /[<>`|\\*[\]~$&\n\u202e]|@octocat|(?<!\w)_|_(?!\w)|:rocket:/,
      );
    }
  });

  it.each(HOSTILE)('reads as it was: %j', (foreign) => {
    const shown = text(foreign).replace(/&#(\d+);/g, (_, point) => String.fromCodePoint(Number(point)));
    expect(shown).toBe(foreign.replace(/\s*\n\s*/g, ' ').replace('\u202e', ''));
  });

  it.each([
    ['ghcr.io/acme/my_image:1.2.3', '`ghcr.io/acme/my_image:1.2.3`'],
    ['2026-11-20T06:00:00Z', '`2026-11-20T06:00:00Z`'],
    ['repo@sha256:abc', '`repo@sha256:abc`'],
    ['', ''],
    ['a`b', '<code>a&#96;b</code>'],
  ])('in a monospaced font stays readable where it can: %j', (foreign, expected) => {
    expect(code(foreign)).toBe(expected);
  });

  it('is cut when it is very long, and says so', () => {
    expect(text('x'.repeat(10_000))).toMatch(/^x{300} … \(9700 more characters\)$/);
  });
});

describe('a link', () => {
  it.each([
    ['https://avd.aquasec.com/nvd/cve-2024-0001', '[CVE-1](https://avd.aquasec.com/nvd/cve-2024-0001)'],
    ['https://example.com/a)b|c<d>', '[CVE-1](https://example.com/a%29b%7Cc%3Cd%3E)'],
    ['http://example.com', 'CVE-1'],
    ['javascript:alert(1)', 'CVE-1'],
    ['https://user:pw@example.com', 'CVE-1'],
    ['no address', 'CVE-1'],
    [undefined, 'CVE-1'],
  ])('to %j', (address, expected) => {
    expect(link('CVE-1', address)).toBe(expected);
  });
});

describe('a table', () => {
  const rows = Array.from({ length: 10 }, (_, i) => [`é${i}`, 'x']);

  it('has all rows when they fit', () => {
    const lines = table({ head: ['A', 'B'], rows }, 1000, 'see there.').split('\n');
    expect(lines.slice(0, 3)).toEqual(['| A | B |', '| --- | --- |', '| é0 | x |']);
    expect(lines).toHaveLength(13);
  });

  it('says how many rows were left out, counting bytes', () => {
    const size = Buffer.byteLength('| é0 | x |\n');
    const cut = table({ head: ['A', 'B'], rows }, size * 4 + 1, 'the rest is in release.json.');
    expect(cut).toContain('| é3 | x |');
    expect(cut).not.toContain('| é4 | x |');
    expect(cut).toContain('Only the first 4 of 10 rows are shown here; the rest is in release.json.');
  });

  it('is nothing without rows, and so are its fold and its section', () => {
    const empty = table({ head: ['A'], rows: [] }, 100, '');
    expect([empty, fold('T', empty), section('T', empty)]).toEqual(['', '', '']);
  });
});
