import { describe, expect, it } from '@jest/globals';
import type { Facts } from '../../../src/model/facts.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { planModules } from '../../../src/pipeline/modules.ts';
import { anInputs, somePublishInputs } from '../../helpers/a-context.ts';
import { aPlan, aPlannedImage } from '../../helpers/a-release.ts';
import { fakeExec } from '../../helpers/fake-exec.ts';
import { fakeLog } from '../../helpers/fake-log.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';
import { aManifest, moduleFiles } from '../../helpers/module/module-files.ts';

const WRONG = { ...aManifest(), type: 'ui' };
const OTHER = { name: 'shop', short_name: 'Shop' };

/** A checkout with these modules, by their folder. */
function checkout(modules: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
  const files = Object.entries(modules).flatMap(([folder, manifest]) =>
    Object.entries(moduleFiles({ ...manifest })).map(([path, content]) => [
      `/work/repo/${folder}/${path}`,
      content ?? '',
    ]),
  );
  return { files: memoryFiles(Object.fromEntries(files)), exec: fakeExec(), log: fakeLog() };
}

const at = (folder: string) => ({ path: `${folder}/manifest.json` });
const released = (...folders: readonly string[]) =>
  aPlan({ images: folders.map((name) => aPlannedImage(name, { manifest: `${name}/manifest.json` })) });

async function judged(
  ports: ReturnType<typeof checkout>,
  facts: Pick<Facts, 'manifest' | 'modules'>,
  plan: Plan = aPlan(),
  publish = somePublishInputs(),
) {
  const made = await planModules(plan, anInputs({ publish }), facts, ports);
  return { ...made, codes: made.problems.map(({ code, at: place }) => `${code} ${place?.file}`) };
}

describe('the modules of a plan', () => {
  it('are none without a manifest.json', async () => {
    expect((await judged(checkout({}), {})).modules).toBeUndefined();
  });

  it('stand in the way when they are released and wrong', async () => {
    const ports = checkout({ a: WRONG, b: aManifest() });
    const facts = {
      modules: new Map([
        ['a', at('a')],
        ['b', at('b')],
      ]),
    };
    const made = await judged(ports, facts, released('a', 'b'));
    expect(made.modules?.map(({ path }) => path)).toEqual(['a', 'b']);
    expect(made.codes).toEqual(['MANIFEST_INVALID a/manifest.json']);
  });

  it('do not when this release leaves them as they are', async () => {
    const ports = checkout({ a: WRONG, b: aManifest() });
    const facts = {
      modules: new Map([
        ['a', at('a')],
        ['b', at('b')],
      ]),
    };
    const made = await judged(ports, facts, released('b'));
    expect(made.modules).toHaveLength(2);
    expect(made.codes).toEqual([]);
  });

  it("do not when the manifest.json is another tool's, unless it is published to the platform", async () => {
    const facts = { manifest: at('a') };
    expect((await judged(checkout({ a: OTHER }), facts)).codes).toEqual([]);
    const plan = aPlan({ publish: [{ image: 'base', manifest: 'a/manifest.json' }] });
    expect((await judged(checkout({ a: OTHER }), facts, plan)).codes).not.toEqual([]);
    const hook = somePublishInputs({ target: { kind: 'webhook', url: 'https://example.com' } });
    expect((await judged(checkout({ a: OTHER }), facts, plan, hook)).codes).toEqual([]);
  });

  it('warn of what only the later generation refuses', async () => {
    const ports = checkout({ a: { ...aManifest(), computeType: 'docker' } });
    const made = await judged(ports, { manifest: at('a') });
    expect(made.codes).toEqual([]);
    expect(ports.log.lines).toEqual([
      'warning: Generation 6 of the platform will not take this module (compute_type.legacy_alias): The compute type docker is an old name of fargate.',
    ]);
  });

  it('tell at most 50 problems of one module', async () => {
    const ports = checkout({ a: aManifest() });
    await ports.files.write('/work/repo/a/backend/requirements.txt', 'numpy\n'.repeat(80));
    const { problems } = await judged(ports, { manifest: at('a') });
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)?.message).toBe('a/manifest.json has 30 more issues, which the output `plan` has');
  });
});
