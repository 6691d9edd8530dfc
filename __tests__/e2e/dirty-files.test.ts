import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, contentOf, contextOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { writeFiles } from '../helpers/git-repository.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { expectHarmless, HOSTILE } from './helpers/hostile.ts';
import { craneConfig } from './helpers/judges.ts';

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

type Inputs = Readonly<Record<string, string>>;

/** Runs a checkout with these files beside those of one good image. */
async function runWith(files: Inputs, inputs: Inputs = {}, links: Inputs = {}) {
  const checkout = bench.checkout({ ...contextOf({ 'etc/motd': 'hello\n' }), ...files });
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(checkout.folder, path));
  const run = await bench.run(checkout, inputs);
  expectHarmless(run, [checkout.folder]);
  return { run, errors: annotationsOf(run.log).filter(({ level }) => level === 'error') };
}

const BOMB = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
].join('\n');

describe('a config file', () => {
  it('with unknown keys is told them all, with place and nearest name', async () => {
    const lines = ['registy: a.io', 'gate:', '  severty: [HIGH]', 'images:', '  app:', '    platform: x', ''];
    const { run, errors } = await runWith({ [CONFIG]: lines.join('\n') });
    expect(run.outputs['error-code']).toBe('INPUT_INVALID');
    expect(errors).toMatchObject(['1', '3', '6'].map((line) => ({ file: CONFIG, line })));
    expect(errors.map(({ text }) => text)).toEqual([
      expect.stringMatching(/`registy`: there is no such key\nDid you mean `registry`\?/),
      expect.stringMatching(/`gate\.severty`: there is no such key\nDid you mean `severity`\?/),
      expect.stringMatching(/`images\.app\.platform`: there is no such key\nDid you mean `platforms`\?/),
    ]);
  });

  it.each<[string, string]>([
    ['an alias bomb', BOMB],
    ['a nest of 50,000 lists', `images: ${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['a key of a megabyte', `${'k'.repeat(1_000_000)}: 1`],
    ['members of JavaScript objects', '__proto__: { namespace: evil }\nconstructor: 1\ntoString: 1\n'],
    ['commands for keys', '"::set-output name=status::pwned": 1\n"a\\n::error::pwned": 1\n'],
    ['markup for a key', '"<img src=x onerror=pwned> | @acme/all": 1\n'],
    ['bytes', '\u0001\u0002'],
    ['a list', '- registry\n'],
    ['a value of another language', 'namespace: !!js/function "function () { return 1 }"\n'],
    ['several documents', 'namespace: a\n---\nnamespace: b\n'],
    ['a key twice', 'namespace: a\nnamespace: b\n'],
  ])('that is hostile is a plain error: %s', async (_, text) => {
    const { run, errors } = await runWith({ [CONFIG]: text });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'INPUT_INVALID' });
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject({ file: CONFIG, title: 'INPUT_INVALID' });
    expect(run.log.length).toBeLessThan(20_000);
    expect(run.summary).not.toMatch(/<img|@acme\/all/);
    expect(contentOf(bench.registry)).toEqual({});
  });

  it('may name images as the members of JavaScript objects are called', async () => {
    const names = ['constructor', 'default', 'valueof', 'image'];
    const { run } = await runWith({
      [CONFIG]: `images:\n${names.map((name) => `  ${name}: {}\n`).join('')}`,
    });
    expect(run.outputs.status).toBe('released');
    expect(Object.keys(JSON.parse(run.outputs.digests ?? '{}'))).toEqual(names);
  });
});

describe('a waiver file', () => {
  it.each<[string, string, RegExp]>([
    ['an alias bomb', BOMB, /the `waivers` file is no YAML/],
    ['a reason that is missing', 'vulnerabilities: [{ id: CVE-1 }]', /statement is missing/],
    ['an unknown key', 'vulnerabilities: [{ id: a, statement: b, path: "::x" }]', /unknown key: path/],
  ])('with %s is refused before anything is built', async (_, text, message) => {
    const { run, errors } = await runWith({ 'waivers.yml': text }, { waivers: 'waivers.yml' });
    expect(run.outputs['error-code']).toBe('INPUT_INVALID');
    expect(errors).toMatchObject([{ text: expect.stringMatching(message) }]);
    expect(run.log).not.toContain('COPY rootfs/');
  });
});

describe('a bake file', () => {
  const inputs = { 'bake-file': 'docker-bake.json' };
  const bake = (name: string, labels: unknown = {}) => ({
    'docker-bake.json': `{"group":{"default":{"targets":[${JSON.stringify(name)}]}},"target":{${JSON.stringify(name)}:${JSON.stringify({ context: '.', labels })}}}`,
  });

  it.each(['$(touch pwned)', '`x`', '--print', 'a\n::error::pwned', 'UPPER', '__proto__', '-'])(
    'cannot name a target %j',
    async (name) => {
      const { run } = await runWith(bake(name), { ...inputs, command: 'plan' });
      expect(run.outputs['error-code']).toBe('INPUT_INVALID');
    },
  );

  it('hands on its values as they are', async () => {
    // bake itself reads templates there.
    const values = Object.fromEntries(Object.entries(HOSTILE).filter(([, value]) => !/[$%]\{/.test(value)));
    const { run } = await runWith(bake('constructor', values), inputs);
    expect(run.outputs.status).toBe('released');
    const { Labels } = (await craneConfig(run.outputs['image-ref'] ?? '')).config;
    expect(Labels).toMatchObject(values);
  });
});

describe('paths that lead out of the checkout', () => {
  it.each<[string, Inputs, Inputs, RegExp]>([
    ['a linked context', { context: 'leak' }, {}, /context of \w+ leads out of the checkout: leak is /],
    ['a linked Dockerfile', { file: 'leak/Dockerfile' }, {}, /Dockerfile of \w+ leads out of the checkout/],
    ['a context above', { context: '../..' }, {}, /context of \w+ leads out of the checkout: \.\.\/\.\. is /],
    ['a linked secret', { 'secret-files': 'npmrc=leak/.npmrc' }, {}, /secret file of \w+ leads out/],
    ['a linked working directory', { 'working-directory': 'leak' }, {}, /leads out of the checkout/],
    ['a named context', { 'build-contexts': 'x=leak' }, {}, /context x of \w+ leads out of the checkout/],
    ['a working directory above', { 'working-directory': '..' }, {}, /"\.\." is not inside the workspace/],
    ['a config above', { config: '../x.yml' }, {}, /"\.\.\/x\.yml" is not inside the workspace/],
    ['a bake file above', { 'bake-file': '/etc/passwd' }, {}, /"\/etc\/passwd" is not a file inside/],
    [
      'a context of the config file',
      {},
      { [CONFIG]: 'images: { app: { context: leak } }\n' },
      /context of app leads out of the checkout/,
    ],
  ])('are refused: %s', async (_, inputs, files, message) => {
    const outside = bench.folder('outside');
    mkdirSync(outside, { recursive: true });
    writeFiles(outside, { Dockerfile: 'FROM scratch\nCOPY .npmrc /\n', '.npmrc': 'token' });
    const { run, errors } = await runWith(files, inputs, { leak: outside });
    expect(run.outputs['error-code']).toBe('INPUT_INVALID');
    expect(errors.map(({ text }) => text).join('\n')).toMatch(message);
    expect(contentOf(bench.registry)).toEqual({});
  });
});
