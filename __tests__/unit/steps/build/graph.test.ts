import { describe, expect, it } from '@jest/globals';
import { graphOf, standsOn, withParents } from '../../../../src/steps/build/graph.ts';

const graph = graphOf({
  target: {
    base: {},
    runtime: { contexts: { base: 'target:base', files: '../files', gone: 'target:elsewhere' } },
    app: { contexts: { runtime: 'target:runtime', again: 'target:base' } },
    lone: { contexts: { image: 'docker-image://alpine' } },
    self: { contexts: { me: 'target:self' } },
  },
});

describe('the graph of a bake file', () => {
  it('has an edge for each context that is a target of it', () => {
    expect(Object.fromEntries(graph)).toEqual({
      base: [],
      runtime: ['base'],
      app: ['runtime', 'base'],
      lone: [],
      self: ['self'],
    });
  });

  it('tells what a target is built on, at any distance', () => {
    expect([...withParents(graph, ['app'])]).toEqual(['app', 'runtime', 'base']);
    expect([...withParents(graph, ['lone', 'base'])]).toEqual(['lone', 'base']);
    expect(standsOn(graph, 'app', new Set(['base', 'lone']))).toBe('base');
    expect(standsOn(graph, 'base', new Set(['base', 'app']))).toBeUndefined();
  });
});
