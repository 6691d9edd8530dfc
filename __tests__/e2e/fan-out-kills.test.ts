import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { fanOutFiles, handoffsOf, NAMES, runShards, tagsAt } from './helpers/fan-out-bench.ts';
import { atLine, atRequest, type Interruption } from './helpers/interrupt.ts';

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

const PUT_MANIFEST = { method: 'PUT', path: /\/manifests\/sha256:/ };
const PUT_TAG = { method: 'PUT', path: /\/manifests\/(?!sha256:)/ };

describe('a release from handoffs that was killed is finished by the next one:', () => {
  const killed = (when: { method: string; path: RegExp }, skip: number) =>
    atRequest(bench.registry, when, { skip, signal: 'SIGKILL' });
  const points: Readonly<Record<string, { readonly at: () => Interruption; readonly tags: number }>> = {
    'while it assembles': { at: () => atLine(/^Taking over from/, 'SIGKILL'), tags: 0 },
    'before its second index': { at: () => killed(PUT_MANIFEST, 1), tags: 0 },
    'after the push, before tags': { at: () => killed(PUT_TAG, 0), tags: 0 },
    'between two tags': { at: () => killed(PUT_TAG, 2), tags: 2 },
  };

  it.each(Object.entries(points))('%s', async (_, { at, tags }) => {
    const repository = bench.checkout(fanOutFiles());
    const handoff = handoffsOf(await runShards(bench.run, repository));
    const { onLine, undo } = at();
    const cut = await bench.run(repository, { handoff }, { onLine, withoutPost: true });
    undo();
    expect({ signal: cut.signal, log: cut.log }).toMatchObject({ signal: 'SIGKILL' });
    expect(tagsAt(bench)).toHaveLength(tags);
    const next = await bench.run(repository, { handoff });
    expect({ ...next.outputs, log: next.log }).toMatchObject({ status: 'released', 'error-code': '' });
    expect(tagsAt(bench)).toEqual(expect.arrayContaining(NAMES.map((name) => `acme/${name}:1.2.3`)));
    const after = await bench.run(repository, { handoff });
    expect(after.outputs).toMatchObject({ status: 'unchanged', digests: next.outputs.digests });
  });
});
