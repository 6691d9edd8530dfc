/** The registry of the distribution project (Debian's docker-registry 2.8) on loopback: one that nobody here wrote. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './find.mjs';
import { freePort } from './free-port.mjs';
import { probe } from './run.mjs';
import { startService } from './service.mjs';

export async function startDistribution(options = {}) {
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'distribution-'));
  const host = `127.0.0.1:${options.port ?? (await freePort())}`;
  const config = join(folder, 'config.yml');
  // JSON is YAML, and needs no package to be written.
  await writeFile(config, JSON.stringify(await configuration(folder, host, options)));
  const service = await startService(findProgram('docker-registry') ?? 'docker-registry', ['serve', config], {
    answers: () => answers(host),
  });
  const stop = async () => {
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { host, stop, log: service.log };
}

async function configuration(folder, host, options) {
  const auth = await authentication(folder, options);
  return {
    version: '0.1',
    log: { level: options.logLevel ?? 'info' },
    storage: {
      filesystem: { rootdirectory: join(folder, 'storage') },
      delete: { enabled: options.delete ?? true },
    },
    http: { addr: host, secret: 'one-process-only' },
    ...(auth && { auth }),
  };
}

async function authentication(folder, { auth = 'none', users = {}, token }) {
  if (auth === 'none') return undefined;
  if (auth === 'token') return { token };
  const path = join(folder, 'htpasswd');
  await writeFile(path, '');
  for (const [name, password] of Object.entries(users)) {
    // `-B` is bcrypt, the only form that the registry reads; the passwords are the tests' own, so argv may hold them.
    const { code, output } = await probe(findProgram('htpasswd') ?? 'htpasswd', [
      '-bB',
      path,
      name,
      password,
    ]);
    if (code !== 0) throw new Error(`htpasswd failed: ${output}`);
  }
  return { htpasswd: { realm: 'test', path } };
}

/** Any answer will do: with authentication it is 401. */
async function answers(host) {
  try {
    const response = await fetch(`http://${host}/v2/`);
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
