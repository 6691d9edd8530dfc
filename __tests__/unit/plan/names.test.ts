import { describe, expect, it } from '@jest/globals';
import type { Facts } from '../../../src/model/facts.ts';
import type { Inputs } from '../../../src/model/inputs.ts';
import { formatRepository } from '../../../src/model/reference.ts';
import {
  checkName,
  correctName,
  defaultName,
  readDestination,
  repositoriesOf,
} from '../../../src/plan/names.ts';
import { aContext, anInputs, someFacts, someVersionInputs } from '../../helpers/a-context.ts';

const MANIFEST = { path: 'manifest.json', name: 'my-module' };

describe('the default image name', () => {
  it.each<[string, string, Partial<Inputs>, Partial<Facts>, string | undefined]>([
    ['the input', 'given', { names: { registries: [], image: 'given' } }, { manifest: MANIFEST }, 'star'],
    ['what stood in place of the star', 'star', {}, { manifest: MANIFEST }, 'star'],
    [
      'manifest.json',
      'my-module',
      { version: someVersionInputs({ tagPrefix: 'folder/v' }) },
      { manifest: MANIFEST },
      undefined,
    ],
    [
      'the folder of a monorepo prefix',
      'api',
      { version: someVersionInputs({ tagPrefix: 'services/api/v' }) },
      {},
      undefined,
    ],
    ['the repository in lower case', 'modules', {}, {}, undefined],
    [
      'the repository, for a star without a tag',
      'modules',
      { version: someVersionInputs({ tagPrefix: '*/v' }) },
      {},
      undefined,
    ],
    [
      'the repository, without manifest.json',
      'modules',
      { version: someVersionInputs({ manifest: 'false' }) },
      { manifest: MANIFEST },
      undefined,
    ],
  ])('is %s: %s', (_, name, inputs, facts, image) => {
    expect(defaultName(anInputs(inputs), aContext(), someFacts(facts), image).name).toBe(name);
  });

  it.each([
    ['My-Module', 'my-module'],
    ['My App!', 'my-app'],
    ['.github', 'github'],
    ['a___b', 'a-b'],
    ['a.-b', 'a-b'],
    ['group/app', 'group-app'],
    ['-', 'image'],
    ['', 'image'],
    ['Ünïcode', 'n-code'],
    ['x'.repeat(200), 'x'.repeat(128)],
  ])('%j is refused, corrected %s', (name, corrected) => {
    const problems = checkName({ name, from: 'name of manifest.json', at: { file: 'manifest.json' } });
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringContaining(`(corrected: ${corrected})`),
        at: { file: 'manifest.json' },
      }),
    ]);
    expect(checkName({ name: corrected, from: '' })).toEqual([]);
  });

  it.each(['a', 'a_b', 'a__b', 'a--b', 'a.b', '0a'])('%s is valid and stays', (name) => {
    expect(checkName({ name, from: '' })).toEqual([]);
    expect(correctName(name)).toBe(name);
  });
});

describe('where images go', () => {
  const repositories = (registries: string[], namespace?: string, owner = 'Acme') => {
    const { destination, problems } = readDestination(
      { registries, ...(namespace === undefined ? {} : { namespace }) },
      aContext({ owner }),
    );
    return { refs: repositoriesOf(destination, 'app').map(formatRepository), problems };
  };

  it('is the lower-case owner at every registry, in order', () => {
    expect(repositories(['ghcr.io', 'docker.io', '127.0.0.1:5000'])).toEqual({
      refs: ['ghcr.io/acme/app', 'docker.io/acme/app', '127.0.0.1:5000/acme/app'],
      problems: [],
    });
  });

  it('may have no namespace: official names at Docker Hub, the root elsewhere', () => {
    expect(repositories(['docker.io', 'registry.example.com'], '').refs).toEqual([
      'docker.io/library/app',
      'registry.example.com/app',
    ]);
  });

  it('keeps a namespace of several parts', () => {
    expect(repositories(['ghcr.io'], 'acme/modules').refs).toEqual(['ghcr.io/acme/modules/app']);
  });

  it.each([
    ['Acme', 'acme'],
    ['acme/My Modules', 'acme/my-modules'],
  ])('refuses the namespace %s, corrected %s', (namespace, corrected) => {
    const { refs, problems } = repositories(['ghcr.io'], namespace);
    expect(refs).toEqual([]);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'INPUT_INVALID', hint: `Set \`namespace\` to ${corrected}.` }),
    ]);
  });

  it('refuses an owner that no registry can spell', () => {
    expect(repositories(['ghcr.io'], undefined, 'Acme-').problems[0]?.hint).toContain('acme');
  });
});
