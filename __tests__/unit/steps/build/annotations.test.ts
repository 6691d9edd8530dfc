import { describe, expect, it } from '@jest/globals';
import { annotationsOf } from '../../../../src/steps/build/annotations.ts';

const planned = {
  annotations: { index: { a: '1' }, manifest: { b: '2' } },
  planHash: 'sha256:hash',
};
const HASH = 'io.github.module-release.plan-hash=sha256:hash';
const REVISION = 'org.opencontainers.image.revision';

describe('annotations', () => {
  it('go on the index with the hash, and on every manifest, where there is an index', () => {
    expect(annotationsOf(planned, [], true)).toEqual(['index:a=1', `index:${HASH}`, 'manifest:b=2']);
  });

  it('go on the manifest alone where there is none', () => {
    expect(annotationsOf(planned, [], false)).toEqual(['manifest:b=2', `manifest:${HASH}`]);
  });

  it('need no hash', () => {
    expect(annotationsOf({ annotations: planned.annotations }, [], false)).toEqual(['manifest:b=2']);
  });

  it.each<[string, string, boolean, string[]]>([
    ['without a level', 'k=v=w', true, ['manifest:k=v=w']],
    ['with two levels', 'index,manifest:k=v', true, ['index,manifest:k=v']],
    ['with two levels and no index', 'index,manifest:k=v', false, ['manifest:k=v']],
    ['for the index alone, where there is none', 'index:k=v', false, []],
    ['for the index of a platform', 'index[linux/amd64]:k=v', false, []],
    ['for descriptors', 'manifest-descriptor:k=v', false, ['manifest-descriptor:k=v']],
    ['with a colon in the key', 'example.com:k=v', false, ['manifest:example.com:k=v']],
    ['with nothing', 'manifest:k', false, ['manifest:k=']],
  ])('of a bake file stay: %s', (_, text, isIndex, expected) => {
    const empty = { annotations: { index: {}, manifest: {} } };
    expect(annotationsOf(empty, [text], isIndex)).toEqual(expected);
  });

  it('of a bake file win, at their level, but never over what a re-run knows its images by', () => {
    const ours = {
      annotations: { index: { a: 'ours' }, manifest: { a: 'ours', [REVISION]: 'r' } },
      planHash: 'h',
    };
    const file = [
      'manifest:a=theirs',
      `manifest:${REVISION}=forged`,
      'index:io.github.module-release.plan-hash=x',
    ];
    expect(annotationsOf(ours, file, true)).toEqual([
      'index:a=ours',
      'index:io.github.module-release.plan-hash=h',
      `manifest:${REVISION}=r`,
      'manifest:a=theirs',
    ]);
  });
});
