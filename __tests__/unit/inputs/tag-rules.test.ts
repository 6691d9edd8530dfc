import { describe, expect, it } from '@jest/globals';
import { parseAnnotation, parseTagRule } from '../../../src/inputs/tag-rules.ts';

describe('parseTagRule', () => {
  it.each([
    ['type=sha', 'sha', {}],
    ['type=sha,prefix=main-,format=long', 'sha', { prefix: 'main-', format: 'long' }],
    [
      'type=raw,value=latest,enable={{is_default_branch}}',
      'raw',
      { value: 'latest', enable: '{{is_default_branch}}' },
    ],
    ['edge', 'raw', { value: 'edge' }],
    ['type=raw,edge', 'raw', { value: 'edge' }],
    ['value=x,type=raw', 'raw', { value: 'x' }],
    [
      'type=semver,pattern={{major}}.{{minor}},value=v1.2.3',
      'semver',
      { pattern: '{{major}}.{{minor}}', value: 'v1.2.3' },
    ],
    ['type=pep440,pattern={{version}},match=\\d+', 'pep440', { pattern: '{{version}}', match: '\\d+' }],
    ['type=match,"pattern=v(\\d{1,3})",group=1', 'match', { pattern: 'v(\\d{1,3})', group: '1' }],
    ['type=match,pattern=a=b', 'match', { pattern: 'a=b' }],
    ["type=schedule,pattern={{date 'YYYYMMDD'}}", 'schedule', { pattern: "{{date 'YYYYMMDD'}}" }],
    ['type=ref,event=pr,prefix=', 'ref', { event: 'pr', prefix: '' }],
    [
      'type=edge,branch=main,priority=900,suffix=-x',
      'edge',
      { branch: 'main', priority: '900', suffix: '-x' },
    ],
    ['TYPE=sha, Format = short', 'sha', { format: 'short' }],
    ['type=raw,value=x,enable=false', 'raw', { value: 'x', enable: 'false' }],
  ])('%s', (raw, type, attributes) => {
    expect(parseTagRule(raw)).toEqual({ value: { type, attributes, raw } });
  });

  it.each([
    ['type=semvar,pattern=x', 'there is no type "semvar" (did you mean semver?)'],
    [
      'type=zzzzzzz',
      'there is no type "zzzzzzz" (known: schedule, semver, pep440, match, edge, ref, raw, sha)',
    ],
    [
      'type=__proto__',
      'there is no type "__proto__" (known: schedule, semver, pep440, match, edge, ref, raw, sha)',
    ],
    ['type=sha,fromat=long', 'type=sha has no attribute "fromat" (did you mean format?)'],
    [
      'type=sha,pattern=x',
      'type=sha has no attribute "pattern" (known: enable, priority, prefix, suffix, format)',
    ],
    [
      'type=sha,__proto__=x',
      'type=sha has no attribute "__proto__" (known: enable, priority, prefix, suffix, format)',
    ],
    ['type=semver', 'type=semver needs pattern=…'],
    ['type=ref', 'type=ref needs event=…'],
    ['type=raw', 'type=raw needs value=…'],
    ['type=ref,event=push', 'event="push" is not one of branch, tag, pr'],
    ['type=sha,format=medium', 'format="medium" is not one of short, long'],
    ['type=raw,value=x,enable=yes', 'enable="yes" is not true, false or a template'],
    ['type=raw,value=x,enable=', 'enable="" is not true, false or a template'],
    ['type=match,pattern=x,group=one', 'group="one" is not the number of a group'],
    ['type=raw,value=x,priority=high', 'priority="high" is not a number'],
    ['type=match,"pattern=x', 'the quote that opens in line 1 is never closed'],
  ])('%s is refused', (raw, fault) => {
    expect(parseTagRule(raw)).toEqual({ fault: `a tag rule: ${fault}` });
  });
});

describe('parseAnnotation', () => {
  it.each([
    ['a.b=c', ['index', 'manifest'], 'a.b', 'c'],
    ['index:a=b=c', ['index'], 'a', 'b=c'],
    ['manifest:a=', ['manifest'], 'a', ''],
    ['index,manifest:a=b', ['index', 'manifest'], 'a', 'b'],
    ['manifest,index:a=b', ['index', 'manifest'], 'a', 'b'],
    ['a=index:b', ['index', 'manifest'], 'a', 'index:b'],
    ['a=two\nlines', ['index', 'manifest'], 'a', 'two\nlines'],
  ])('%j', (text, levels, key, value) => {
    expect(parseAnnotation(text)).toEqual({ value: { levels, key, value } });
  });

  it.each([
    ['no-value', 'an annotation of the form key=value'],
    ['=value', 'an annotation of the form key=value'],
    ['two words=x', 'an annotation of the form key=value'],
    ['__proto__=x', 'an annotation of the form key=value'],
    ['manifest-descriptor:a=b', 'an annotation with the level index:, manifest: or index,manifest:'],
    ['manifest[linux/amd64]:a=b', 'an annotation with the level index:, manifest: or index,manifest:'],
    ['index,index:a=b', 'an annotation with the level index:, manifest: or index,manifest:'],
    ['a=\0', 'text without null bytes'],
  ])('%j is refused', (text, fault) => {
    expect(parseAnnotation(text)).toEqual({ fault });
  });
});
