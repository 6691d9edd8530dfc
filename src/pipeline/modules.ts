import { dirname, join, relative } from 'node:path';
import type { Facts } from '../model/facts.ts';
import type { Inputs } from '../model/inputs.ts';
import type { PlannedModule } from '../model/module.ts';
import type { Plan } from '../model/plan.ts';
import { isModule, moduleProblems, moduleWarnings } from '../plan/module/problems.ts';
import type { Ports } from '../ports/index.ts';
import { nearestManifest, readModule } from '../steps/survey/run.ts';

/**
 * The plan with its modules judged by the rules of their platform. An issue is a problem of the release where the module is
 * published, or says of itself that it is one; any other manifest.json is another tool's, and is judged for the plan only.
 */
export async function planModules(
  plan: Plan,
  inputs: Pick<Inputs, 'workspace' | 'workingDirectory' | 'publish'>,
  facts: Pick<Facts, 'manifest' | 'modules'>,
  ports: Pick<Ports, 'exec' | 'files' | 'log'>,
): Promise<Plan> {
  const { workspace, publish } = inputs;
  const paths = [facts.manifest, ...(facts.modules?.values() ?? [])].flatMap((each) => each?.path ?? []);
  const modules = await judgeAll([...new Set(paths)], workspace, ports);
  if (modules.length === 0) return pointToManifest(plan, inputs, ports);
  const planned = new Set([facts.manifest?.path, ...plan.images.map(({ manifest }) => manifest)]);
  const published = new Set(
    publish.target.kind === 'hla-compass' ? plan.publish?.map(({ manifest }) => manifest) : [],
  );
  const concerned = modules.filter(
    (module) => published.has(module.manifestPath) || (planned.has(module.manifestPath) && isModule(module)),
  );
  for (const { message, at } of concerned.flatMap(moduleWarnings)) ports.log.warning(message, at);
  return { ...plan, modules, problems: [...plan.problems, ...concerned.flatMap(moduleProblems)] };
}

/** Where a manifest.json is missing, the nearest one is what was meant. */
async function pointToManifest(
  plan: Plan,
  inputs: Pick<Inputs, 'workspace' | 'workingDirectory'>,
  ports: Pick<Ports, 'exec'>,
): Promise<Plan> {
  if (!plan.problems.some(({ code }) => code === 'MANIFEST_NOT_FOUND')) return plan;
  const looked = relative(inputs.workspace, inputs.workingDirectory) || 'the root of the checkout';
  const nearest = await nearestManifest(inputs, ports);
  const hint =
    nearest === undefined
      ? `Looked in ${looked}; git knows no manifest.json in this checkout.`
      : `Looked in ${looked}; the nearest one is in ${nearest}: set \`working-directory: ${nearest}\`.`;
  return {
    ...plan,
    problems: plan.problems.map((each) => (each.code === 'MANIFEST_NOT_FOUND' ? { ...each, hint } : each)),
  };
}

/** The rules are loaded only where there is a module. */
async function judgeAll(
  manifests: readonly string[],
  workspace: string,
  ports: Pick<Ports, 'files'>,
): Promise<readonly PlannedModule[]> {
  if (manifests.length === 0) return [];
  const [{ judgeModule }, { wantedOf }] = await Promise.all([
    import('../plan/module/judge.ts'),
    import('../plan/module/wanted.ts'),
  ]);
  const read = await Promise.all(
    manifests.map((path) =>
      readModule({ workspace, folder: join(workspace, dirname(path)), wanted: wantedOf }, ports),
    ),
  );
  return read.flatMap((facts) => (facts === undefined ? [] : [judgeModule(facts)]));
}
