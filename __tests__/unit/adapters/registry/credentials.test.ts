import { describe, expect, it } from '@jest/globals';
import { createFindLogin } from '../../../../src/adapters/registry/credentials.ts';
import { defaultEndpoint } from '../../../../src/adapters/registry/index.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const CONFIG = '/home/runner/.docker/config.json';

type Sources = Omit<Parameters<typeof createFindLogin>[0], 'log'>;

function sources(config?: unknown, change: Partial<Sources> = {}) {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  return {
    credentials: [],
    env: { HOME: '/home/runner' },
    files: memoryFiles(config === undefined ? {} : { [CONFIG]: text }),
    exec: fakeExec(),
    log: fakeLog(),
    ...change,
  };
}

describe('logins of the inputs', () => {
  const given = { username: 'bot', password: 'from-inputs' };

  it.each([
    ['ghcr.io', 'ghcr.io'],
    ['GHCR.io', 'ghcr.io'],
    ['docker.io', 'docker.io'],
    ['index.docker.io', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
  ])('for %s serve %s, before the Docker config', async (registry, asked) => {
    const config = { auths: { [asked]: { auth: base64('other:from-config') } } };
    const find = createFindLogin(sources(config, { credentials: [{ registry, ...given }] }));
    expect(await find(asked)).toEqual({ kind: 'basic', ...given, from: 'the inputs' });
  });

  it.each(['ghcr.io.example.com', 'example.com', '127.0.0.1:5001', '127.0.0.1'])(
    'never serve %s',
    async (asked) => {
      const credentials = ['ghcr.io', 'sub.example.com', '127.0.0.1:5000'].map((registry) => ({
        registry,
        ...given,
      }));
      expect(await createFindLogin(sources(undefined, { credentials }))(asked)).toBeUndefined();
    },
  );
});

describe('logins of the Docker config', () => {
  const basic = (username: string, password: string) => ({
    kind: 'basic',
    username,
    password,
    from: 'the Docker config',
  });

  it.each([
    ['a host', { 'ghcr.io': { auth: base64('bot:pass:word') } }, 'ghcr.io', basic('bot', 'pass:word')],
    [
      'a host with scheme and path',
      { 'https://ghcr.io/v2/': { auth: base64('bot:pw12') } },
      'ghcr.io',
      basic('bot', 'pw12'),
    ],
    [
      'the legacy key of Docker Hub',
      { 'https://index.docker.io/v1/': { auth: base64('bot:pw12') } },
      'docker.io',
      basic('bot', 'pw12'),
    ],
    [
      'the exact key before others of the host',
      { 'https://r.io/x': { auth: base64('a:aaaa') }, 'r.io': { auth: base64('b:bbbb') } },
      'r.io',
      basic('b', 'bbbb'),
    ],
    ['separate fields', { 'r.io': { username: 'bot', password: 'pw12' } }, 'r.io', basic('bot', 'pw12')],
    [
      'an identity token',
      { 'r.io': { auth: base64('bot:'), identitytoken: 'id' } },
      'r.io',
      { kind: 'identity', token: 'id', from: 'the Docker config' },
    ],
    [
      'a registry token',
      { 'r.io': { registrytoken: 'rt' } },
      'r.io',
      { kind: 'registry-token', token: 'rt', from: 'the Docker config' },
    ],
    ['an empty entry', { 'r.io': {} }, 'r.io', undefined],
    ['another port', { 'r.io:5000': { auth: base64('bot:pw12') } }, 'r.io', undefined],
    ['a longer host', { 'r.io.example.com': { auth: base64('bot:pw12') } }, 'r.io', undefined],
  ])('are found under %s', async (_, auths, asked, expected) => {
    expect(await createFindLogin(sources({ auths }))(asked)).toEqual(expected);
  });

  it('are masked when they are found', async () => {
    const own = sources({ auths: { 'ghcr.io': { auth: base64('bot:hidden') } } });
    await createFindLogin(own)('ghcr.io');
    expect(own.log.masked).toEqual(['hidden']);
  });

  it('are read from DOCKER_CONFIG, and once', async () => {
    const files = memoryFiles({
      '/cfg/config.json': JSON.stringify({ auths: { 'r.io': { auth: base64('a:bbbb') } } }),
    });
    let reads = 0;
    const readTextIfExists = (path: string) => {
      reads += 1;
      return files.readTextIfExists(path);
    };
    const env = { HOME: '/home/runner', DOCKER_CONFIG: '/cfg' };
    const find = createFindLogin(sources(undefined, { env, files: { readTextIfExists } }));
    expect(await find('r.io')).toMatchObject({ username: 'a' });
    expect(await find('other.io')).toBeUndefined();
    expect(reads).toBe(1);
  });

  it.each(['{ not json', '{"auths": {"r.io": {"auth": 7}}}', '[]'])(
    'are none, with a warning, in %s',
    async (text) => {
      const own = sources(text);
      expect(await createFindLogin(own)('r.io')).toBeUndefined();
      expect(own.log.lines).toEqual([expect.stringContaining(CONFIG)]);
    },
  );

  it('are none where there is no config, no home', async () => {
    expect(await createFindLogin(sources())('r.io')).toBeUndefined();
    expect(await createFindLogin(sources(undefined, { env: {} }))('r.io')).toBeUndefined();
  });
});

describe('credential helpers', () => {
  const answer = (username: string, secret: string) => ({
    stdout: JSON.stringify({ ServerURL: 'r.io', Username: username, Secret: secret }),
  });

  it('are asked for the host, that of the host before the store', async () => {
    const exec = fakeExec().on('docker-credential-mine get', answer('bot', 'from-helper'));
    const find = createFindLogin(sources({ credHelpers: { 'r.io': 'mine' }, credsStore: 'store' }, { exec }));
    expect(await find('r.io')).toEqual({
      kind: 'basic',
      username: 'bot',
      password: 'from-helper',
      from: 'docker-credential-mine',
    });
    expect(exec.calls.map(({ stdin }) => stdin)).toEqual(['r.io']);
  });

  it('are asked for Docker Hub by its legacy key', async () => {
    const exec = fakeExec().on('docker-credential-store get', answer('bot', 'from-store'));
    await createFindLogin(sources({ credsStore: 'store' }, { exec }))('docker.io');
    expect(exec.calls.map(({ stdin }) => stdin)).toEqual(['https://index.docker.io/v1/']);
  });

  it('may answer with an identity token', async () => {
    const exec = fakeExec().on('docker-credential-mine get', answer('<token>', 'identity'));
    const find = createFindLogin(sources({ credHelpers: { 'r.io': 'mine' } }, { exec }));
    expect(await find('r.io')).toMatchObject({ kind: 'identity', token: 'identity' });
  });

  it('that know nothing are followed by auths', async () => {
    const unknown = { exitCode: 1, stdout: 'credentials not found in native keychain\n' };
    const exec = fakeExec().on('docker-credential-store get', unknown);
    const auths = { 'r.io': { auth: base64('bot:from-auths') } };
    const own = sources({ credsStore: 'store', auths }, { exec });
    expect(await createFindLogin(own)('r.io')).toMatchObject({ password: 'from-auths' });
    expect(own.log.lines).toEqual([]);
  });

  it('that answer nonsense are an error which does not show it', async () => {
    const exec = fakeExec().on('docker-credential-mine get', { stdout: 'the-secret-as-plain-text' });
    const find = createFindLogin(sources({ credHelpers: { 'r.io': 'mine' } }, { exec }));
    const error = await find('r.io').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_LOGIN' });
    expect(JSON.stringify([error.message, error.hint, String(error.cause)])).not.toContain('the-secret');
  });
});

describe('defaultEndpoint', () => {
  it.each([
    ['docker.io', [], 'https://registry-1.docker.io/'],
    ['ghcr.io', [], 'https://ghcr.io/'],
    ['127.0.0.1:5000', [], 'http://127.0.0.1:5000/'],
    ['localhost:5000', [], 'http://localhost:5000/'],
    ['[::1]:5000', [], 'http://[::1]:5000/'],
    ['registry.internal:5000', [], 'https://registry.internal:5000/'],
    ['registry.internal:5000', ['registry.internal:5000'], 'http://registry.internal:5000/'],
    ['registry.internal:5001', ['registry.internal:5000'], 'https://registry.internal:5001/'],
    ['127.0.0.1.example.com', [], 'https://127.0.0.1.example.com/'],
  ])('of %s (insecure: %j) is %s', (registry, insecure, expected) => {
    expect(defaultEndpoint(registry, insecure).href).toBe(expected);
  });
});
