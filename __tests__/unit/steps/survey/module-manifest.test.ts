import { describe, expect, it } from '@jest/globals';
import { readModuleManifest } from '../../../../src/steps/survey/module-manifest.ts';

describe('readModuleManifest', () => {
  it('reads name and version with the line of the version', () => {
    const text = '{\n  "name": "my-module",\n  "version": "1.2.3",\n  "more": {}\n}\n';
    expect(readModuleManifest(text, 'm/manifest.json')).toEqual({
      path: 'm/manifest.json',
      name: 'my-module',
      version: '1.2.3',
      line: 3,
    });
  });

  it.each([
    ['{', /^not JSON: /],
    ['[]', /./],
    ['null', /./],
    ['{"version": 1}', /^version: /],
    ['', /^not JSON: /],
  ])('tells the fault of %j', (text, fault) => {
    expect(readModuleManifest(text, 'manifest.json').fault).toMatch(fault);
  });

  it('leaves out what is not there', () => {
    expect(readModuleManifest('{}', 'manifest.json')).toEqual({ path: 'manifest.json' });
  });
});
