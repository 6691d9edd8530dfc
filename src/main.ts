import { parseContext } from './adapters/runner/context.ts';
import { createLog } from './adapters/runner/log.ts';
import { createMasks, type Masks } from './adapters/runner/masks.ts';
import { readIfThere, readSurroundings, type Surroundings } from './adapters/runner/surroundings.ts';
import type { Reports } from './conclude.ts';
import { secretsOf } from './inputs/credentials.ts';
import { locateConfig, needsYaml, type RawInputs, rawInputsOf } from './inputs/raw.ts';
import { type DoorResult, readInputs } from './inputs/schema.ts';
import type { RunContext } from './model/context.ts';
import { toReleaseError } from './model/errors.ts';
import type { Release } from './model/release.ts';
import type { Log } from './ports/log.ts';

const NOTHING: Release = {
  status: 'failed',
  steps: [],
  inspections: [],
  images: [],
  tools: [],
  problems: [],
};

/**
 * The whole run: door, command, report. Returns the exit code. Until the inputs are right nothing heavy is loaded, so
 * that a wrong input is told at once.
 */
export async function main(): Promise<number> {
  const masks = createMasks();
  const log = createLog({ masks });
  const around = readSurroundings();
  const early = { log, masks, early: true, isCollected: around.isCollected };
  try {
    const context = parseContext(around.env, around.event);
    const door = await openDoor(context, around, log);
    for (const warning of door.warnings) log.warning(warning);
    if (!door.ok) return await conclude({ ...NOTHING, problems: door.problems }, early);
    for (const secret of secretsOf(door.inputs)) log.mask(secret);
    const { run } = await import('./run.ts');
    const { release, reports, error } = await run({
      inputs: door.inputs,
      context,
      around,
      log,
      redact: masks.redact,
    });
    return await conclude(release, { log, masks, reports, error, isCollected: true });
  } catch (error) {
    return conclude({ ...NOTHING, problems: toReleaseError(error).problems }, { ...early, error });
  }
}

type Ending = {
  readonly log: Log;
  readonly masks: Masks;
  readonly reports?: Reports;
  readonly early?: boolean;
  readonly error?: unknown;
  readonly isCollected: boolean;
};

/** Problems are told before anything else is loaded to report them. */
async function conclude(release: Release, ending: Ending): Promise<number> {
  for (const problem of release.problems) ending.log.problem(problem);
  if (ending.isCollected) {
    const { report } = await import('./conclude.ts');
    await report(release, ending);
  }
  return release.problems.length === 0 ? 0 : 1;
}

/** Inputs that are one secret each, masked before anything is read. */
const ONE_SECRET = [
  'github-token',
  'password',
  'cosign-key',
  'cosign-password',
  'publish-token',
  'publish-key',
] as const;

async function openDoor(
  context: RunContext,
  { env, workspace }: Surroundings,
  log: Log,
): Promise<DoorResult> {
  const raw = rawInputsOf(env);
  for (const name of ONE_SECRET) log.mask(raw[name] ?? '');
  const config = readConfig(raw, workspace);
  const readYaml = needsYaml(raw, config?.text) ? await loadYaml() : undefined;
  return readInputs({
    raw,
    workspace,
    context,
    ...(config === undefined ? {} : { config }),
    ...(readYaml === undefined ? {} : { readYaml }),
  });
}

/** A config file that is named must be there; the default one may be missing. */
function readConfig(raw: RawInputs, workspace: string) {
  const place = locateConfig(raw, workspace);
  const text = readIfThere(place?.path);
  return place === undefined || text === undefined ? undefined : { file: place.file, text };
}

async function loadYaml() {
  const [{ yamlReader }, yaml] = await Promise.all([import('./inputs/yaml.ts'), import('yaml')]);
  return yamlReader(yaml);
}
