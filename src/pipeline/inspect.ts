import type { BuiltImage } from '../model/image.ts';
import { type Plan, stepDecision } from '../model/plan.ts';
import type { Ports } from '../ports/index.ts';
import {
  type Inspected,
  inspectImages,
  prepareDatabase,
  type ScanCache,
  writeKnownSboms,
} from '../steps/inspect/run.ts';
import type { Ready } from './preflight.ts';
import { sparedInspection } from './spared-scan.ts';
import type { Start } from './start.ts';

/** Begins to fetch the vulnerability database; undefined when nothing will be scanned. */
export function startDatabase(
  { inputs, databases }: Start,
  plan: Plan,
  ports: Ports,
  spared: Ready['spared'] = new Map(),
): Promise<ScanCache> | undefined {
  if (stepDecision(plan, 'build').do !== 'run') return undefined;
  if (plan.images.every(({ name }) => spared.has(name))) return undefined;
  const { scanners } = inputs.gate;
  const database = prepareDatabase({ ...inputs.tools, scanners, keep: databases }, ports);
  // Who awaits it sees its error; a build that fails first must not turn it into an unhandled one.
  database.catch(() => undefined);
  return database;
}

/** Scans what no proven verdict of an earlier run spares, and puts both together. */
export async function inspect(
  start: Start,
  { trivy, syft, spared = new Map() }: Pick<Ready, 'trivy' | 'syft'> & Partial<Pick<Ready, 'spared'>>,
  images: readonly BuiltImage[],
  database: Promise<ScanCache> | undefined,
  ports: Ports,
): Promise<Inspected> {
  const known = await Promise.all(
    images
      .flatMap((image) => sparedInspection(image, spared) ?? [])
      .map(({ sboms, ...inspection }) => writeKnownSboms(inspection, sboms, start.reports, ports)),
  );
  for (const { image, attested } of known)
    ports.log.info(`${image.planned.name}: the findings are those attested at ${attested?.signedAt ?? ''}.`);
  const open = images.filter((image) => !known.some((each) => each.image === image));
  const [first] = known;
  if (open.length === 0 && first?.attested !== undefined)
    return { inspections: known, scanner: first.attested.scanner };
  const scanned = await scanAll(
    start,
    { trivy, ...(syft === undefined ? {} : { syft }) },
    open,
    database,
    ports,
  );
  const all = [...known, ...scanned.inspections];
  return {
    inspections: images.flatMap((image) => all.find((each) => each.image === image) ?? []),
    scanner: scanned.scanner,
  };
}

async function scanAll(
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
