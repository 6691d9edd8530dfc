import { describe, expect, it } from '@jest/globals';
import { accepted, CONFIG_FILE, messages, refused, WORKSPACE } from '../../helpers/read-door.ts';

const SET = `
registry: ghcr.io
images:
  containai-base: { context: ., file: docker/base/Dockerfile, platforms: [linux/amd64, linux/arm64/v8] }
  containai:      { context: docker/runtime, contexts: { base: "target:containai-base" }, args: { B: "2", C: "3" } }
  standalone:
  brought:        { from: "oci-layout:out/layout" }
`;

describe('the image set of the config file', () => {
  it('keeps its order, and shares the inputs for all images', () => {
    const raw = {
      'build-args': 'A=1\nB=1',
      'build-contexts': 'tools=./tools',
      'working-directory': 'modules/a',
    };
    const { definition } = accepted({ config: SET, raw }).build;
    expect(definition).toEqual({
      kind: 'images',
      images: [
        {
          name: 'containai-base',
          context: '.',
          file: 'docker/base/Dockerfile',
          platforms: [
            { os: 'linux', architecture: 'amd64' },
            { os: 'linux', architecture: 'arm64' },
          ],
          args: { A: '1', B: '1' },
          contexts: { tools: './tools' },
          labels: {},
        },
        {
          name: 'containai',
          context: 'docker/runtime',
          platforms: [],
          args: { A: '1', B: '2', C: '3' },
          contexts: { tools: './tools', base: 'target:containai-base' },
          labels: {},
        },
        {
          name: 'standalone',
          context: '.',
          platforms: [],
          args: { A: '1', B: '1' },
          contexts: { tools: './tools' },
          labels: {},
        },
        {
          name: 'brought',
          context: '.',
          platforms: [],
          args: {},
          contexts: {},
          labels: {},
          from: { kind: 'oci-layout', path: `${WORKSPACE}/modules/a/out/layout` },
        },
      ],
    });
  });

  it.each([
    ['images: {}', ['config `images`: it names no image']],
    [
      'images: { My_Image: {} }',
      [
        'config `images.My_Image`: "My_Image" is not a lower-case image name such as my-module; write "my_image"',
      ],
    ],
    ['images: { a/b: {} }', [expect.stringContaining('"a/b" is not a lower-case image name')]],
    [
      'images: { a: { contexts: { x: "target:b" } } }',
      ['config `images.a.contexts`: "target:b" names no image of the set ("a")'],
    ],
    [
      'images: { a: { contexts: { x: "target:a" } } }',
      ['config `images.a.contexts`: the images stand on each other: a → a'],
    ],
    [
      'images: { c: { contexts: { x: "target:a" } }, a: { contexts: { x: "target:b" } }, b: { contexts: { x: "target:c" } } }',
      ['config `images.a.contexts`: the images stand on each other: a → b → c → a'],
    ],
    [
      'images: { a: { from: "docker-daemon:x", file: y, labels: { a: b } } }',
      [
        'config `images.a.file`: it has no meaning beside `from`: that image is not built here',
        'config `images.a.labels`: it has no meaning beside `from`: that image is not built here',
      ],
    ],
    [
      'images: { a: { from: "podman:x" } }',
      [expect.stringMatching(/^config `images\.a\.from`: "podman:x" is not one of docker-daemon:REF/)],
    ],
    [
      'images: { a: { target: "--x" } }',
      ['config `images.a.target`: "--x" is not the name of a stage such as runtime'],
    ],
  ])('%s is refused', (config, expected) => {
    expect(messages({ config })).toEqual(expected);
  });

  it('tells the line of the key', () => {
    const config = 'images:\n  a:\n    context: .\n    platforms: linux/amd64,linux\n';
    expect(refused({ config })[0]?.at).toEqual({ file: CONFIG_FILE, line: 4 });
  });

  it('lets a parent be shared, and brought from elsewhere', () => {
    const config = `
images:
  base: { from: "docker-daemon:base:1" }
  a: { contexts: { base: "target:base" } }
  b: { contexts: { base: "target:base", a: "target:a" } }
`;
    expect(messages({ config })).toEqual([]);
  });

  it('counts a shared context as a parent of every image', () => {
    expect(
      messages({ config: 'images: { a: {} }', raw: { 'build-contexts': 'base=target:nowhere' } }),
    ).toEqual(['config `images.a`: "target:nowhere" names no image of the set ("a")']);
  });
});

describe('one image from the inputs', () => {
  it('is built from the Dockerfile inputs', () => {
    const raw = {
      context: 'src',
      file: 'src/Dockerfile',
      target: 'runtime',
      'build-args': 'A=1,2',
      image: 'my-module',
    };
    const { build, names } = accepted({ raw });
    expect(names.image).toBe('my-module');
    expect(build.definition).toEqual({
      kind: 'images',
      images: [
        {
          context: 'src',
          file: 'src/Dockerfile',
          target: 'runtime',
          platforms: [],
          args: { A: '1,2' },
          contexts: {},
          labels: {},
        },
      ],
    });
  });

  it('is brought by `from`', () => {
    const { definition } = accepted({ raw: { from: 'oci-archive:out/x.tar' } }).build;
    expect(definition).toMatchObject({
      images: [{ from: { kind: 'oci-archive', path: `${WORKSPACE}/out/x.tar` } }],
    });
  });

  it('has no other image to stand on', () => {
    expect(messages({ raw: { 'build-contexts': 'base=target:base' } })).toEqual([
      'input `build-contexts`: "target:base" names no image: the config file declares no `images`',
    ]);
  });
});

describe('bake files', () => {
  it('come from the inputs, relative to the working directory', () => {
    const raw = {
      'working-directory': 'modules/a',
      'bake-file': '../common.hcl,docker-bake.hcl',
      'bake-targets': 'app,worker',
    };
    expect(accepted({ raw }).build.definition).toEqual({
      kind: 'bake-file',
      files: ['../common.hcl', 'docker-bake.hcl'],
      targets: ['app', 'worker'],
      names: {},
    });
  });

  it('come from the config, with names for their targets', () => {
    const config = 'bake: { file: docker-bake.hcl, names: { app: my-app } }';
    expect(accepted({ config }).build.definition).toEqual({
      kind: 'bake-file',
      files: ['docker-bake.hcl'],
      targets: ['default'],
      names: { app: 'my-app' },
    });
  });

  it.each([
    ['bake: { file: ../x.hcl }', 'config `bake.file`: "../x.hcl" is not a file inside the workspace'],
    ['bake: { file: /etc/x.hcl }', 'config `bake.file`: "/etc/x.hcl" is not a file inside the workspace'],
    ['bake: { file: "-" }', 'config `bake.file`: "-" is not a file inside the workspace'],
    [
      'bake: { file: a, targets: ["--push"] }',
      'config `bake.targets`: "--push" is not the name of a bake target such as app',
    ],
    ['bake: { targets: [a] }', 'config `bake.targets`: a list has no meaning without `bake-file`'],
    ['bake: { names: { a: b } }', 'config `bake.names`: it has no meaning without `bake.file`'],
    [
      'bake: { file: a, names: { a: X } }',
      'config `bake.names`: "a": "X" is not a lower-case image name such as my-module; write "x"',
    ],
    [
      'bake: { file: a, names: { a: x, b: x } }',
      'config `bake.names`: "x" is the name of more than one target',
    ],
    [
      'bake: { file: a }\nimages: { b: {} }',
      'config `images`: it cannot stand beside config `bake.file`, which declares the images',
    ],
  ])('%s is refused', (config, message) => {
    expect(messages({ config })).toEqual([message]);
  });
});
