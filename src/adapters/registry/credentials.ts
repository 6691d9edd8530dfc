import { join } from 'node:path';
import { ReleaseError } from '../../model/errors.ts';
import type { Credential } from '../../model/inputs.ts';
import { repositoryOf } from '../../model/reference.ts';
import type { Exec } from '../../ports/exec.ts';
import type { Files } from '../../ports/files.ts';
import type { Log } from '../../ports/log.ts';
import { type DockerAuth, type DockerConfig, readDockerConfig, readHelperReply } from './schema.ts';

/** How to log in to one registry, and where we have it from (for messages). */
export type Login = { readonly from: string } & (
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** Exchanged for tokens at the token service. */
  | { readonly kind: 'identity'; readonly token: string }
  /** Sent to the registry as it is. */
  | { readonly kind: 'registry-token'; readonly token: string }
);

export type FindLogin = (registry: string) => Promise<Login | undefined>;

type Sources = {
  readonly credentials: readonly Credential[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Pick<Files, 'readTextIfExists'>;
  readonly exec: Pick<Exec, 'run'>;
  readonly log: Pick<Log, 'warning' | 'mask'>;
};

/** Under which Docker keeps the login of Docker Hub, for historical reasons. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const DOCKER_HUB_HOSTS = ['index.docker.io', 'docker.io', 'registry-1.docker.io'];
/** A helper's user name when its secret is an identity token. */
const IDENTITY_USER = '<token>';

/**
 * Logins by registry: the inputs first (exact host), then the Docker config: the host's own credential helper, the
 * credentials store, `auths`. Each registry is looked up once. https://docs.docker.com/reference/cli/docker/login/
 */
export function createFindLogin(sources: Sources): FindLogin {
  const found = new Map<string, Promise<Login | undefined>>();
  let config: Promise<DockerConfig> | undefined;
  const find = async (registry: string): Promise<Login | undefined> => {
    const given = fromInputs(sources.credentials, registry);
    if (given !== undefined) return given;
    config ??= readConfig(sources);
    return fromDocker(sources, await config, registry);
  };
  return (registry) => {
    const known = found.get(registry) ?? find(registry);
    found.set(registry, known);
    return known;
  };
}

function fromInputs(credentials: readonly Credential[], registry: string): Login | undefined {
  const match = credentials.find((given) => canonicalHost(given.registry) === registry);
  if (match === undefined) return undefined;
  return { kind: 'basic', username: match.username, password: match.password, from: 'the inputs' };
}

/** `Index.Docker.io` is `docker.io`, as in references. */
function canonicalHost(host: string): string {
  return repositoryOf(host, 'any')?.registry ?? host.toLowerCase();
}

async function readConfig({ env, files, log }: Sources): Promise<DockerConfig> {
  const folder = env.DOCKER_CONFIG || (env.HOME && join(env.HOME, '.docker'));
  if (!folder) return {};
  const path = join(folder, 'config.json');
  const text = await files.readTextIfExists(path);
  if (text === undefined) return {};
  const config = readDockerConfig(text);
  if (config === undefined)
    log.warning(`The Docker config cannot be read, so its logins are not used: ${path}.`);
  return config ?? {};
}

async function fromDocker(
  sources: Sources,
  config: DockerConfig,
  registry: string,
): Promise<Login | undefined> {
  const keys = keysOf(registry);
  const helper = keys.map((key) => config.credHelpers?.[key]).find((name) => name !== undefined);
  if (helper !== undefined) return askHelper(sources, helper, registry, true);
  if (config.credsStore) {
    const stored = await askHelper(sources, config.credsStore, registry, false);
    if (stored !== undefined) return stored;
  }
  const auths = Object.entries(config.auths ?? {});
  const exact = keys.flatMap((key) => auths.filter(([name]) => name === key));
  const sameHost = auths.filter(([name]) => keys.includes(hostOf(name)));
  for (const [, auth] of [...exact, ...sameHost]) {
    const login = fromAuth(auth);
    if (login === undefined) continue;
    sources.log.mask('password' in login ? login.password : login.token);
    return login;
  }
  return undefined;
}

function keysOf(registry: string): readonly string[] {
  return registry === 'docker.io' ? [DOCKER_HUB_KEY, ...DOCKER_HUB_HOSTS] : [registry];
}

/** `https://host/v1/` and `host/path` are keys of `host`, as they are for Docker. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
}

function fromAuth(auth: DockerAuth): Login | undefined {
  const from = 'the Docker config';
  if (auth.registrytoken) return { kind: 'registry-token', token: auth.registrytoken, from };
  if (auth.identitytoken) return { kind: 'identity', token: auth.identitytoken, from };
  const decoded = Buffer.from(auth.auth ?? '', 'base64')
    .toString('utf8')
    .replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  const username = colon > 0 ? decoded.slice(0, colon) : auth.username;
  const password = colon > 0 ? decoded.slice(colon + 1) : auth.password;
  return username && password ? { kind: 'basic', username, password, from } : undefined;
}

/**
 * Runs `docker-credential-NAME get` with the host on its standard input. A helper named for this registry must work; the
 * store for all registries may be missing (a laptop's config on a server).
 */
async function askHelper(
  { exec, log }: Sources,
  name: string,
  registry: string,
  required: boolean,
): Promise<Login | undefined> {
  const from = `docker-credential-${name}`;
  const fail = (why: string, cause?: unknown): undefined => {
    const message = `the credential helper ${from} failed for ${registry}: ${why}`;
    if (required) throw new ReleaseError('REGISTRY_LOGIN', message, { cause, hint: helperHint(from) });
    log.warning(`${message[0]?.toUpperCase()}${message.slice(1)}; going on without it.`);
    return undefined;
  };
  if (!/^[\w.-]{1,64}$/.test(name)) return fail('its name is not allowed');
  const stdin = registry === 'docker.io' ? DOCKER_HUB_KEY : registry;
  try {
    const result = await exec.run({ file: from, args: ['get'], environment: 'full', stdin });
    // A helper prints its errors to standard output. Only its first line is shown, and never that of a success.
    const said = `${result.stdout}\n${result.stderr}`.trim().split('\n')[0]?.slice(0, 200) ?? '';
    if (result.exitCode !== 0)
      return /credentials not found/i.test(said) ? undefined : fail(said || `exit code ${result.exitCode}`);
    const reply = readHelperReply(result.stdout);
    if (reply === undefined) return fail('its answer is not in the form of credential helpers');
    if (reply.secret === '') return undefined;
    log.mask(reply.secret);
    return reply.username === IDENTITY_USER
      ? { kind: 'identity', token: reply.secret, from }
      : { kind: 'basic', username: reply.username, password: reply.secret, from };
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'REGISTRY_LOGIN') throw error;
    return fail(error instanceof Error ? error.message : 'it could not be started', error);
  }
}

function helperHint(helper: string): string {
  return `Make ${helper} work on the runner (log in to the cloud before this step), or give \`username\` and \`password\`.`;
}

type Pair = { readonly username: string; readonly password: string };

export function basicHeader(login: Pair): string {
  return `Basic ${base64Pair(login)}`;
}

export function base64Pair({ username, password }: Pair): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}
