import { describe, expect, it } from '@jest/globals';
import { callsOf } from '../../../../src/steps/build/stagger.ts';

const OUTPUT = ['type=oci,dest=/x'];
const CACHE = ['type=gha'];
const none = { output: ['type=cacheonly'], attest: ['type=provenance,disabled=true'] };
const names = ['base', 'runtime', 'a', 'b', 'c', 'd'];

function documentOf(parents: Readonly<Record<string, string>> = {}) {
  const target = Object.fromEntries(
    names.map((name) => [
      name,
      {
        output: OUTPUT,
        'cache-to': CACHE,
        annotations: ['manifest:a=b'],
        ...(parents[name] === undefined ? {} : { contexts: { parent: `target:${parents[name]}` } }),
      },
    ]),
  );
  return { target };
}

describe('the calls of bake', () => {
  it('is one for a small set', () => {
    const document = documentOf({ runtime: 'base' });
    const few = names.slice(0, 5);
    expect(callsOf(document, few)).toEqual([{ document, targets: few, exported: few }]);
  });

  it('export of a large one first what the others stand on, while all are built', () => {
    const [first, second, ...more] = callsOf(
      documentOf({ runtime: 'base', a: 'runtime', b: 'runtime' }),
      names,
    );
    expect(more).toEqual([]);
    expect(first).toMatchObject({ targets: names, exported: ['base', 'runtime'] });
    expect(first?.document.target.base).toMatchObject({ output: OUTPUT, 'cache-to': CACHE });
    expect(first?.document.target.a).toEqual({ contexts: { parent: 'target:runtime' }, ...none });
    expect(second).toMatchObject({ targets: ['a', 'b', 'c', 'd'], exported: ['a', 'b', 'c', 'd'] });
    expect(second?.document.target.base).toEqual(none);
    expect(second?.document.target.a).toMatchObject({ output: OUTPUT, 'cache-to': CACHE });
  });

  it('export one first where none stands on another: their base may be the same', () => {
    expect(callsOf(documentOf(), names).map(({ exported }) => exported)).toEqual([['base'], names.slice(1)]);
  });
});
