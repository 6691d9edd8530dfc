import { existsSync, readFileSync } from 'node:fs';
import { parseContext } from './adapters/runner/context.ts';
import { createLog } from './adapters/runner/log.ts';
import { createMasks, type Masks } from './adapters/runner/masks.ts';
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
  try {
    const context = parseContext(process.env, readIfThere(process.env.GITHUB_EVENT_PATH));
    const door = await openDoor(context, log);
    for (const warning of door.warnings) log.warning(warning);
    if (!door.ok) return await conclude({ ...NOTHING, problems: door.problems }, { log, masks, early: true });
    for (const secret of secretsOf(door.inputs)) log.mask(secret);
    const { run } = await import('./run.ts');
    const { release, reports, error } = await run({ inputs: door.inputs, context, log });
    return await conclude(release, { log, masks, reports, error });
  } catch (error) {
    return conclude(
      { ...NOTHING, problems: toReleaseError(error).problems },
      { log, masks, early: true, error },
    );
  }
}

type Ending = {
  readonly log: Log;
  readonly masks: Masks;
  readonly reports?: string;
  readonly early?: boolean;
  readonly error?: unknown;
};

/** Problems are told before anything else is loaded to report them. */
async function conclude(release: Release, ending: Ending): Promise<number> {
  for (const problem of release.problems) ending.log.problem(problem);
  const { GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary } = process.env;
  if (!ending.early || outputs || summary) {
    const { report } = await import('./conclude.ts');
    await report(release, ending);
  }
  return release.problems.length === 0 ? 0 : 1;
}

async function openDoor(context: RunContext, log: Log): Promise<DoorResult> {
  const raw = rawInputsOf(process.env);
  for (const name of ['github-token', 'password']) log.mask(raw[name] ?? '');
  const workspace = process.env.GITHUB_WORKSPACE || process.cwd();
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

function readIfThere(path: string | undefined): string | undefined {
  return path !== undefined && path !== '' && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

async function loadYaml() {
  const [{ yamlReader }, yaml] = await Promise.all([import('./inputs/yaml.ts'), import('yaml')]);
  return yamlReader(yaml);
}
