import { type ExecFileOptions, execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Descriptor } from '../../../src/model/descriptor.ts';
import { toolPath } from '../../helpers/tool-path.ts';

/** Manifest or index, as anybody's client gets it. */
export type SeenManifest = {
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
};

export type SeenConfig = {
  readonly architecture: string;
  readonly os: string;
  readonly created: string;
  readonly config: { readonly Labels: Readonly<Record<string, string>> };
  readonly history: readonly { readonly created?: string }[];
};

/** Runs a client that nobody here wrote, without any login, and returns what it printed. */
export async function judge(tool: string, ...args: readonly string[]): Promise<string> {
  const { HOME, PATH, DOCKER_HOST } = process.env;
  const options: ExecFileOptions = {
    env: { HOME, PATH, DOCKER_HOST, REGISTRY_AUTH_FILE: '/nonexistent' },
    timeout: 600_000,
    maxBuffer: 64 * 1024 * 1024,
  };
  const { stdout } = await promisify(execFile)(toolPath(tool), args, options);
  return stdout.toString().trim();
}

export const craneDigest = (ref: string): Promise<string> => judge('crane', 'digest', ref);

export async function craneManifest(ref: string): Promise<SeenManifest> {
  return JSON.parse(await judge('crane', 'manifest', ref));
}

/** Of the one image, or of the member of an index for a platform. */
export async function craneConfig(ref: string, platform = 'linux/amd64'): Promise<SeenConfig> {
  return JSON.parse(await judge('crane', 'config', '--platform', platform, ref));
}

/** The files of an image, path → content, as `crane export` flattens its layers; links are left out. */
export async function craneFiles(
  ref: string,
  platform = 'linux/amd64',
): Promise<ReadonlyMap<string, Buffer>> {
  const folder = mkdtempSync(join(tmpdir(), 'mr-export-'));
  try {
    const [archive, root] = [join(folder, 'image.tar'), join(folder, 'root')];
    mkdirSync(root);
    await judge('crane', 'export', '--platform', platform, ref, archive);
    await judge('tar', '-xf', archive, '-C', root);
    return filesOf(root);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The regular files below a folder, path → content. */
export function filesOf(folder: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(folder, path), readFileSync(path)]),
  );
}

/** The names in a folder, empty when there is none. */
export function namesIn(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : [];
}
