/** A BuildKit daemon of its own for a test, for buildx's remote driver: `docker buildx create --driver remote ADDR`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './find.mjs';
import { freePort } from './free-port.mjs';
import { probe } from './run.mjs';
import { startService } from './service.mjs';

export async function startBuildkitd() {
  const root = await mkdtemp(join(tmpdir(), 'buildkitd-'));
  const addr = `tcp://127.0.0.1:${await freePort()}`;
  // The socket for traces has a fixed place by default, which two daemons cannot share.
  const places = ['--addr', addr, '--root', root, '--otel-socket-path', join(root, 'otel.sock')];
  const workers = ['--oci-worker=true', '--containerd-worker=false'];
  const buildctl = findProgram('buildctl') ?? 'buildctl';
  const service = await startService(findProgram('buildkitd') ?? 'buildkitd', [...places, ...workers], {
    answers: async () => (await probe(buildctl, ['--addr', addr, 'debug', 'workers'])).code === 0,
  });
  const stop = async () => {
    await service.stop();
    await rm(root, { recursive: true, force: true });
  };
  return { addr, root, stop, log: service.log };
}
