import { describe, expect, it } from '@jest/globals';
import { findModules, readModuleFolder } from '../../../../src/steps/survey/module-folders.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const ROOT = '/work/repo';
const MODULE = '{\n  "name": "a",\n  "version": "1.0.0",\n  "execution": {}\n}';

function portsOf(files: Readonly<Record<string, string>>, listed = Object.keys(files)) {
  const stdout = listed.map((path) => `${path}\0`).join('');
  return {
    exec: fakeExec().on(/^git .* ls-files /, { stdout }),
    files: memoryFiles(
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`${ROOT}/${path}`, text])),
    ),
  };
}

describe('the modules of a checkout', () => {
  it('are the folders whose manifest.json says what to execute', async () => {
    const ports = portsOf({
      'modules/a/manifest.json': MODULE,
      'site/manifest.json': '{ "name": "site", "start_url": "/" }',
      'broken/manifest.json': '{',
      'list/manifest.json': '[]',
      'text/manifest.json': '{ "execution": "x" }',
    });
    expect(await findModules({ workspace: ROOT, workingDirectory: ROOT }, ports)).toEqual([
      {
        folder: 'modules/a',
        manifest: { path: 'modules/a/manifest.json', name: 'a', version: '1.0.0', line: 3 },
      },
    ]);
  });

  it('are looked for below the working directory, by git, which knows the workspace to be safe', async () => {
    const ports = portsOf({ 'src/a/manifest.json': MODULE }, ['a/manifest.json']);
    const found = await findModules({ workspace: ROOT, workingDirectory: `${ROOT}/src` }, ports);
    expect(found).toMatchObject([{ folder: 'a', manifest: { path: 'src/a/manifest.json' } }]);
    expect(ports.exec.lines()).toEqual([
      `git -c safe.directory=${ROOT} -C ${ROOT}/src ls-files -z -- */manifest.json`,
    ]);
  });

  it('are none where git is not at home, or names a file that is not there', async () => {
    const folders = { workspace: ROOT, workingDirectory: ROOT };
    const ports = portsOf({ 'a/manifest.json': MODULE }, ['gone/manifest.json']);
    expect(await findModules(folders, ports)).toEqual([]);
    const exec = fakeExec().on('git', { exitCode: 128, stdout: 'a/manifest.json\0' });
    expect(await findModules(folders, { ...ports, exec })).toEqual([]);
  });

  it('are not read where a manifest.json is a folder', async () => {
    const { files } = portsOf({ 'a/manifest.json/x': '' });
    expect(await readModuleFolder(`${ROOT}/a`, ROOT, { files })).toBeUndefined();
  });
});
