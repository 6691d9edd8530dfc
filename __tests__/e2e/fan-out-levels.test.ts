import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONFIG, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { restlessFiles } from './helpers/family.ts';
import { handoffsOf, tagsAt } from './helpers/fan-out-bench.ts';
import { craneManifest } from './helpers/judges.ts';

const BAKE = `
  target "base" { context = "base" }
  target "runtime" {
    context = "runtime"
    contexts = { parent = "target:base" }
  }
`;

let bench: E2eBench;

beforeAll(async () => {
  bench = await e2eBench();
});
afterAll(() => bench.dispose());

const imageOf = ({ outputs }: ActionRun, wanted: string) =>
  JSON.parse(outputs.images ?? '[]').find(({ name }: { name: string }) => name === wanted);

describe('levels: a job that builds on what another job has made', () => {
  it('stands on the very bytes of the handoff; a parent that is built again in between is refused', async () => {
    const { [CONFIG]: _, ...files } = await restlessFiles();
    const repository = bench.checkout({ ...files, 'docker-bake.hcl': BAKE });
    const inputs = { command: 'build', 'bake-file': 'docker-bake.hcl', 'no-cache': 'true' };
    const both = { 'bake-targets': 'base\nruntime' };
    const base = await bench.run(repository, { ...inputs, 'bake-targets': 'base' });
    expect({ ...base.outputs, log: base.log }).toMatchObject({ status: 'built' });

    const runtime = await bench.run(repository, { ...inputs, ...both, handoff: handoffsOf([base]) });
    expect({ ...runtime.outputs, log: runtime.log }).toMatchObject({ status: 'built' });
    expect(imageOf(runtime, 'base').digest).toBe(imageOf(base, 'base').digest);
    const [below, above] = await Promise.all(
      ['base', 'runtime'].map((name) => craneManifest(imageOf(runtime, name).ref)),
    );
    expect(above?.layers.slice(0, below?.layers.length)).toEqual(below?.layers);
    expect(below?.layers.length).toBeGreaterThan(1);

    const again = await bench.run(
      repository,
      { ...inputs, 'bake-targets': 'base' },
      { env: { GITHUB_RUN_ATTEMPT: '2' } },
    );
    expect(imageOf(again, 'base').digest).not.toBe(imageOf(base, 'base').digest);
    const release = { 'bake-file': 'docker-bake.hcl', ...both };
    const refused = await bench.run(repository, { ...release, handoff: handoffsOf([again, runtime]) });
    expect({ ...refused.outputs, log: refused.log }).toMatchObject({ 'error-code': 'DIGEST_MISMATCH' });
    expect(refused.log).toContain('base was built again in between');
    expect(tagsAt(bench)).toEqual([]);

    const released = await bench.run(repository, { ...release, handoff: handoffsOf([base, runtime]) });
    expect({ ...released.outputs, log: released.log }).toMatchObject({
      status: 'released',
      digests: runtime.outputs.digests,
    });
  });
});
