import { isAbsolute, join, relative } from 'node:path';

/** Inputs as the runner hands them over, by name: trimmed text; empty = not given. */
export type RawInputs = Readonly<Record<string, string>>;

/**
 * The inputs of an environment: the runner sets `INPUT_` and the upper-case name, hyphens kept.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs
 */
export function rawInputsOf(env: Readonly<Record<string, string | undefined>>): RawInputs {
  const inputs = Object.entries(env).flatMap(([key, value]) =>
    key.startsWith('INPUT_') && value !== undefined
      ? [[key.slice('INPUT_'.length).toLowerCase(), value.trim()] as const]
      : [],
  );
  return Object.fromEntries(inputs);
}

export const DEFAULT_CONFIG = '.github/module-release.yml';

export type ConfigPlace = {
  readonly path: string;
  /** Relative to the workspace. */
  readonly file: string;
};

/** Where the config file is to be read; undefined when the given path leaves the workspace, which `readInputs` reports. */
export function locateConfig(raw: RawInputs, workspace: string): ConfigPlace | undefined {
  const file = insideWorkspace(raw.config || DEFAULT_CONFIG, workspace, workspace);
  return file === undefined ? undefined : { path: join(workspace, file), file };
}

/** Whether something is there that only a YAML parser can read. */
export function needsYaml(raw: RawInputs, configText: string | undefined): boolean {
  return configText !== undefined || (raw['registry-auth'] ?? '') !== '';
}

/** The path relative to the workspace (`.` for itself); undefined when it leaves it. Links are not followed here. */
export function insideWorkspace(path: string, folder: string, workspace: string): string | undefined {
  if (path.includes('\0')) return undefined;
  const inside = relative(workspace, isAbsolute(path) ? path : join(folder, path));
  if (inside === '..' || inside.startsWith('../') || isAbsolute(inside)) return undefined;
  return inside === '' ? '.' : inside;
}
