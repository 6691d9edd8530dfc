/** Starts a Docker daemon where none answers, and gives it the image of buildx's docker-container driver. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { aptSystem } from './apt.mjs';
import { cachePath, logPath } from './cache.mjs';
import { findProgram } from './find.mjs';
import { probe, SetupError } from './run.mjs';

/** Loopback registries are spoken to over http; the containerd store is what can hold OCI layouts and indexes. */
const CONFIG = { features: { 'containerd-snapshotter': true }, 'insecure-registries': ['127.0.0.0/8'] };

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
