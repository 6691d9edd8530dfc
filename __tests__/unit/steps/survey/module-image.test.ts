import { describe, expect, it } from '@jest/globals';
import { readModuleImage } from '../../../../src/steps/survey/module-image.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const ROOT = '/work/repo';
const MANIFEST = { name: 'a', version: '1.0.0', execution: { entrypoint: 'backend.main:A' } };

type Files = Readonly<Record<string, unknown>>;

function read(files: Files, folder = ROOT) {
  const texts = Object.entries(files).map(([path, content]) => [
    `${ROOT}/${path}`,
    typeof content === 'string' ? content : JSON.stringify(content),
  ]);
  return readModuleImage(folder, ROOT, { files: memoryFiles(Object.fromEntries(texts)) });
}

describe('a module without a Dockerfile', () => {
  it('is read from its folder', async () => {
    const files = { 'modules/a/manifest.json': MANIFEST, 'modules/a/backend/main.py': '' };
    expect(await read(files, `${ROOT}/modules/a`)).toEqual({
      manifestPath: 'modules/a/manifest.json',
      entrypoint: 'backend.main:A',
    });
  });

  it.each<[string, Files]>([
    ['a Dockerfile', { 'manifest.json': MANIFEST, Dockerfile: '' }],
    ['a dockerfile in lower case, which BuildKit takes too', { 'manifest.json': MANIFEST, dockerfile: '' }],
    ['no manifest.json', { 'backend/main.py': '' }],
    ['the manifest.json of another tool', { 'manifest.json': { name: 'extension', manifest_version: 3 } }],
    ['a manifest.json that is no JSON', { 'manifest.json': '{', 'backend/main.py': '' }],
    ['a manifest.json that is a list', { 'manifest.json': [MANIFEST], 'backend/main.py': '' }],
    ['a folder named manifest.json', { 'manifest.json/x': '', 'backend/main.py': '' }],
  ])('is none with %s', async (_, files) => {
    expect(await read(files)).toBeUndefined();
  });

  it('is one with a backend, whatever its manifest forgets', async () => {
    const module = await read({ 'manifest.json': {}, 'backend/main.py': '' });
    expect(module?.entrypoint).toBe('backend.main:Module');
  });

  it.each<[unknown, string | undefined]>([
    ['backend.main:Module', 'backend.main:Module'],
    ['main:_M2', 'main:_M2'],
    [undefined, 'backend.main:Module'],
    ['', 'backend.main:Module'],
    ['backend.main', undefined],
    ['backend/main.py:M', undefined],
    ['a:B\nRUN curl evil', undefined],
    ['a:B\n', undefined],
    ['a:B C=1', undefined],
    ['a:B\\', undefined],
    ['a:${PATH}', undefined],
    ['a:"B"', undefined],
    ['a:Bß', undefined],
    ['a:B # x', undefined],
    ['.a:B', undefined],
    ['a..b:C', undefined],
    [7, undefined],
    [['a:B'], undefined],
  ])('takes the entrypoint %j as %j', async (entrypoint, expected) => {
    const module = await read({ 'manifest.json': { ...MANIFEST, execution: { entrypoint } } });
    expect(module?.entrypoint).toBe(expected);
    expect(module?.strangeEntrypoint).toBe(expected === undefined ? JSON.stringify(entrypoint) : undefined);
  });

  it.each<[string, Files, unknown]>([
    ['no list', {}, undefined],
    ['a lock without the list that it locks', { 'requirements.lock.txt': 'x==1 --hash=sha256:0' }, undefined],
    ['a list', { 'requirements.txt': 'x==1' }, { file: 'requirements.txt', hashed: false, sdk: false }],
    [
      'a lock',
      { 'requirements.txt': 'x', 'requirements.lock.txt': 'x==1\n' },
      { file: 'requirements.lock.txt', hashed: false, sdk: false },
    ],
    [
      'a lock with hashes',
      { 'requirements.txt': 'x', 'requirements.lock.txt': 'x==1 \\\n    --hash=sha256:0\n' },
      { file: 'requirements.lock.txt', hashed: true, sdk: false },
    ],
  ])('has the requirements of %s', async (_, files, expected) => {
    const inBackend = Object.entries(files).map(([name, text]) => [`backend/${name}`, text]);
    const module = await read({ 'manifest.json': MANIFEST, ...Object.fromEntries(inBackend) });
    const found = module?.requirements;
    expect(found && { ...found, file: found.file.replace('backend/', '') }).toEqual(expected);
  });

  it.each([
    ['hla-compass==2.1.3', true],
    ['numpy==2\nHLA_Compass>=2.1 ; python_version > "3"\n', true],
    ['hla.compass[all]==2.1.3', true],
    ['hla-compass', true],
    ['# hla-compass==2.1.3', false],
    ['hla-compass-extras==1', false],
    ['my-hla-compass==1', false],
  ])('knows whether the SDK is in %j: %j', async (text, sdk) => {
    const module = await read({ 'manifest.json': MANIFEST, 'backend/requirements.txt': text });
    expect(module?.requirements?.sdk).toBe(sdk);
  });

  it('has its user interface and its description', async () => {
    const manifest = { ...MANIFEST, description: 'Counts' };
    const files = { 'manifest.json': manifest, 'frontend/package.json': '{}' };
    expect(await read(files)).toMatchObject({ ui: { locked: false }, description: 'Counts' });
    const locked = await read({ ...files, 'frontend/package-lock.json': '{}' });
    expect(locked?.ui).toEqual({ locked: true });
    expect(await read({ 'manifest.json': { ...manifest, description: 7 } })).not.toHaveProperty(
      'description',
    );
  });
});
