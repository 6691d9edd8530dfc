import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Generation } from '../../../src/model/module.ts';
import { toolPath } from '../tool-path.ts';

type Issue = {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly pointer?: string;
};

/** What the real validator says of one module; a `crash` is one of its own. */
export type Verdict =
  | { readonly valid: boolean; readonly issues: readonly Issue[] }
  | { readonly crash: string };

export type RealResult = { readonly plain: Verdict; readonly strict: Verdict };

/** Judges all folders by the validator of a generation's SDK, in one Python process. */
export function runValidator(generation: Generation, folders: readonly string[]): readonly RealResult[] {
  const driver = join(import.meta.dirname, 'hla-validate.py');
  const output = execFileSync(pythonOf(generation), ['-B', driver], {
    input: JSON.stringify(folders),
    cwd: '/',
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: environment(),
  });
  return JSON.parse(output);
}

/** The real command line; its exit code and what it printed as JSON. */
export function runCli(generation: Generation, folder: string, strict: boolean) {
  const args = ['validate', '--format', 'json', ...(strict ? ['--strict'] : [])];
  const options = { cwd: folder, encoding: 'utf8', env: environment(), stdio: 'pipe' } as const;
  try {
    return { code: 0, output: JSON.parse(execFileSync(sdkPath(generation), args, options)) };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { code: status, output: JSON.parse(stdout) };
  }
}

/** Makes a module by the SDK's own template, in a new folder of this one; its path. */
export function initModule(generation: Generation, parent: string, template: string): string {
  const name = `made-by-${generation.replace('.', '-')}-${template}`;
  const args = ['init', name, '--template', template, '--yes'];
  execFileSync(sdkPath(generation), args, {
    cwd: parent,
    env: { ...environment(), HOME: parent },
    stdio: 'pipe',
  });
  return join(parent, name);
}

/** The program `hla-compass` of a generation; `npm test` installs both. */
export function sdkPath(generation: Generation): string {
  return toolPath(`hla-compass-${generation}`);
}

export function pythonOf(generation: Generation): string {
  return join(dirname(realpathSync(sdkPath(generation))), 'python');
}

function environment() {
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    HLA_COMPASS_SKIP_VERSION_CHECK: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}
