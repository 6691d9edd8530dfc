import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findDockerPlugin } from '../../../../src/adapters/exec/docker-plugin.ts';
import { createExec } from '../../../../src/adapters/exec/runner.ts';

const own = { PATH: process.env.PATH, DOCKER_CONFIG: process.env.DOCKER_CONFIG };
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-plugin-'));
});
afterEach(async () => {
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await rm(folder, { recursive: true, force: true });
});

/** A program that says its own name and what it was given. */
async function program(...path: readonly string[]): Promise<string> {
  const file = join(folder, ...path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, '#!/bin/sh\necho "${0##*/}:" "$@"\n');
  await chmod(file, 0o755);
  return file;
}

/** A docker that is no script: any program will do. */
async function binary(name: string): Promise<string> {
  const file = join(folder, 'bin', name);
  await mkdir(join(folder, 'bin'), { recursive: true });
  await copyFile(process.execPath, file);
  return file;
}

describe('a plugin of docker', () => {
  it('is found in the folder of the user', async () => {
    const docker = await binary('docker');
    const plugin = await program('config', 'cli-plugins', 'docker-thing');
    expect(await findDockerPlugin('thing', docker, { DOCKER_CONFIG: join(folder, 'config') })).toBe(plugin);
    const home = await program('home', '.docker', 'cli-plugins', 'docker-thing');
    expect(await findDockerPlugin('thing', docker, { HOME: join(folder, 'home') })).toBe(home);
  });

  it('is found in the folders of the configuration first', async () => {
    const docker = await binary('docker');
    await program('config', 'cli-plugins', 'docker-thing');
    const extra = await program('extra', 'docker-thing');
    const config = join(folder, 'config');
    await writeFile(
      join(config, 'config.json'),
      JSON.stringify({ cliPluginsExtraDirs: [join(folder, 'extra')], auths: {} }),
    );
    expect(await findDockerPlugin('thing', docker, { DOCKER_CONFIG: config })).toBe(extra);
  });

  it.each(['', '{', '[]', '{"cliPluginsExtraDirs":"/bin"}'])(
    'is found whatever the configuration says: %s',
    async (text) => {
      const docker = await binary('docker');
      const plugin = await program('config', 'cli-plugins', 'docker-thing');
      await writeFile(join(folder, 'config', 'config.json'), text);
      expect(await findDockerPlugin('thing', docker, { DOCKER_CONFIG: join(folder, 'config') })).toBe(plugin);
    },
  );

  it('is nobody’s business where docker is a script, and nothing where there is none', async () => {
    const script = await program('bin', 'docker');
    await program('config', 'cli-plugins', 'docker-thing');
    const env = { DOCKER_CONFIG: join(folder, 'config') };
    expect(await findDockerPlugin('thing', script, env)).toBeUndefined();
    await rm(script);
    expect(await findDockerPlugin('other-thing', await binary('docker'), env)).toBeUndefined();
  });
});

describe('running docker buildx', () => {
  it('runs the plugin itself, with the arguments behind its name', async () => {
    await binary('docker');
    await program('config', 'cli-plugins', 'docker-buildx');
    process.env.PATH = `${join(folder, 'bin')}:${own.PATH}`;
    process.env.DOCKER_CONFIG = join(folder, 'config');
    const { stdout } = await createExec().run({
      file: 'docker',
      args: ['buildx', 'bake', '--', 'a b'],
      environment: 'full',
    });
    expect(stdout).toBe('docker-buildx: bake -- a b\n');
  });

  it('leaves it to a docker that is a script', async () => {
    await program('bin', 'docker');
    await program('config', 'cli-plugins', 'docker-buildx');
    process.env.PATH = `${join(folder, 'bin')}:${own.PATH}`;
    process.env.DOCKER_CONFIG = join(folder, 'config');
    const { stdout } = await createExec().run({
      file: 'docker',
      args: ['buildx', 'version'],
      environment: 'full',
    });
    expect(stdout).toBe('docker: buildx version\n');
  });
});
