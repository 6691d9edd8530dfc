import { moduleOfTag } from '../plan/module-tag.ts';
import type { Ports } from '../ports/index.ts';
import { findModule } from '../steps/survey/run.ts';
import type { Start } from './start.ts';

/**
 * The working directory of a release is the folder of the module that its tag names: `parser/v1.2.3` with the prefix of a star
 * and `/v` releases the module parser, from its folder and by its manifest.json.
 */
export async function focus(start: Start, ports: Pick<Ports, 'exec' | 'files'>): Promise<Start> {
  const { inputs, context } = start;
  const named = moduleOfTag(inputs, context);
  if (named === undefined) return start;
  const folder = await findModule(named, inputs, ports);
  return folder === undefined ? start : { ...start, inputs: { ...inputs, workingDirectory: folder } };
}
