import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLog } from '../../src/adapters/runner/log.ts';
import { ReleaseError } from '../../src/model/errors.ts';
import { ARM64 } from '../helpers/a-release.ts';
import { type BuildBench, buildBench } from '../helpers/build-bench.ts';

let bench: BuildBench;

beforeEach(async () => {
  bench = await buildBench();
  await bench.addBusybox('sh');
});
afterEach(() => bench.dispose());

/** An image whose RUN steps are these. */
const running = (...commands: string[]) => ({
  context: '.',
  'no-cache': true,
  'dockerfile-inline': ['FROM scratch', 'COPY sh /bin/sh', ...commands.map((each) => `RUN ${each}`), ''].join(
    '\n',
  ),
});

async function failureOf(work: Promise<unknown>): Promise<ReleaseError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ReleaseError)) throw new Error(`no ReleaseError: ${error}`);
  return error;
}

function causeOf(error: ReleaseError): string {
  return error.cause instanceof Error ? error.cause.message : String(error.cause);
}

describe('what a build prints', () => {
  it('shows steps and their output by target, and closes its printer', async () => {
    await bench.build({ target: { one: running('echo from one'), two: running('echo from two >&2') } });
    const lines = bench.ports.log.lines;
    expect(lines).toContain('one | [2/2] RUN echo from one');
    expect(lines).toContain('one |   from one');
    expect(lines).toContain('two |   from two');
    expect(
      lines.filter((line) => /load build definition|\.dockerignore|rawjson|"vertexes"/.test(line)),
    ).toEqual([]);
    expect(bench.ports.log.openPrinters()).toBe(0);
  });

  it('names the target also when there is only one', async () => {
    await bench.build({ target: { only: running('echo hello') } });
    expect(bench.ports.log.lines).toContain('only |   hello');
  });

  it('lets no workflow command of a Dockerfile reach the runner', async () => {
    const written: string[] = [];
    const log = createLog({
      onRunner: true,
      write: (text) => written.push(text),
      makeToken: () => 'the-token',
    });
    Object.assign(bench.ports, { log });
    const commands = [
      '::error::boo',
      '::add-mask::a',
      '::set-output name=x::y',
      '##[error]old',
      '::stop-commands::x',
    ];
    await bench.build({
      target: { app: running(...commands.map((each) => `echo '${each}'; printf 'a\\r%s\\n' '${each}'`)) },
    });
    const output = written.join('').split('\n');
    for (const command of commands) expect(output.some((line) => line.includes(command))).toBe(true);
    const open = output.indexOf('::stop-commands::the-token');
    const close = output.lastIndexOf('::the-token::');
    const outside = [...output.slice(0, open), ...output.slice(close + 1)];
    expect(open).toBeGreaterThanOrEqual(0);
    expect(close).toBeGreaterThan(open);
    expect(outside.filter((line) => commands.some((command) => line.includes(command)))).toEqual([]);
  });

  it('keeps build secrets out of arguments, files, log and image', async () => {
    const secret = 'correct-horse-battery-staple';
    const [image] = await bench.build(
      {
        target: {
          app: {
            ...running(
              '--mount=type=secret,id=token test "$(cat /run/secrets/token)" = correct-horse-battery-staple-no || echo seen > /seen',
            ),
            secret: [{ type: 'env', id: 'token', env: 'MODULE_RELEASE_SECRET_0' }],
          },
        },
      },
      { inputs: { secrets: { token: secret } }, secretEnv: { MODULE_RELEASE_SECRET_0: secret } },
    );
    expect(image?.origin).toBe('built');
    const files = (await readdir(bench.root, { recursive: true, withFileTypes: true })).filter((each) =>
      each.isFile(),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files) {
      const text = await readFile(join(parentPath, name), 'latin1');
      expect(text.replaceAll(`${secret}-no`, '')).not.toContain(secret);
    }
    expect(bench.ports.log.lines.join('\n').replaceAll(`${secret}-no`, '')).not.toContain(secret);
  });

  it('gives secrets of the inputs to targets of a bake file that does not name them', async () => {
    const document = {
      target: { app: running('--mount=type=secret,id=token cat /run/secrets/token > /dev/null') },
    };
    const secrets = {
      inputs: { secrets: { token: 'value' } },
      secretEnv: { MODULE_RELEASE_SECRET_0: 'value' },
    };
    await expect(bench.build(document, secrets)).resolves.toHaveLength(1);
  });
});

describe('a build that fails', () => {
  it('names the target and the step, and gives its last lines', async () => {
    const error = await failureOf(
      bench.build({
        target: { good: running('true'), bad: running('echo some context; echo oops; exit 7') },
      }),
    );
    expect(error.code).toBe('BUILD_FAILED');
    expect(error.message).toMatch(
      /^the build of bad failed at \[2\/2\] RUN echo some context.*exit code: 7$/,
    );
    expect(causeOf(error)).toMatch(/some context\noops/);
    expect(bench.ports.log.openPrinters()).toBe(0);
  });

  it.each<[string, Record<string, unknown>, RegExp, RegExp]>([
    [
      'a file that is not there',
      { 'dockerfile-inline': 'FROM scratch\nCOPY nope /\n' },
      /nope/,
      /Dockerfile step/,
    ],
    [
      'a Dockerfile that is wrong',
      { 'dockerfile-inline': 'FROM scratch\nCPOY a b\n' },
      /CPOY/,
      /Dockerfile step/,
    ],
    ['no Dockerfile', { dockerfile: 'Nope' }, /Nope/, /Dockerfile step/],
    [
      'a base image that cannot be read',
      { 'dockerfile-inline': 'FROM 127.0.0.1:1/none:1\n' },
      /127\.0\.0\.1:1/,
      /base image could not be read/,
    ],
    ['a crash', running('exit 139'), /exit code: 139/, /139 is a crash/],
  ])('says what to do about %s', async (_, change, message, hint) => {
    const error = await failureOf(bench.build({ target: { app: { context: '.', ...change } } }));
    expect(error.code).toBe('BUILD_FAILED');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('app');
    expect(error.hint).toMatch(hint);
  });

  it('knows a program of another platform', async () => {
    // Also with an emulator this is no program of any platform.
    await bench.write({ 'not-a-program': Buffer.alloc(300, 1) });
    const dockerfile = 'FROM scratch\nCOPY --chmod=755 not-a-program /bin/x\nRUN ["/bin/x"]\n';
    const error = await failureOf(
      bench.build(
        { target: { app: { context: '.', 'dockerfile-inline': dockerfile } } },
        {
          planned: { app: { platforms: [ARM64] } },
        },
      ),
    );
    expect(error.hint).toMatch(/QEMU/);
  });
});

describe('caches', () => {
  it('exports and imports a local cache outside of the checkout', async () => {
    const folder = join(bench.root, 'cache');
    const inputs = {
      cacheTo: [`type=local,mode=max,dest=${folder}`],
      cacheFrom: [`type=local,src=${folder}`],
    };
    await bench.build({ target: { app: running('echo cached') } }, { inputs: { cacheTo: inputs.cacheTo } });
    expect(await readdir(folder)).toContain('index.json');
    await expect(bench.build({ target: { app: running('echo cached') } }, { inputs })).resolves.toHaveLength(
      1,
    );
  });

  it('find the cache service of GitHub in the environment that actions get, token included', async () => {
    const asked: { url: string; token: string | undefined }[] = [];
    const service = createServer((request, response) => {
      asked.push({ url: request.url ?? '', token: request.headers.authorization });
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const address = service.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const scopes = JSON.stringify([{ Scope: 'refs/heads/main', Permission: 3 }]);
    const now = Math.floor(Date.now() / 1000);
    const token = `${part({ alg: 'none' })}.${part({ ac: scopes, nbf: now - 60, exp: now + 600 })}.c2ln`;
    const url = `http://127.0.0.1:${port}/`;
    const given = { ACTIONS_CACHE_URL: url, ACTIONS_RESULTS_URL: url, ACTIONS_RUNTIME_TOKEN: token };
    Object.assign(process.env, given);
    try {
      const inputs = { cacheTo: ['type=gha,mode=max'], cacheFrom: ['type=gha'] };
      await expect(bench.build({ target: { app: running('true') } }, { inputs })).resolves.toHaveLength(1);
    } finally {
      for (const name of Object.keys(given)) delete process.env[name];
      await new Promise((resolve) => service.close(resolve));
    }
    expect(asked.some(({ url: path }) => path.includes('/_apis/artifactcache/'))).toBe(true);
    expect(new Set(asked.map((each) => each.token))).toEqual(new Set([`Bearer ${token}`]));
    expect(bench.ports.log.lines.join('\n')).not.toContain(token);
  });

  it('is built without a cache that cannot be set up', async () => {
    // No service, no token: as in a shell step.
    const inputs = { cacheTo: ['type=gha,url=http://127.0.0.1:1/,token=not-a-token'] };
    await expect(bench.build({ target: { app: running('true') } }, { inputs })).resolves.toHaveLength(1);
    expect(bench.ports.log.lines.filter((line) => line.startsWith('warning: The build cache'))).toHaveLength(
      1,
    );
  });

  it('does not fail when a cache cannot be written: it warns', async () => {
    const inputs = { cacheTo: ['type=registry,ref=127.0.0.1:1/cache:x'] };
    await expect(bench.build({ target: { app: running('true') } }, { inputs })).resolves.toHaveLength(1);
    expect(bench.ports.log.lines.filter((line) => line.startsWith('warning: The build cache'))).toHaveLength(
      1,
    );
  });
});
