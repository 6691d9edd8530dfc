/** Starts a Docker daemon where none answers, and gives it the image of buildx's docker-container driver. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { aptSystem } from './apt.mjs';
import { cachePath, logPath } from './cache.mjs';
import { findProgram } from './find.mjs';
import { probe, SetupError } from './run.mjs';

/** Loopback registries are spoken to over http; the containerd store is what can hold OCI layouts and indexes. */
const CONFIG = { features: { 'containerd-snapshotter': true }, 'insecure-registries': ['127.0.0.0/8'] };

/** Which program's process number stands in which file. */
const PID_FILES = {
  '/var/run/docker.pid': 'dockerd',
  '/var/run/docker/containerd/containerd.pid': 'containerd',
};

const PATIENCE_SECONDS = 60;

export async function daemonAnswers() {
  return findProgram('docker') !== undefined && (await askDaemon()).code === 0;
}

/** Starts dockerd so that it outlives this process. A configuration that the machine has is neither read nor changed. */
export async function startDaemon() {
  if (!aptSystem() || process.env.DOCKER_HOST) {
    const { output } = await askDaemon();
    throw new SetupError(
      `The Docker daemon does not answer: start it, or give this user access to it.\n${output}`,
    );
  }
  for (const [path, program] of Object.entries(PID_FILES)) removeStale(path, program);
  const logFile = logPath('dockerd');
  console.error(`Starting a Docker daemon (log: ${logFile}).`);
  const configFile = cachePath('dockerd.json');
  writeFileSync(configFile, JSON.stringify(CONFIG));
  const log = openSync(logFile, 'w');
  const daemon = spawn(findProgram('dockerd'), ['--config-file', configFile], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  daemon.unref();
  for (const deadline = Date.now() + PATIENCE_SECONDS * 1000; Date.now() < deadline; await sleep(200)) {
    if (await daemonAnswers()) return;
    if (daemon.exitCode !== null) break;
  }
  throw new SetupError(`The Docker daemon did not start: see its log, ${logFile}.`);
}

function askDaemon() {
  return probe('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 });
}

/**
 * Where /run is on a disk, a restart of the machine leaves these files behind. The number in one may be that of another
 * program by then, and dockerd would not start for it.
 */
function removeStale(path, program) {
  try {
    if (readFileSync(`/proc/${readFileSync(path, 'utf8').trim()}/comm`, 'utf8').trim() === program) return;
  } catch {
    // No such file, or no such process.
  }
  rmSync(path, { force: true });
}
