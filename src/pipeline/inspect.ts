import type { BuiltImage } from '../model/image.ts';
import { type Plan, stepDecision } from '../model/plan.ts';
import type { Ports } from '../ports/index.ts';
import { type Inspected, inspectImages, prepareDatabase, type ScanCache } from '../steps/inspect/run.ts';
import type { Ready } from './preflight.ts';
import type { Start } from './start.ts';

/** Begins to fetch the vulnerability database; undefined when nothing will be inspected. */
export function startDatabase(
  { inputs, databases }: Start,
  plan: Plan,
  ports: Ports,
): Promise<ScanCache> | undefined {
  if (stepDecision(plan, 'build').do !== 'run') return undefined;
  const { scanners } = inputs.gate;
  const database = prepareDatabase({ ...inputs.tools, scanners, keep: databases }, ports);
  // Who awaits it sees its error; a build that fails first must not turn it into an unhandled one.
  database.catch(() => undefined);
  return database;
}

export async function inspect(
  { inputs, reports }: Start,
  { trivy, syft }: Pick<Ready, 'trivy' | 'syft'>,
  images: readonly BuiltImage[],
  database: Promise<ScanCache> | undefined,
  ports: Ports,
): Promise<Inspected> {
  const cache = await database;
  if (cache === undefined) throw new TypeError('images to inspect and no scan cache');
  return inspectImages(
    images,
    {
      gate: inputs.gate,
      offline: inputs.tools.offline,
      trivy,
      cache,
      reports,
      ...(syft === undefined ? {} : { syft }),
    },
    ports,
  );
}
