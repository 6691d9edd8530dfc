import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { provideBusybox } from '../../scripts/setup/busybox.mjs';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import { MEDIA } from '../../src/model/manifest.ts';
import { contentOf, contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { AuthOptions } from '../helpers/registry/doorman.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { TokenService } from '../helpers/registry/token-service.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { familyFiles } from './helpers/family.ts';
import { leaksOf } from './helpers/leaks.ts';

const PASSWORD = 'p4ss:word+/e2e-åÄ';
const USERS = { robot: PASSWORD };
const LOGIN = { username: 'robot', password: PASSWORD };

let bench: E2eBench;
let checkout: GitRepository;
let tests = 0;
let image: string;
const started: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  bench = await e2eBench();
  checkout = bench.checkout(contextOf({ 'etc/motd': 'registries\n' }));
});
afterAll(() => bench.dispose());
beforeEach(() => {
  tests += 1;
  image = `app-${tests}`;
});
afterEach(async () => {
  for (const registry of started.splice(0)) await registry.stop();
});

async function start(auth?: AuthOptions): Promise<RunningRegistry> {
  const registry = await startRegistry(auth === undefined ? {} : { auth });
  started.push(registry);
  return registry;
}

type Inputs = Readonly<Record<string, string>>;
type Env = Readonly<Record<string, string>>;

const release = (inputs: Inputs, env: Env = {}, more = {}, repository = checkout): Promise<ActionRun> =>
  bench.run(repository, { image, ...inputs }, { env, ...more });
const errorsOf = (run: ActionRun) => annotationsOf(run.log).filter(({ level }) => level === 'error');
const tagsOf = (registry: RunningRegistry, name = image) => contentOf(registry)[`acme/${name}`]?.tags ?? {};
const pathsOf = (registry: RunningRegistry, from = 0) => writesOf(registry.requests.slice(from));

function expectReleased(run: ActionRun): void {
  expect({ errors: errorsOf(run), status: run.outputs.status, exitCode: run.exitCode }).toEqual({
    errors: [],
    status: 'released',
    exitCode: 0,
  });
}

/** No form of the password is anywhere. */
function expectSecret(run: ActionRun, user = 'robot', password = PASSWORD): void {
  expect(leaksOf(run, [password, `${user}:${password}`])).toEqual([]);
}

/** Red before anything was built or written. */
function expectTurnedAway(run: ActionRun, code: string, registry: RunningRegistry, hint: RegExp): void {
  expect(run.exitCode).toBe(1);
  expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': code, pushed: 'false' });
  expect(errorsOf(run)).toMatchObject([{ title: code, text: expect.stringMatching(hint) }]);
  expect(errorsOf(run)[0]?.text).toContain(registry.host);
  expect(run.log).not.toMatch(/::group::Build|\] COPY/);
  expect(pathsOf(registry)).toEqual([]);
  expect(contentOf(registry)).toEqual({});
}

/** A Docker config of this test's own, for DOCKER_CONFIG. */
function dockerConfig(config: unknown): Env {
  const folder = bench.folder('docker-config');
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return { DOCKER_CONFIG: folder };
}

const basicPair = Buffer.from(`robot:${PASSWORD}`).toString('base64');

/** Adds a credential helper to PATH, as Amazon's and Google's are. */
function credentialHelper(name: string): Env {
  const folder = bench.folder('helper');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `docker-credential-${name}`);
  const answer = JSON.stringify({ ServerURL: '', Username: 'robot', Secret: PASSWORD });
  writeFileSync(path, `#!/bin/sh\ncat > /dev/null\ncat <<'END'\n${answer}\nEND\n`);
  chmodSync(path, 0o755);
  return { PATH: `${folder}:${process.env.PATH}` };
}

const DOORS: Readonly<Record<string, () => AuthOptions>> = {
  'basic auth': () => ({ kind: 'basic', users: USERS }),
  tokens: () => ({ kind: 'token', tokens: new TokenService({ users: USERS }) }),
  'opaque tokens': () => ({ kind: 'token', tokens: new TokenService({ users: USERS, form: 'opaque' }) }),
};

describe.each(Object.entries(DOORS))('a registry with %s', (_, door) => {
  const ways: Readonly<Record<string, (host: string) => { inputs: Inputs; env: Env }>> = {
    '`username` and `password`': () => ({ inputs: LOGIN, env: {} }),
    '`registry-auth`': (host) => ({
      inputs: { 'registry-auth': `- ${JSON.stringify({ registry: host, ...LOGIN })}\n` },
      env: {},
    }),
    'the auths of a Docker config': (host) => ({
      inputs: {},
      env: dockerConfig({ auths: { [host]: { auth: basicPair } } }),
    }),
    'a credential helper of a Docker config': (host) => ({
      inputs: {},
      env: { ...dockerConfig({ credHelpers: { [host]: 'e2e' } }), ...credentialHelper('e2e') },
    }),
  };

  it.each(Object.entries(ways))('is opened by %s, which appears nowhere', async (_name, way) => {
    const registry = await start(door());
    const { inputs, env } = way(registry.host);
    const run = await release({ registry: registry.host, ...inputs }, env);
    expectReleased(run);
    expect(tagsOf(registry)).toMatchObject({ '1.2.3': run.outputs.digest });
    expectSecret(run);
  });

  it('turns away a wrong password for a whole set in one sentence', async () => {
    const registry = await start(door());
    const inputs = { registry: registry.host, username: 'robot', password: 'not-the-password-77' };
    const run = await bench.run(bench.checkout(familyFiles()), inputs);
    expectTurnedAway(run, 'REGISTRY_LOGIN', registry, /The credentials \(user robot\) came from the inputs/);
  });

  it('turns away a wrong password before anything is built, and the password appears nowhere', async () => {
    const registry = await start(door());
    const wrong = 'not-the-password-77';
    const run = await release({ registry: registry.host, username: 'robot', password: wrong });
    expectTurnedAway(run, 'REGISTRY_LOGIN', registry, /The credentials \(user robot\) came from the inputs/);
    expectSecret(run, 'robot', wrong);
  });

  it('turns away who has no login at all', async () => {
    const registry = await start(door());
    const run = await release({ registry: registry.host }, dockerConfig({}));
    expectTurnedAway(
      run,
      'REGISTRY_LOGIN',
      registry,
      /No credentials were found .*: set `username` and `password`/,
    );
  });
});

describe('a token that may not push', () => {
  it.each([
    ['narrower than asked for', 'narrow'],
    ['refused', 'refuse'],
  ] as const)('is noticed before anything is built: %s', async (_, denied) => {
    const tokens = new TokenService({ users: USERS, grant: () => ['pull'], denied });
    const registry = await start({ kind: 'token', tokens });
    const run = await release({ registry: registry.host, ...LOGIN });
    expectTurnedAway(run, 'REGISTRY_FORBIDDEN', registry, /may not push|push/);
    expectSecret(run);
  });

  it('that is opaque is noticed before anything is built too', async () => {
    const tokens = new TokenService({ users: USERS, grant: () => ['pull'], form: 'opaque' });
    const registry = await start({ kind: 'token', tokens, forbidden: 'denied: permission_denied' });
    const run = await release({ registry: registry.host, ...LOGIN });
    expectTurnedAway(run, 'REGISTRY_FORBIDDEN', registry, /permission_denied|push/);
  });

  it('for one image of a set stops the whole set', async () => {
    const grant = (_: string | undefined, name: string) =>
      name === 'acme/intake' ? ['pull'] : ['pull', 'push'];
    const registry = await start({ kind: 'token', tokens: new TokenService({ users: USERS, grant }) });
    const run = await bench.run(bench.checkout(familyFiles()), { registry: registry.host, ...LOGIN });
    expectTurnedAway(run, 'REGISTRY_FORBIDDEN', registry, /acme\/intake/);
  });

  it('during a push is replaced by a new one when it is no longer good', async () => {
    const tokens = new TokenService({ users: USERS });
    const registry = await start({ kind: 'token', tokens });
    const more = {
      onLine: (line: string) => {
        if (line.startsWith('::group::Push') || line.startsWith('::group::Tag')) tokens.revokeAll();
      },
    };
    const run = await release({ registry: registry.host, ...LOGIN }, {}, more);
    expectReleased(run);
    expect(registry.requests.filter(({ status }) => status === 401).length).toBeGreaterThan(1);
  });
});

describe('two registries', () => {
  it('end up with equal digests: one with htpasswd that nobody here wrote, and one with tokens', async () => {
    const other = 'another-Passw0rd';
    const distribution = await startDistribution({ auth: 'htpasswd', users: { clerk: other } });
    started.push(distribution);
    const registry = await start({ kind: 'token', tokens: new TokenService({ users: USERS }) });
    const auths = [
      { registry: distribution.host, username: 'clerk', password: other },
      { registry: registry.host, ...LOGIN },
    ];
    const run = await release({
      registry: `${distribution.host},${registry.host}`,
      'registry-auth': JSON.stringify(auths),
    });
    expectReleased(run);
    const { digest } = run.outputs;
    expect(tagsOf(registry)).toMatchObject({ '1.2.3': digest });
    const headers = {
      authorization: `Basic ${Buffer.from(`clerk:${other}`).toString('base64')}`,
      accept: MEDIA.ociManifest,
    };
    const url = `http://${distribution.host}/v2/acme/${image}/manifests/1.2.3`;
    const held = await fetch(url, { method: 'HEAD', headers });
    expect(held.headers.get('docker-content-digest')).toBe(digest);
    expect(run.outputs.image).toBe(`${distribution.host}/acme/${image}:1.2.3`);
    expect(run.outputs.tags?.split('\n')).toEqual(
      ['1.2.3', `sha-${checkout.sha}`].flatMap((tag) =>
        [distribution.host, registry.host].map((host) => `${host}/acme/${image}:${tag}`),
      ),
    );
    expectSecret(run);
    expectSecret(run, 'clerk', other);
  });

  it('of which the second fails during the push have no tag, and are finished by the next run', async () => {
    const [first, second] = [await start(), await start()];
    const inputs = { registry: `${first.host},${second.host}` };
    second.faults.add({
      when: { method: 'PUT', path: /\/manifests\// },
      effect: { do: 'answer', status: 403 },
    });
    const red = await release(inputs);
    expect(red.exitCode).toBe(1);
    expect(red.outputs).toMatchObject({ status: 'failed', 'error-code': 'REGISTRY_FORBIDDEN', tags: '' });
    expect(errorsOf(red)[0]?.text).toContain(second.host);
    expect([tagsOf(first), tagsOf(second)]).toEqual([{}, {}]);

    const since = first.requests.length;
    const next = await release(inputs);
    expectReleased(next);
    expect(tagsOf(first)).toEqual(tagsOf(second));
    expect(tagsOf(first)).toMatchObject({ '1.2.3': next.outputs.digest });
    // What the first had already was not sent once more.
    expect(pathsOf(first, since).filter((line) => line.includes('/blobs/'))).toEqual([]);
  });

  it('of which the second fails at its tags are finished from the first', async () => {
    const [first, second] = [await start(), await start()];
    const inputs = { registry: `${first.host},${second.host}` };
    second.faults.add({
      when: { method: 'PUT', path: /\/manifests\/(?!sha256:)/ },
      times: 100,
      effect: { do: 'answer', status: 403 },
    });
    const red = await release(inputs);
    expect(red.outputs).toMatchObject({
      status: 'failed',
      'error-code': 'REGISTRY_FORBIDDEN',
      pushed: 'true',
    });
    expect(tagsOf(second)).toEqual({});
    second.faults.clear();
    const next = await release(inputs);
    expectReleased(next);
    expect(next.log).toContain(`Adopting ${image}`);
    expect(tagsOf(second)).toEqual(tagsOf(first));
    expect(tagsOf(second)).toMatchObject({ '1.2.3': next.outputs.digest });
  });

  it('of which the first has lost everything are finished from the second', async () => {
    const second = await start();
    const alone = await release({ registry: second.host });
    const first = await start();
    const since = second.requests.length;
    const run = await release({ registry: `${first.host},${second.host}` });
    expectReleased(run);
    expect(run.outputs.digest).toBe(alone.outputs.digest);
    expect(tagsOf(first)).toEqual(tagsOf(second));
    expect(pathsOf(second, since)).toEqual([]);
  });

  it('that hold other bytes for the same release are refused, and neither is changed', async () => {
    const repository = bench.checkout({
      Dockerfile: [
        'FROM scratch',
        'COPY --chmod=755 busybox /bin/busybox',
        'RUN ["/bin/busybox", "dd", "if=/dev/urandom", "of=/random", "bs=1024", "count=1"]',
        '',
      ].join('\n'),
      busybox: readFileSync(await provideBusybox()),
    });
    const [first, second] = [await start(), await start()];
    for (const { host } of [first, second])
      expectReleased(await release({ registry: host, 'no-cache': 'true' }, {}, {}, repository));
    const before = [contentOf(first), contentOf(second)];
    expect(tagsOf(first)).not.toEqual(tagsOf(second));
    const run = await release({ registry: `${first.host},${second.host}` }, {}, {}, repository);
    expect(run.exitCode).toBe(1);
    expect(run.outputs['error-code']).toBe('TAG_IMMUTABLE');
    expect(errorsOf(run)[0]?.text).toMatch(/another registry holds other bytes for the same release/);
    expect([contentOf(first), contentOf(second)]).toEqual(before);
  });

  it('are both looked at before anything is built: all that is wrong is told together', async () => {
    const first = await start({ kind: 'basic', users: USERS });
    const second = await start({
      kind: 'token',
      tokens: new TokenService({ users: USERS, grant: () => ['pull'] }),
    });
    const auths = [
      { registry: first.host, username: 'robot', password: 'a-wrong-one' },
      { registry: second.host, ...LOGIN },
    ];
    const run = await release({
      registry: `${first.host},${second.host}`,
      'registry-auth': JSON.stringify(auths),
    });
    expect(run.exitCode).toBe(1);
    expect(errorsOf(run)).toMatchObject([{ title: 'REGISTRY_LOGIN' }, { title: 'REGISTRY_FORBIDDEN' }]);
    expect(run.log).not.toMatch(/::group::Build/);
    expectSecret(run);
  });
});
