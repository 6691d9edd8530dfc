import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { findTool } from './which.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where docker looks after the user's own folders. https://github.com/docker/cli/blob/master/cli-plugins/manager/manager_unix.go */
const SYSTEM_FOLDERS = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

const configSchema = z.object({ cliPluginsExtraDirs: z.optional(z.array(z.string())) });

/**
 * The plugin that `docker NAME` would run, found as docker finds it. Run by itself it takes the same arguments and half of
 * the time: docker starts every plugin once to hear what it is, and then the one that is meant. Undefined when there is
 * none, or when `docker` is a script, which has its own mind about its arguments.
 */
export async function findDockerPlugin(
  name: string,
  docker: string,
  env: Environment,
): Promise<string | undefined> {
  if (await isScript(docker)) return undefined;
  const own = env.DOCKER_CONFIG || (env.HOME && join(env.HOME, '.docker'));
  const folders = own ? [...(await extraFolders(own)), join(own, 'cli-plugins')] : [];
  return findTool(`docker-${name}`, [...folders, ...SYSTEM_FOLDERS].join(':'));
}

/** A config that cannot be read is docker's to complain about. */
async function extraFolders(config: string): Promise<readonly string[]> {
  try {
    const parsed = configSchema.parse(JSON.parse(await readFile(join(config, 'config.json'), 'utf8')));
    return parsed.cliPluginsExtraDirs ?? [];
  } catch {
    return [];
  }
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1') === '#!';
  } finally {
    await file.close();
  }
}
