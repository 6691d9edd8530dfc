import { describe, expect, it } from '@jest/globals';
import { nearestVersion, readVersionTag } from '../../../src/plan/version-tag.ts';

describe('a version in a tag', () => {
  it.each<[string, string, string, string | undefined]>([
    ['v1.2.3', 'v', '1.2.3', undefined],
    ['1.2.3', 'v', '1.2.3', undefined],
    ['v1.3.0-rc.1', 'v', '1.3.0-rc.1', undefined],
    ['v1.2.3+build.5', 'v', '1.2.3+build.5', undefined],
    ['release-1.2.3', 'release-', '1.2.3', undefined],
    ['my-module/v1.2.3', 'my-module/v', '1.2.3', undefined],
    ['services/api/v1.2.3', 'services/api/v', '1.2.3', undefined],
    ['my-module/v1.2.3', '*/v', '1.2.3', 'my-module'],
    ['packages/api/v1.2.3', 'packages/*/v', '1.2.3', 'api'],
    ['tool-v2-v1.0.0', '*-v', '1.0.0', 'tool-v2'],
    ['tool-v1.0.0-v2', '*-v', '1.0.0-v2', 'tool'],
    ['api@1.2.3', '*@', '1.2.3', 'api'],
  ])('%s with the prefix %s is %s', (tag, prefix, raw, image) => {
    const reading = readVersionTag(tag, prefix);
    expect(reading).toMatchObject({ version: { raw } });
    expect('image' in reading ? reading.image : undefined).toBe(image);
  });

  it.each<[string, string, 'prefix' | 'semver', string | undefined]>([
    ['v1.2', 'v', 'semver', 'v1.2.0'],
    ['v1', 'v', 'semver', 'v1.0.0'],
    ['V1.2.3', 'v', 'semver', 'v1.2.3'],
    ['vv1.2.3', 'v', 'semver', 'v1.2.3'],
    ['v1.2.3.4', 'v', 'semver', 'v1.2.3+4'],
    ['v01.2.3', 'v', 'semver', 'v1.2.3'],
    ['v1.2.3rc1', 'v', 'semver', 'v1.2.3-rc1'],
    ['v1.2.3-rc.01', 'v', 'semver', 'v1.2.3-rc.1'],
    ['v1.2.3_beta', 'v', 'semver', 'v1.2.3-beta'],
    ['latest', 'v', 'semver', undefined],
    ['v', 'v', 'semver', undefined],
    ['my-module/v1.2', 'my-module/v', 'semver', 'my-module/v1.2.0'],
    ['My-Module/V1.2.3', 'my-module/v', 'prefix', 'my-module/v1.2.3'],
    ['other/v1.2.3', 'my-module/v', 'prefix', undefined],
    ['v1.2.3', 'my-module/v', 'prefix', 'my-module/v1.2.3'],
    ['my-module/v1.2', '*/v', 'semver', 'my-module/v1.2.0'],
    ['v1.2.3', '*/v', 'prefix', undefined],
    ['/v1.2.3', '*/v', 'prefix', undefined],
    ['a/b/v1.2.3', '*/v', 'prefix', undefined],
  ])('%s with the prefix %s is none (%s), corrected %s', (tag, prefix, fault, corrected) => {
    expect(readVersionTag(tag, prefix)).toEqual({ fault, ...(corrected === undefined ? {} : { corrected }) });
  });

  it.each([
    ['1.2.3', '1.2.3'],
    [' =1.2.3 ', '1.2.3'],
    ['2026.01.05', '2026.1.5'],
    ['1.2-rc.1', '1.2.0-rc.1'],
    ['1.2.3-', '1.2.3'],
    ['1.2.3+a+b', '1.2.3+a.b'],
    ['x', undefined],
    ['', undefined],
    ['99999999999999999999', undefined],
  ])('nearest to %j is %s', (text, nearest) => {
    expect(nearestVersion(text)).toBe(nearest);
  });
});
