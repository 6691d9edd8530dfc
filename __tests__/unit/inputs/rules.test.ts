import { describe, expect, it } from '@jest/globals';
import { accepted, messages, refused } from '../../helpers/read-door.ts';

const GIVEN = {
  context: 'app',
  file: 'Dockerfile.release',
  target: 'runtime',
  'build-args': 'A=1',
  'build-contexts': 'a=b',
  image: 'my-module',
  from: 'docker-daemon:x',
  platforms: 'linux/amd64',
  'secret-files': 'a=b',
  ssh: 'default',
  'cache-from': 'type=gha',
  'cache-to': 'type=gha',
  'no-cache': 'true',
  pull: 'true',
  network: 'none',
};

describe('inputs that cannot stand together', () => {
  it.each(['context', 'file', 'target', 'build-args', 'build-contexts', 'image', 'from'] as const)(
    'bake-file and %s',
    (name) => {
      expect(messages({ raw: { 'bake-file': 'docker-bake.hcl', [name]: GIVEN[name] } })).toEqual([
        `input \`${name}\`: "${GIVEN[name]}" cannot stand beside input \`bake-file\`: the bake file says it`,
      ]);
    },
  );

  it.each(['context', 'file', 'target', 'image', 'from'] as const)('config images and %s', (name) => {
    expect(messages({ config: 'images: { a: {} }', raw: { [name]: GIVEN[name] } })).toEqual([
      `input \`${name}\`: "${GIVEN[name]}" cannot stand beside config \`images\`: each image says it there`,
    ]);
  });

  it.each([
    'context',
    'file',
    'target',
    'build-args',
    'build-contexts',
    'platforms',
    'secret-files',
    'ssh',
    'cache-from',
    'cache-to',
    'no-cache',
    'pull',
    'network',
  ] as const)('from and %s', (name) => {
    expect(messages({ raw: { from: 'docker-daemon:x', [name]: GIVEN[name] } })).toEqual([
      `input \`${name}\`: "${GIVEN[name]}" has no meaning beside \`from\`: that image is not built here`,
    ]);
  });

  it('from and secrets, without showing them', () => {
    expect(messages({ raw: { from: 'docker-daemon:x', secrets: 'a=hunter2' } })).toEqual([
      'input `secrets`: it has no meaning beside `from`: that image is not built here',
    ]);
  });

  it.each([
    [{ 'bake-targets': 'a' }, 'input `bake-targets`: "a" has no meaning without `bake-file`'],
    [
      { offline: 'true', 'tools-mirror': 'https://mirror.example.com' },
      'input `tools-mirror`: "https://mirror.example.com" cannot be used with `offline`',
    ],
    [{ sbom: 'none,spdx' }, 'input `sbom`: "none" cannot stand beside other formats'],
    [{ sbom: 'both,spdx' }, 'input `sbom`: "both" cannot stand beside other formats'],
  ])('%j', (raw, message) => {
    expect(messages({ raw })).toEqual([message]);
  });

  it('names the line of a contradiction inside the config', () => {
    const problems = refused({ config: 'context: app\nimages:\n  a: {}\n' });
    expect(problems).toEqual([expect.objectContaining({ at: { file: expect.any(String), line: 1 } })]);
  });
});

it.each([
  [{ image: 'my-module', from: 'docker-daemon:x' }],
  [{ 'bake-file': 'a.hcl', platforms: 'linux/amd64', secrets: 'a=b', 'cache-from': 'type=gha' }],
  [{ offline: 'false', 'tools-mirror': 'https://mirror.example.com' }],
  [{ offline: 'true', 'trivy-db-repository': '127.0.0.1:5000/db' }],
])('%j can stand together', (raw) => {
  expect(accepted({ raw })).toBeDefined();
});
