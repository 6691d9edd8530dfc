import { describe, expect, it } from '@jest/globals';
import { parsePrint, printArgs, resolveBuild } from '../../../../src/steps/survey/bake-print.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';

/** As buildx 0.29 prints it for `bake --print app variants`. */
const printed = {
  group: {
    default: { targets: ['app', 'variants', 'app'] },
    variants: { targets: ['v-one', 'v-two'] },
  },
  target: {
    app: {
      context: '/work/repo/docker',
      contexts: { base: 'target:base', alpine: 'docker-image://alpine:3' },
      dockerfile: 'Dockerfile',
      args: { V: '1' },
      labels: { a: 'b', gone: null },
      platforms: ['linux/amd64', 'linux/arm64'],
      attest: [
        { type: 'provenance', mode: 'max' },
        { type: 'sbom', disabled: true },
      ],
      secret: [{ id: 'token', env: 'MODULE_RELEASE_SECRET_0' }],
      ssh: [{ id: 'default' }],
      output: [{ type: 'registry' }],
      tags: ['x:1'],
      'cache-from': [{ type: 'gha' }],
      'cache-to': [{ type: 'gha' }],
      'no-cache': true,
    },
    base: {
      context: '/work/repo',
      dockerfile: 'Dockerfile',
      attest: [{ type: 'provenance', disabled: true }],
    },
    'v-one': { context: '/work/repository' },
    'v-two': { context: 'https://example.com/x.git' },
  },
};
const parse = (value: unknown = printed) => parsePrint(JSON.stringify(value), '/work/repo');

describe('what bake printed', () => {
  it('selects the leaves of what was asked for, once and in order; parents are only in the graph', () => {
    const build = parse();
    expect(build.selected).toEqual(['app', 'v-one', 'v-two']);
    expect(Object.keys(build.targets)).toEqual(['app', 'base', 'v-one', 'v-two']);
    expect(build.targets.app?.parents).toEqual(['base']);
  });

  it('takes the names of members of JavaScript objects for names', () => {
    const text = '{"group":{"default":{"targets":["constructor"]}},"target":{"constructor":{"context":"."}}}';
    expect(parsePrint(text, '/', ['constructor']).selected).toEqual(['constructor']);
  });

  it.each([
    ['{"group":{"default":{"targets":["__proto__"]}},"target":{"__proto__":{"context":"."}}}'],
    ['{"group":{"default":{"targets":["a","__proto__"]}},"target":{"a":{},"__proto__":{"context":"."}}}'],
    ['{"group":{"default":{"targets":[]}},"target":{}}'],
  ])('refuses to build less than was asked for: %s', (text) => {
    expect(() => parsePrint(text, '/')).toThrow(/bake has no target that can be built/);
  });

  it('selects in the order that was asked for', () => {
    expect(parsePrint(JSON.stringify(printed), '/', ['variants', 'app']).selected).toEqual([
      'v-one',
      'v-two',
      'app',
    ]);
    expect(parsePrint(JSON.stringify(printed), '/', ['v-*', 'v-two']).selected).toEqual([
      'v-two',
      'app',
      'v-one',
    ]);
  });

  it('takes texts literally that bake printed as templates, and hands on the rest as it is', () => {
    const target = {
      context: '${path}',
      args: { A: '$${B} %%{if}' },
      labels: { l: '$${L}' },
      annotations: ['k=$${v}'],
      'dockerfile-inline': 'RUN echo $${X}',
    };
    const build = parse({ target: { a: target } });
    expect(build.printed?.target.a).toEqual({
      context: '${path}',
      args: { A: '${B} %{if}' },
      labels: { l: '${L}' },
      annotations: ['k=${v}'],
      'dockerfile-inline': 'RUN echo ${X}',
    });
    expect(build.targets.a?.labels).toEqual({ l: '${L}' });
  });

  it('keeps of the definition what shapes bytes, without paths of this machine', () => {
    expect(parse().targets.app?.definition).toEqual({
      context: 'docker',
      contexts: { base: 'target:base', alpine: 'docker-image://alpine:3' },
      dockerfile: 'Dockerfile',
      args: { V: '1' },
      labels: { a: 'b', gone: null },
      platforms: ['linux/amd64', 'linux/arm64'],
      attest: [
        { type: 'provenance', mode: 'max' },
        { type: 'sbom', disabled: true },
      ],
      secret: ['token'],
    });
    expect(parse().targets.base?.definition).toMatchObject({ context: '.' });
    expect(parse().targets['v-one']?.definition).toMatchObject({ context: '/work/repository' });
  });

  it.each<[string, unknown[] | undefined, boolean]>([
    ['none', undefined, false],
    ['asked for', [{ type: 'sbom' }], true],
    ['disabled', [{ type: 'provenance', disabled: true }], false],
    ['disabled in words', [{ type: 'provenance', disabled: 'true' }], false],
    ['asked for, as older releases print it', ['type=provenance,mode=max'], true],
    ['disabled, as older releases print it', ['type=provenance,disabled=true'], false],
  ])('knows inline attestations: %s', (_, attest, expected) => {
    const build = parse({ target: { a: attest === undefined ? {} : { attest } } });
    expect(build.targets.a?.attests).toBe(expected);
  });

  it('drops labels that were taken back', () => {
    expect(parse().targets.app?.labels).toEqual({ a: 'b' });
  });

  it('survives groups that name each other', () => {
    const group = { default: { targets: ['a'] }, a: { targets: ['default', 'x'] } };
    expect(parse({ group, target: { x: {} } }).selected).toEqual(['x']);
  });

  it.each([
    ['no JSON', 'oops'],
    ['no targets', '{}'],
    ['a name that is a path', '{"target":{"../x":{}}}'],
  ])('refuses %s', (_, stdout) => {
    expect(() => parsePrint(stdout, '/')).toThrow(expect.objectContaining({ code: 'TOOL_FAILED' }));
  });
});

describe('asking bake', () => {
  it.each([
    [
      'the files of the user',
      { files: ['a.hcl', 'b.json'], targets: ['x'] },
      '--file a.hcl --file b.json -- x',
    ],
    ['its own default files', { files: [], targets: [] }, '--'],
    [
      'a generated document, all of it',
      { files: [], targets: [], document: { target: { a: {}, b: {} } } },
      '--file - -- a b',
    ],
    [
      'a generated document with a default group',
      { files: [], targets: [], document: { group: { default: { targets: ['a'] } }, target: { a: {} } } },
      '--file - --',
    ],
    ['a target that looks like an option', { files: [], targets: ['--push'] }, '-- --push'],
  ])('for %s', (_, spec, expected) => {
    expect(printArgs({ ...spec, cwd: '/w' }).join(' ')).toBe(`buildx bake --print ${expected}`);
  });

  it('gives the document on standard input and the secrets in the environment', async () => {
    const exec = fakeExec().on('docker buildx bake', { stdout: '{"target":{"a":{}}}' });
    const document = { target: { a: { context: '.' } } };
    await resolveBuild({ files: [], targets: [], cwd: '/w', document, secretEnv: { S: 'value' } }, { exec });
    expect(exec.calls[0]).toMatchObject({ cwd: '/w', stdin: JSON.stringify(document), env: { S: 'value' } });
    expect(exec.lines()[0]).not.toContain('value');
  });

  it.each([
    [
      'INPUT_INVALID',
      '#1 [internal] load local bake definitions\n#1 DONE 0.0s\nERROR: failed to find target nope\n',
      'the bake definition cannot be resolved: failed to find target nope',
    ],
    ['INPUT_INVALID', '', 'the bake definition cannot be resolved: no message'],
    [
      'TOOL_MISSING',
      "docker: 'buildx' is not a docker command.\nSee 'docker --help'",
      'docker has no buildx plugin',
    ],
    [
      'TOOL_MISSING',
      'unknown flag: --print\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n',
      'docker has no buildx plugin',
    ],
  ])('answers %s', async (code, stderr, message) => {
    const exec = fakeExec().on('docker buildx bake', { exitCode: 1, stderr });
    await expect(resolveBuild({ files: [], targets: [], cwd: '/w' }, { exec })).rejects.toMatchObject({
      code,
      message,
    });
  });
});
