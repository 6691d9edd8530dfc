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

  it('are two for a large one, of which the first exports only what the others stand on', () => {
    const document = documentOf({ runtime: 'base', a: 'runtime', b: 'runtime' });
    const [first, ...others] = callsOf(document, names);
    expect(others).toEqual([{ document, targets: names, exported: names }]);
    expect(first).toMatchObject({ targets: names, exported: ['base', 'runtime'] });
    const { base, a } = first?.document.target ?? {};
    expect(base).toEqual({ output: OUTPUT, annotations: ['manifest:a=b'] });
    expect(a).toEqual({ contexts: { parent: 'target:runtime' }, ...none });
  });

  it('export one first where none stands on another: their base may be the same', () => {
    expect(callsOf(documentOf(), names).map(({ exported }) => exported)).toEqual([['base'], names]);
  });

  it.each([{ 'no-cache': true }, { 'no-cache-filter': ['build'] }])(
    'are not two where the second would build again: %p',
    (change) => {
      const { target } = documentOf();
      const document = { target: { ...target, base: { ...target.base, ...change } } };
      expect(callsOf(document, names)).toHaveLength(1);
    },
  );
});
