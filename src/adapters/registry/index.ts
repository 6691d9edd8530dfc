import type { Credential } from '../../model/inputs.ts';
import { isLoopback } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import type { Registry } from '../../ports/registry.ts';
import { Authenticator } from './auth.ts';
import { RegistryClient } from './client.ts';
import { createFindLogin } from './credentials.ts';
import { createSend } from './http.ts';
import { createRetrier, RETRY, type RetryPolicy } from './retry.ts';
import { SETTLE_MS } from './settle.ts';
import { Transport } from './transport.ts';

export type RegistryOptions = Pick<Ports, 'clock' | 'exec' | 'files' | 'log'> & {
  /** They come before the Docker config. */
  readonly credentials: readonly Credential[];
  /** Registries spoken to over http although they are not on loopback. */
  readonly insecure: readonly string[];
  /** DOCKER_CONFIG, HOME, HTTP_PROXY, HTTPS_PROXY, NO_PROXY; default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the API of a registry is; for tests that stand in for one. */
  readonly endpoint?: (registry: string) => URL;
  readonly retry?: RetryPolicy;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly idleTimeout?: number;
  readonly random?: () => number;
  /** Milliseconds that a writer of a referrers tag waits at least before it looks again. */
  readonly settleMs?: number;
};

const IDLE_MS = 60_000;
/** A registry hashes and moves what it was sent before it answers. */
const FINISH_MS = 300_000;
/** People who wait longer are told why. */
const LONG_WAIT_MS = 5000;

export function createRegistry(options: RegistryOptions): Registry {
  const { clock, log, credentials, insecure, exec, files } = options;
  const env = options.env ?? process.env;
  const endpoint = options.endpoint ?? ((registry) => defaultEndpoint(registry, insecure));
  const secrets = new Set<string>();
  const timeouts = { idle: options.idleTimeout ?? IDLE_MS, finish: options.idleTimeout ?? FINISH_MS };
  const send = createSend(env, timeouts);
  const findLogin = createFindLogin({ credentials, env, files, exec, log });
  const auth = new Authenticator({ send, endpoint, findLogin, clock, secrets });
  const random = options.random ?? Math.random;
  const retrier = createRetrier({
    clock,
    random,
    policy: options.retry ?? RETRY,
    onRetry: (failure, delayMs) => {
      const message = `${failure.message}. Trying again in ${(delayMs / 1000).toFixed(1)} s.`;
      if (delayMs >= LONG_WAIT_MS) log.info(message);
      else log.debug(message);
    },
  });
  return new RegistryClient(
    new Transport({ send, auth, endpoint, clock, secrets, retrier }),
    auth,
    findLogin,
    { clock, random, leastMs: options.settleMs ?? SETTLE_MS },
  );
}

/** Docker Hub's API has a host of its own. https://docs.docker.com/reference/api/registry/latest/ */
export function defaultEndpoint(registry: string, insecure: readonly string[]): URL {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const isPlain = isLoopback(registry) || insecure.includes(registry);
  return new URL(`${isPlain ? 'http' : 'https'}://${host}/`);
}
