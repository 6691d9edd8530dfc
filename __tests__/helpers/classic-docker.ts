import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { toolPath } from './tool-path.ts';

/** A Docker daemon of its own without the containerd image store, as hosted runners have it. Needs root. */
export type ClassicDocker = { readonly host: string; stop(): Promise<void> };

export async function startClassicDocker(): Promise<ClassicDocker> {
  const root = await mkdtemp(join(tmpdir(), 'classic-docker-'));
  const socket = join(root, 'docker.sock');
  const config = join(root, 'daemon.json');
  await writeFile(config, JSON.stringify({ features: { 'containerd-snapshotter': false } }));
  const places = [
    '--data-root',
    join(root, 'data'),
    '--exec-root',
    join(root, 'exec'),
    '--pidfile',
    join(root, 'pid'),
  ];
  const options = [
    '--config-file',
    config,
    '--host',
    `unix://${socket}`,
    '--bridge',
    'none',
    '--iptables=false',
  ];
  // In a network of its own: a second daemon takes away the bridge of the first. With mounts of its own: where the root
  // of the machine is a folder of another file system, the daemon leaves its data mounted when it ends.
  const argv = ['--net', '--mount', toolPath('dockerd'), ...options, ...places];
  const daemon = spawn(toolPath('unshare'), argv, { stdio: 'ignore' });
  const host = `unix://${socket}`;
  try {
    await answers(daemon, socket, host);
  } catch (error) {
    await end(daemon, root);
    throw error;
  }
  return { host, stop: () => end(daemon, root) };
}

async function answers(daemon: ChildProcess, socket: string, host: string): Promise<void> {
  const exec = createExec();
  for (let i = 0; i < 1200; i += 1) {
    if (daemon.exitCode !== null) throw new Error(`dockerd ended with exit code ${daemon.exitCode}`);
    const command = {
      file: 'docker',
      args: ['version'],
      environment: 'full',
      env: { DOCKER_HOST: host },
    } as const;
    if (existsSync(socket) && (await exec.run(command)).exitCode === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('dockerd does not answer');
}

async function end(daemon: ChildProcess, root: string): Promise<void> {
  if (daemon.exitCode === null) {
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await ended;
  }
  await rm(root, { recursive: true, force: true });
}
