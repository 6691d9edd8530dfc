import { expect, it } from '@jest/globals';
import { nearestManifest } from '../../../../src/steps/survey/nearest-manifest.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';

const nearest = (workingDirectory: string, stdout: string, exitCode = 0) =>
  nearestManifest(
    { workspace: '/w', workingDirectory },
    { exec: { ...fakeExec(), run: async () => ({ exitCode, stdout, stderr: '' }) } },
  );

it.each([
  ['/w', ['a/b/manifest.json', 'c/manifest.json'], 'c'],
  ['/w/a', ['a/b/manifest.json', 'c/manifest.json'], 'a/b'],
  ['/w/a/x', ['manifest.json', 'a/b/c/d/manifest.json'], '.'],
  ['/w/a', ['z/manifest.json', 'b/manifest.json'], 'b'],
  ['/w/ab', ['a/manifest.json', 'ab/deep/manifest.json'], 'ab/deep'],
])('from %s among %j it is %s', async (from, paths, folder) => {
  expect(await nearest(from, paths.map((path) => `${path}\0`).join(''))).toBe(folder);
});

it('is none in a checkout without one, and outside of a checkout', async () => {
  expect(await nearest('/w', '')).toBeUndefined();
  expect(await nearest('/w', 'a/manifest.json\0', 128)).toBeUndefined();
});
