import type { RunContext } from '../model/context.ts';
import type { Problem } from '../model/errors.ts';
import type { Inputs } from '../model/inputs.ts';
import { type ConfigFile, readConfig, type WrittenConfig } from './config.ts';
import { readCredentials } from './credentials.ts';
import { type Door, openDoor } from './door.ts';
import { checkFanOut, readPlatforms, resolveFanOut } from './fan-out.ts';
import { FIELDS } from './fields.ts';
import { INPUTS, type InputName, isInputName } from './names.ts';
import { insideWorkspace, type RawInputs } from './raw.ts';
import type { Written } from './read.ts';
import { checkAttest, resolveAttest } from './resolve-attest.ts';
import { resolveBuild } from './resolve-build.ts';
import { checkChannels, resolveChannels } from './resolve-channels.ts';
import { resolveGate, resolveTools } from './resolve-gate.ts';
import { resolveFolder, resolveNames, resolveVersion } from './resolve-names.ts';
import { checkPublish, resolvePublish } from './resolve-publish.ts';
import { resolveVerify } from './resolve-verify.ts';
import { checkTogether } from './rules.ts';
import { checkCommand } from './rules-command.ts';
import { escapeUnseen, nearest, show } from './text.ts';
import type { ReadYaml } from './yaml.ts';

export type DoorRequest = {
  readonly raw: RawInputs;
  /** Absolute path of the checkout. */
  readonly workspace: string;
  readonly context: Pick<RunContext, 'owner' | 'actor' | 'eventName'>;
  /** The config file of `locateConfig`, when it exists. */
  readonly config?: ConfigFile;
  /** Needed when `needsYaml` says so. */
  readonly readYaml?: ReadYaml;
};

/** Warnings are full sentences for the log. */
export type DoorResult =
  | { readonly ok: true; readonly inputs: Inputs; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly string[] };

/**
 * Raw inputs and the config file in, checked inputs with all defaults out; or every problem at once. Pure, and never
 * throws for what users write. The workflow's value wins over the config's; empty text counts as not given.
 */
export function readInputs(request: DoorRequest): DoorResult {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const { config: file, readYaml } = request;
  const config: WrittenConfig =
    file === undefined || readYaml === undefined
      ? { inputs: new Map(), channels: [] }
      : readConfig(file, readYaml, problems);
  const given = readRaw(request.raw, warnings);
  // What `promote` takes is no source of a build; that of the config file names the image as ever.
  const isPromotion = given.get('command')?.value === 'promote';
  const from = isPromotion ? given.get('from') : undefined;
  if (isPromotion) given.delete('from');
  const written = new Map<InputName, Written>([...config.inputs, ...given]);
  const door = openDoor(written, problems, warnings);
  checkConfigPath(door, request);
  checkTogether(door, config);
  checkAttest(door);
  checkPublish(door);
  checkFanOut(door);
  checkCommand(door, config);
  checkChannels(door, request.context, from);
  const inputs = resolveInputs(door, config, request, from);
  return problems.length > 0 ? { ok: false, problems, warnings } : { ok: true, inputs, warnings };
}

function readRaw(raw: RawInputs, warnings: string[]): Map<InputName, Written> {
  const written = new Map<InputName, Written>();
  for (const [name, value] of Object.entries(raw)) {
    if (!isInputName(name)) {
      const near = nearest(name, Object.keys(INPUTS));
      const proposal = near === undefined ? '' : ` Did you mean \`${near}\`?`;
      warnings.push(
        `There is no input \`${escapeUnseen(name).slice(0, 80)}\`, so it has no effect.${proposal}`,
      );
    } else if (value.trim() !== '') written.set(name, { value: value.trim(), where: `input \`${name}\`` });
  }
  return written;
}

function checkConfigPath(door: Door, request: DoorRequest): void {
  const path = door.read(FIELDS.config);
  if (path === undefined) return;
  if (insideWorkspace(path, request.workspace, request.workspace) === undefined) {
    door.refuse('config', `${show(path)} is not inside the workspace`);
  } else if (request.config === undefined) {
    door.refuse('config', `${show(path)} does not exist`);
  }
}

function resolveInputs(
  door: Door,
  config: WrittenConfig,
  request: DoorRequest,
  from: Written | undefined,
): Inputs {
  const { workspace } = request;
  const command = door.read(FIELDS.command) ?? 'release';
  const dryRun = door.read(FIELDS['dry-run']) ?? false;
  const githubToken = door.read(FIELDS['github-token']);
  const workingDirectory = resolveFolder(door, workspace);
  const names = resolveNames(door, request.context);
  const version = resolveVersion(door);
  const { tagPrefix } = version;
  const { platforms, narrowed } = readPlatforms(door, config, command);
  return {
    command,
    dryRun,
    workspace,
    workingDirectory,
    names,
    version,
    channels: resolveChannels(door, config, { tagPrefix, ...(from === undefined ? {} : { from }) }),
    login: {
      credentials: readCredentials(door, {
        registries: names.registries,
        actor: request.context.actor,
        ...(githubToken === undefined ? {} : { githubToken }),
        ...(request.readYaml === undefined ? {} : { readYaml: request.readYaml }),
      }),
      insecure: [...new Set(door.read(FIELDS['registry-insecure']) ?? [])],
    },
    build: resolveBuild(door, config, { workspace, workingDirectory }, platforms),
    gate: resolveGate(door, workingDirectory),
    tools: resolveTools(door, workingDirectory),
    attest: resolveAttest(door, workingDirectory),
    publish: resolvePublish(door, config),
    verify: resolveVerify(door),
    fanOut: resolveFanOut(door, config, { folder: workingDirectory, narrowed }),
    ...(githubToken === undefined ? {} : { githubToken }),
  };
}
