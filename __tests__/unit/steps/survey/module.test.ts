import { describe, expect, it } from '@jest/globals';
import { readModule } from '../../../../src/steps/survey/module.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const wanted = () => ({
  paths: ['backend', 'backend/main.py', 'examples'],
  texts: ['backend/requirements.txt'],
});

const read = (files: ReturnType<typeof memoryFiles>, folder = '/w/m') =>
  readModule({ workspace: '/w', folder, wanted }, { files });

describe('readModule', () => {
  it('reads the manifest, what is there, and the texts that are there', async () => {
    const files = memoryFiles({
      '/w/m/manifest.json': '{}',
      '/w/m/backend/main.py': 'pass',
      '/w/m/backend/requirements.txt': 'numpy==1',
    });
    expect(await read(files)).toEqual({
      path: 'm',
      manifest: { text: '{}' },
      existing: ['backend', 'backend/main.py'],
      texts: { 'backend/requirements.txt': { text: 'numpy==1' } },
    });
  });

  it('knows no module without a manifest.json, and the workspace as `.`', async () => {
    expect(await read(memoryFiles({ '/w/m/backend/main.py': '' }))).toBeUndefined();
    expect(await read(memoryFiles({ '/w/manifest.json': '' }), '/w')).toMatchObject({ path: '.' });
  });

  it('asks for what the manifest makes it ask for', async () => {
    const files = memoryFiles({ '/w/m/manifest.json': 'other.py', '/w/m/other.py': '' });
    const named = await readModule(
      {
        workspace: '/w',
        folder: '/w/m',
        wanted: (manifest) => ({ paths: 'text' in manifest ? [manifest.text] : [], texts: [] }),
      },
      { files },
    );
    expect(named?.existing).toEqual(['other.py']);
  });

  it('follows links inside of the checkout, and none that lead out of it', async () => {
    const files = memoryFiles({
      '/w/shared/requirements.txt': 'numpy==1',
      '/w/m/manifest.json': '{}',
      '/etc/secret': 'a secret',
    });
    await files.link('../../shared/requirements.txt', '/w/m/backend/requirements.txt');
    await files.link('/etc/secret', '/w/m/backend/main.py');
    await files.link('/etc', '/w/m/examples');
    expect(await read(files)).toMatchObject({
      existing: ['backend'],
      texts: { 'backend/requirements.txt': { text: 'numpy==1' } },
    });
    await files.remove('/w/m/manifest.json');
    await files.link('/etc/secret', '/w/m/manifest.json');
    expect(await read(files)).toMatchObject({
      manifest: { fault: 'it is a symbolic link that leads out of the checkout' },
    });
  });

  it.each([
    ['not in UTF-8', new Uint8Array([0xff]), 'it is not in UTF-8'],
    ['too large', ' '.repeat(1024 * 1024 + 1), 'it has 1048577 bytes, and more than 1048576 are not read'],
  ])('says of a text that is %s why it has none', async (_, content, fault) => {
    expect(await read(memoryFiles({ '/w/m/manifest.json': content }))).toMatchObject({ manifest: { fault } });
  });

  it('says of a folder in place of a text that it is one', async () => {
    const files = memoryFiles({ '/w/m/manifest.json': '{}', '/w/m/backend/requirements.txt/a': '' });
    expect(await read(files)).toMatchObject({
      texts: { 'backend/requirements.txt': { fault: 'it is a folder' } },
    });
  });
});
