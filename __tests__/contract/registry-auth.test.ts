import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { parseReference } from '../../src/model/reference.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { createCertificate } from '../helpers/registry/certificate.ts';
import { type TestClient, testClient } from '../helpers/registry/client.ts';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import {
  startTokenService,
  TokenService,
  type TokenServiceOptions,
} from '../helpers/registry/token-service.ts';

/** Each registry by the name that users write; its stand-in's address is given by `endpoint`. */
let stage: Stage;
let cleanUp: (() => Promise<unknown> | unknown)[];

beforeEach(async () => {
  stage = await createStage();
  cleanUp = [() => stage.remove()];
});

afterEach(async () => {
  for (const clean of cleanUp.reverse()) await clean();
});

async function start(options: RegistryOptions): Promise<RunningRegistry> {
  const registry = await startRegistry(options);
  cleanUp.push(registry.stop);
  return registry;
}

async function startTokens(options: TokenServiceOptions) {
  const service = await startTokenService(options);
  cleanUp.push(service.stop);
  return service;
}

function at(registry: RunningRegistry) {
  return { endpoint: () => new URL(`http://${registry.host}/`) };
}

function withDockerConfig(config: unknown) {
  return {
    env: { HOME: '/home/runner' },
    files: memoryFiles({ '/home/runner/.docker/config.json': JSON.stringify(config) }),
  };
}

async function push(client: TestClient, registry: string, path: string): Promise<void> {
  const blob = await stage.layer();
  await client.pushBlob({ registry, path }, blob, stage.path(blob), []);
}

const auth = (username: string, password: string) =>
  Buffer.from(`${username}:${password}`).toString('base64');

describe('Docker Hub: tokens from another host, the login under its legacy key, library/', () => {
  const users = { alice: 'hub-access-token' };

  async function hub(options: Partial<TokenServiceOptions> = {}) {
    const { tokens, realm } = await startTokens({ users, service: 'registry.docker.io', ...options });
    return { tokens, registry: await start({ auth: { kind: 'token', tokens, realm } }) };
  }

  it('finds the login in the Docker config, and sends it to the token service alone', async () => {
    const { tokens, registry } = await hub();
    const auths = { 'https://index.docker.io/v1/': { auth: auth('alice', users.alice) } };
    const client = testClient({ ...at(registry), ...withDockerConfig({ auths }) });
    await push(client, 'docker.io', 'alice/app');
    expect(tokens.requests).toMatchObject([{ user: 'alice', scopes: ['repository:alice/app:pull,push'] }]);
    expect(registry.requests.every(({ authorization }) => authorization !== 'basic')).toBe(true);
    expect(client.log.masked).toEqual([users.alice]);
  });

  it('reads official images under library/ without a login', async () => {
    const grant = (_: unknown, repository: string) => (repository === 'library/busybox' ? ['pull'] : []);
    const { tokens, registry } = await hub({ grant });
    const client = testClient(at(registry));
    const reference = parseReference('busybox:stable')!;
    expect(await client.resolve(reference)).toBeUndefined();
    expect(registry.requests.at(-1)).toMatchObject({
      path: '/v2/library/busybox/manifests/stable',
      status: 404,
    });
    expect(tokens.requests).toMatchObject([{ user: undefined, scopes: ['repository:library/busybox:pull'] }]);
  });

  it('says that a read-only access token may not push', async () => {
    const { registry } = await hub({ grant: () => ['pull'] });
    const credentials = [{ registry: 'index.docker.io', username: 'alice', password: users.alice }];
    const client = testClient({ ...at(registry), credentials });
    await expect(client.checkPush({ registry: 'docker.io', path: 'alice/app' }, false)).rejects.toMatchObject(
      {
        code: 'REGISTRY_FORBIDDEN',
        hint: expect.stringContaining('Read & Write'),
      },
    );
    expect(registry.requests.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('Amazon ECR: a credential helper, repositories that must exist', () => {
  const host = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
  const password = 'ecr-short-lived-password';

  async function ecr(script: string, configuration: unknown = { credHelpers: { [host]: 'ecr-login' } }) {
    const folder = await mkdtemp(join(tmpdir(), 'ecr-'));
    await writeFile(join(folder, 'docker-credential-ecr-login'), script, { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = `${folder}:${path}`;
    cleanUp.push(() => {
      process.env.PATH = path;
      return rm(folder, { recursive: true });
    });
    const registry = await start({
      auth: { kind: 'basic', users: { AWS: password } },
      createsRepositories: false,
      repositories: ['team/app'],
    });
    const env = { DOCKER_CONFIG: folder };
    return {
      registry,
      client: testClient({
        ...at(registry),
        env,
        exec: createExec(),
        files: memoryFiles({ [join(folder, 'config.json')]: JSON.stringify(configuration) }),
      }),
    };
  }

  /** Answers as the real one does, for the host on standard input only. */
  const helper = [
    '#!/bin/sh',
    'read -r host',
    `[ "$1" = get ] && [ "$host" = ${host} ] || { echo "credentials not found in native keychain"; exit 1; }`,
    `printf '{"ServerURL":"%s","Username":"AWS","Secret":"${password}"}' "$host"`,
  ].join('\n');

  it('runs the helper with the host on its standard input', async () => {
    const { client, registry } = await ecr(helper);
    await client.checkPush({ registry: host, path: 'team/app' }, true);
    await push(client, host, 'team/app');
    expect(registry.requests.slice(1).every(({ authorization }) => authorization === 'basic')).toBe(true);
    expect(client.log.masked).toEqual([password]);
  });

  it('runs the helper also as the store of all logins', async () => {
    const { client } = await ecr(helper, { credsStore: 'ecr-login' });
    await expect(client.checkPush({ registry: host, path: 'team/app' }, true)).resolves.toBeUndefined();
  });

  it.each([true, false])(
    'names the repository that does not exist, and the way to make it (probe: %s)',
    async (probe) => {
      const { client } = await ecr(helper);
      await expect(client.checkPush({ registry: host, path: 'team/other' }, probe)).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
        message: expect.stringContaining('team/other'),
        hint: expect.stringContaining('create-repository --region eu-central-1 --repository-name team/other'),
      });
    },
  );

  it('says what a helper says that fails', async () => {
    const { client } = await ecr(
      '#!/bin/sh\nread -r host; echo "no AWS region configured"; echo more; exit 1',
    );
    await expect(client.checkPush({ registry: host, path: 'team/app' }, true)).rejects.toMatchObject({
      code: 'REGISTRY_LOGIN',
      message: expect.stringMatching(/docker-credential-ecr-login failed for .*: no AWS region configured$/),
    });
  });

  it('says that the helper is not there', async () => {
    const { client } = await ecr(helper, { credHelpers: { [host]: 'not-installed' } });
    await expect(client.checkPush({ registry: host, path: 'team/app' }, true)).rejects.toMatchObject({
      code: 'REGISTRY_LOGIN',
      message: expect.stringContaining('docker-credential-not-installed'),
    });
  });

  it('goes on without a store that is not there, and without a login that it does not hold', async () => {
    const { client } = await ecr(helper, {
      credsStore: 'not-installed',
      auths: { [host]: { auth: auth('AWS', password) } },
    });
    await expect(client.checkPush({ registry: host, path: 'team/app' }, true)).resolves.toBeUndefined();
    expect(client.log.lines.join()).toContain('docker-credential-not-installed');
  });

  it('never runs a helper whose name is a path', async () => {
    const { client } = await ecr(helper, { credHelpers: { [host]: '../../bin/sh' } });
    await expect(client.checkPush({ registry: host, path: 'team/app' }, true)).rejects.toMatchObject({
      code: 'REGISTRY_LOGIN',
      message: expect.stringContaining('name is not allowed'),
    });
  });
});

describe('ghcr.io: opaque tokens, a narrower one without a word, 403 at the write', () => {
  const repository = { registry: 'ghcr.io', path: 'acme/team/app' };
  const users = { 'octo-cat': 'ghs_workflow_token' };
  const credentials = [{ registry: 'ghcr.io', username: 'octo-cat', password: users['octo-cat'] }];

  async function ghcr(grant: TokenServiceOptions['grant']) {
    const tokens = new TokenService({ users, form: 'opaque', service: 'ghcr.io', ...(grant && { grant }) });
    const forbidden = 'permission_denied: write_package';
    const pingScope = 'repository:user/image:pull';
    return { tokens, registry: await start({ auth: { kind: 'token', tokens, forbidden, pingScope } }) };
  }

  it('asks for its own scope, and not for the example of the challenge', async () => {
    const { tokens, registry } = await ghcr(undefined);
    const client = testClient({ ...at(registry), credentials });
    await client.checkPush(repository, false);
    await push(client, 'ghcr.io', repository.path);
    expect(tokens.requests.map(({ scopes }) => scopes)).toEqual([['repository:acme/team/app:pull,push']]);
  });

  it('finds out by an upload session, and names permission and settings', async () => {
    const { registry } = await ghcr(() => ['pull']);
    const client = testClient({ ...at(registry), credentials });
    await expect(client.checkPush(repository, true)).rejects.toMatchObject({
      code: 'REGISTRY_FORBIDDEN',
      message: 'POST ghcr.io/acme/team/app: 403 DENIED: permission_denied: write_package',
      hint: expect.stringMatching(
        /packages: write.*Manage Actions access.*https:\/\/github\.com\/orgs\/acme\/packages\/container\/team%2Fapp\/settings/,
      ),
    });
  });

  it('writes nothing when it may not probe', async () => {
    const { registry } = await ghcr(() => ['pull']);
    const client = testClient({ ...at(registry), credentials });
    await expect(client.checkPush(repository, false)).resolves.toBeUndefined();
    expect(new Set(registry.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('deletes the session that it opened', async () => {
    const { registry } = await ghcr(undefined);
    await testClient({ ...at(registry), credentials }).checkPush(repository, true);
    const writes = registry.requests.filter(({ method }) => method !== 'GET');
    expect(writes).toMatchObject([
      { method: 'POST', status: 202, bodyBytes: 0 },
      { method: 'DELETE', status: 204 },
    ]);
    expect(registry.catalogue()).toEqual({ 'acme/team/app': { tags: {}, manifests: [], blobs: [] } });
  });
});

describe('quay.io: a repository shows only to those who may create it', () => {
  const users = { 'acme+robot': 'robot-token' };
  const credentials = [{ registry: 'quay.io', username: 'acme+robot', password: users['acme+robot'] }];
  const repository = { registry: 'quay.io', path: 'acme/new' };

  it('reads with the wider right where the narrower is refused', async () => {
    const created = new Set<string>();
    const tokens: TokenService = new TokenService({
      users,
      grant: (user, name) => (user !== undefined && created.has(name) ? ['pull', 'push'] : []),
    });
    const handle = tokens.handle.bind(tokens);
    tokens.handle = (request, response) => {
      // As it does: who asks for the right to push, and may create the repository, has created it.
      if (request.url?.includes('push')) created.add('acme/new');
      return handle(request, response);
    };
    const registry = await start({ auth: { kind: 'token', tokens } });
    const client = testClient({ ...at(registry), credentials });
    expect(await client.resolve({ repository, tag: 'v1' })).toBeUndefined();
    await push(client, 'quay.io', 'acme/new');
  });

  it('says which permission a robot lacks', async () => {
    const tokens = new TokenService({ users, grant: () => ['pull'] });
    const registry = await start({ auth: { kind: 'token', tokens } });
    const client = testClient({ ...at(registry), credentials });
    const blob = await stage.layer();
    for (const attempt of [
      () => client.checkPush(repository, false),
      () => client.pushBlob(repository, blob, stage.path(blob), []),
    ])
      await expect(attempt()).rejects.toMatchObject({
        code: 'REGISTRY_FORBIDDEN',
        hint: expect.stringContaining('robot account'),
      });
  });
});

describe('token services in general', () => {
  const users = { robot: 'robot-password' };

  async function running(options: Partial<TokenServiceOptions> = {}) {
    const tokens = new TokenService({ users, ...options });
    const registry = await start({ auth: { kind: 'token', tokens } });
    const credentials = [{ registry: registry.host, username: 'robot', password: users.robot }];
    return { tokens, registry, credentials, repository: { registry: registry.host, path: 'acme/app' } };
  }

  it('may call the token access_token', async () => {
    const { credentials, repository } = await running({ field: 'access_token' });
    await push(testClient({ credentials }), repository.registry, repository.path);
  });

  it.each([true, false])(
    'may know a repository by another name, which the registry tells (probe: %s)',
    async (probe) => {
      const grant = (_: unknown, name: string) => (name.startsWith('proxy/') ? ['pull', 'push'] : []);
      const tokens = new TokenService({ users, grant });
      const registry = await start({ auth: { kind: 'token', tokens, scopePrefix: 'proxy/' } });
      const credentials = [{ registry: registry.host, username: 'robot', password: users.robot }];
      const client = testClient({ credentials });
      const repository = { registry: registry.host, path: 'acme/app' };
      await push(client, repository.registry, repository.path);
      await expect(client.checkPush(repository, probe)).resolves.toBeUndefined();
      if (probe)
        await expect(testClient({ credentials }).checkPush(repository, probe)).resolves.toBeUndefined();
    },
  );

  it('may refuse a scope with 403', async () => {
    const { credentials, repository } = await running({ grant: () => ['pull'], denied: 'refuse' });
    await expect(testClient({ credentials }).checkPush(repository, false)).rejects.toMatchObject({
      code: 'REGISTRY_FORBIDDEN',
      message: expect.stringContaining('403 DENIED'),
    });
  });

  it.each([
    ['the Docker config', { auths: (host: string) => ({ [host]: { identitytoken: 'id-token' } }) }],
    [
      'a key with a scheme and a path',
      { auths: (host: string) => ({ [`https://${host}/v2/`]: { identitytoken: 'id-token' } }) },
    ],
  ])('take an identity token from %s by POST', async (_, { auths }) => {
    const { tokens, registry, repository } = await running({ identityTokens: { 'id-token': 'robot' } });
    const client = testClient(withDockerConfig({ auths: auths(registry.host) }));
    await push(client, repository.registry, repository.path);
    expect(tokens.requests).toMatchObject([
      { method: 'POST', user: 'robot', scopes: ['repository:acme/app:pull,push'], status: 200 },
    ]);
    expect(registry.requests.every(({ path }) => !path.includes('id-token'))).toBe(true);
  });

  it('say that an identity token is no longer good', async () => {
    const { registry, repository } = await running();
    const auths = { [registry.host]: { identitytoken: 'expired-token' } };
    await expect(
      testClient(withDockerConfig({ auths })).resolve({ repository, tag: 'v1' }),
    ).rejects.toMatchObject({
      code: 'REGISTRY_LOGIN',
      hint: expect.stringContaining('the Docker config'),
    });
  });

  it('mount with the right to read the other repository in the same token', async () => {
    const { tokens, credentials, repository } = await running();
    const client = testClient({ credentials });
    const source = { ...repository, path: 'acme/base' };
    const blob = await stage.layer();
    await client.pushBlob(source, blob, stage.path(blob), []);
    expect(await client.pushBlob(repository, blob, stage.path(blob), [source])).toBe('mounted');
    expect(tokens.requests.at(-1)?.scopes).toEqual([
      'repository:acme/app:pull,push',
      'repository:acme/base:pull',
    ]);
  });

  it('see the credentials of their own registry only', async () => {
    const { tokens, credentials } = await running({ grant: () => ['pull'] });
    const other = await start({ auth: { kind: 'token', tokens } });
    const client = testClient({ credentials });
    expect(
      await client.resolve({ repository: { registry: other.host, path: 'acme/app' }, tag: 'v1' }),
    ).toBeUndefined();
    expect(tokens.requests.map(({ user }) => user)).toEqual([undefined]);
  });
});

describe('https', () => {
  it('is refused with a certificate that nobody vouches for, at once and with the way out', async () => {
    const { keyPem, certificatePem } = createCertificate();
    const registry = await start({ tls: { key: keyPem, cert: certificatePem } });
    const client = testClient({ endpoint: () => new URL(`https://${registry.host}/`) });
    const repository = { registry: 'registry.example.com', path: 'acme/app' };
    await expect(client.resolve({ repository, tag: 'v1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    expect(client.waits).toEqual([]);
  });

  it('is spoken with the authorities of NODE_EXTRA_CA_CERTS', async () => {
    const { keyPem, certificatePem } = createCertificate();
    const registry = await start({ tls: { key: keyPem, cert: certificatePem } });
    const folder = await mkdtemp(join(tmpdir(), 'ca-'));
    cleanUp.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'ca.pem'), certificatePem);
    // Node reads the variable when it starts.
    const program = `
      import { createSend } from ${JSON.stringify(join(process.cwd(), 'src/adapters/registry/http.ts'))};
      const send = createSend({}, { idle: 5000, finish: 5000 });
      const answer = await send({ method: 'GET', url: new URL('https://${registry.host}/v2/'), headers: {} });
      console.log(answer.status);
      process.exit();`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { env: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } },
    );
    expect(stdout).toBe('200\n');
  });
});

describe('a proxy', () => {
  it('carries what NO_PROXY does not exempt', async () => {
    const registry = await start({});
    const carried: string[] = [];
    const proxy = createServer((request, response) => {
      const url = new URL(request.url ?? '');
      carried.push(url.host);
      const [hostname, port] = registry.host.split(':');
      const onward = httpRequest(
        { hostname, port, method: request.method, path: url.pathname + url.search, headers: request.headers },
        (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
      );
      request.pipe(onward);
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    cleanUp.push(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const env = {
      HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      NO_PROXY: '127.0.0.1',
    };
    const client = testClient({ env, insecure: ['registry.example.com'] });
    await push(client, 'registry.example.com', 'acme/app');
    expect(new Set(carried)).toEqual(new Set(['registry.example.com']));
    const before = carried.length;
    await push(client, registry.host, 'acme/other');
    expect(carried).toHaveLength(before);
    expect(Object.keys(registry.catalogue())).toEqual(['acme/app', 'acme/other']);
  });
});
