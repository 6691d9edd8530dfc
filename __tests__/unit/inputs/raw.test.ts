import { describe, expect, it } from '@jest/globals';
import { insideWorkspace, locateConfig, needsYaml, rawInputsOf } from '../../../src/inputs/raw.ts';

it('reads inputs as the runner sets them', () => {
  const env = {
    'INPUT_WORKING-DIRECTORY': ' modules/a \n',
    INPUT_SEVERITY: 'HIGH',
    INPUT_EMPTY: '',
    INPUT_GONE: undefined,
    INPUT___PROTO__: 'x',
    PATH: '/bin',
    input_registry: 'not ours',
  };
  const raw = rawInputsOf(env);
  expect(Object.entries(raw)).toEqual([
    ['working-directory', 'modules/a'],
    ['severity', 'HIGH'],
    ['empty', ''],
    ['__proto__', 'x'],
  ]);
  expect(Object.getPrototypeOf(raw)).toBe(Object.prototype);
});

describe('insideWorkspace', () => {
  it.each([
    ['.', '.'],
    ['', '.'],
    ['a/b', 'a/b'],
    ['./a/../b', 'b'],
    ['/w/a', 'a'],
    ['/w', '.'],
    ['..a', '..a'],
    ['..', undefined],
    ['../w2', undefined],
    ['a/../../x', undefined],
    ['/etc/passwd', undefined],
    ['/w2', undefined],
    ['a\0b', undefined],
  ])('%j from the workspace /w is %j', (path, expected) => {
    expect(insideWorkspace(path, '/w', '/w')).toBe(expected);
  });

  it('starts at the folder, ends at the workspace', () => {
    expect(insideWorkspace('../common/x.hcl', '/w/modules/a', '/w')).toBe('modules/common/x.hcl');
    expect(insideWorkspace('../../../x', '/w/modules/a', '/w')).toBeUndefined();
  });
});

it('finds the config file, and refuses one outside the workspace', () => {
  const standard = { file: '.github/module-release.yml', path: '/w/.github/module-release.yml' };
  expect(locateConfig({}, '/w')).toEqual(standard);
  expect(locateConfig({ config: '' }, '/w')).toEqual(standard);
  expect(locateConfig({ config: './ci/../r.yml' }, '/w')).toEqual({ file: 'r.yml', path: '/w/r.yml' });
  expect(locateConfig({ config: '../r.yml' }, '/w')).toBeUndefined();
});

it('asks for a YAML parser only when there is YAML', () => {
  expect(needsYaml({ severity: 'HIGH' }, undefined)).toBe(false);
  expect(needsYaml({ 'registry-auth': '' }, undefined)).toBe(false);
  expect(needsYaml({ 'registry-auth': '[]' }, undefined)).toBe(true);
  expect(needsYaml({}, '')).toBe(true);
});
