import { describe, expect, it } from '@jest/globals';
import * as yaml from 'yaml';
import { yamlReader } from '../../../src/inputs/yaml.ts';

const read = yamlReader(yaml);

describe('yamlReader', () => {
  it('gives data and the line of each key', () => {
    const parsed = read('# top\nregistry: ghcr.io\ngate:\n  severity:\n    - HIGH\n  "sbom": none\n');
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parsed.value).toEqual({ registry: 'ghcr.io', gate: { severity: ['HIGH'], sbom: 'none' } });
    const lines = [
      ['registry'],
      ['gate'],
      ['gate', 'severity'],
      ['gate', 'sbom'],
      ['gate', 'none'],
      ['none'],
      [],
    ];
    expect(lines.map(parsed.lineOf)).toEqual([2, 3, 4, 6, 3, undefined, undefined]);
  });

  it('reads words as YAML 1.2 does: no and on are text', () => {
    expect(read('a: no\nb: on\nc: True\nd: 1_000')).toMatchObject({
      value: { a: 'no', b: 'on', c: true, d: '1_000' },
    });
  });

  it.each([
    ['a mapping that is none', 'a: b: c', 1],
    ['a key twice', 'a: 1\nb: 2\na: 3', 3],
    ['an open quote', 'a: 1\nb: "x', 2],
    ['a second document', 'a: 1\n---\nb: 2', 2],
  ])('tells the line of %s', (_, text, line) => {
    expect(read(text)).toMatchObject({ ok: false, line });
  });

  it('does not blow up on an alias bomb or deep nesting', () => {
    const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
    for (let i = 1; i < 10; i += 1)
      bomb.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(',')}]`,
      );
    expect(read(bomb.join('\n')).ok).toBe(false);
    expect(read('['.repeat(20_000)).ok).toBe(false);
  });

  it('keeps a hostile key a key', () => {
    const parsed = read('__proto__: {polluted: true}');
    expect(parsed).toMatchObject({ ok: true });
    expect(Object.entries(parsed.ok ? Object(parsed.value) : {})).toEqual([
      ['__proto__', { polluted: true }],
    ]);
    expect(Object.hasOwn({}, 'polluted')).toBe(false);
  });
});
