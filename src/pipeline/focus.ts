import type { Inputs } from '../model/inputs.ts';
import { isBuiltHere, takesGeneratedFile } from '../plan/bake-document.ts';
import { moduleSet, modulesImage } from '../plan/module-set.ts';
import type { Ports } from '../ports/index.ts';
import { findModules, hasOwnBuild, type Modules, surveyModules } from '../steps/survey/run.ts';
import type { Start } from './start.ts';

/**
 * Where tags name a module (`parser/v1.2.3`, with a star in `tag-prefix`) and nothing else says what to build, every folder
 * with a module's manifest.json is an image of the set.
 */
export async function focus(start: Start, ports: Pick<Ports, 'exec' | 'files'>): Promise<Start> {
  const { inputs } = start;
  const image = modulesImage(inputs);
  if (image === undefined || (await hasOwnBuild(inputs.workingDirectory, ports))) return start;
  const modules = await findModules(inputs, ports);
  return modules.length === 0 ? start : { ...start, inputs: moduleSet(inputs, image, modules) };
}

/** What is known of the images that are modules, before anything else is asked. */
export function modulesOf(inputs: Inputs, ports: Pick<Ports, 'files'>): Promise<Modules> {
  return surveyModules(inputs, { isLocal: isBuiltHere, takesDockerfile: takesGeneratedFile }, ports);
}
