import { describe, expect, it } from '@jest/globals';
import { compareVersions, isPrerelease, parseVersion, versionTag } from '../../../src/model/version.ts';

describe('strict SemVer', () => {
  it.each([
    '0.0.0',
    '1.2.3',
    '10.20.30',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-0.3.7',
    '1.0.0-x.7.z.92',
    '1.0.0-x-y-z.--',
    '1.0.0--',
    '1.0.0-0A.is.legal',
    '1.0.0+20130313144700',
    '1.0.0-beta+exp.sha.5114f85',
    '1.0.0+21AF26D3---117B344092BD',
    '1.0.0+001',
    '9007199254740991.0.0',
  ])('takes %s', (text) => {
    expect(parseVersion(text)?.raw).toBe(text);
  });

  it.each([
    '',
    '1',
    '1.2',
    '1.2.3.4',
    'v1.2.3',
    'V1.2.3',
    ' 1.2.3',
    '1.2.3\n',
    '01.2.3',
    '1.02.3',
    '1.2.03',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a..b',
    '1.2.3-a_b',
    '1.2.3+',
    '1.2.3+a+b',
    '-1.2.3',
    '1.2.x',
    '١.2.3',
    '9007199254740992.0.0',
    `1.2.3-${'a'.repeat(200)}`,
  ])('refuses %j', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it('reads the parts', () => {
    expect(parseVersion('1.22.333-rc.1.x+b.007')).toEqual({
      raw: '1.22.333-rc.1.x+b.007',
      major: 1,
      minor: 22,
      patch: 333,
      prerelease: ['rc', '1', 'x'],
      build: ['b', '007'],
    });
  });

  it('knows a prerelease; build metadata is none', () => {
    expect(isPrerelease(parseVersion('1.0.0-0')!)).toBe(true);
    expect(isPrerelease(parseVersion('1.0.0+rc.1')!)).toBe(false);
  });

  it('has a tag in which the plus is a dash', () => {
    expect(versionTag(parseVersion('1.0.0-rc.1+build.5')!)).toBe('1.0.0-rc.1-build.5');
  });

  it('orders as the specification does', () => {
    const ordered = [
      '0.0.1',
      '0.9.10',
      '0.10.0',
      '1.0.0-1',
      '1.0.0-2',
      '1.0.0-10',
      '1.0.0-99999999999999999998',
      '1.0.0-99999999999999999999',
      '1.0.0-A',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0-rc.1.0',
      '1.0.0',
      '1.0.1',
      '2.0.0',
    ];
    const versions = ordered.map((text) => parseVersion(text)!);
    for (const [i, a] of versions.entries()) {
      for (const [j, b] of versions.entries()) {
        expect([a.raw, b.raw, Math.sign(compareVersions(a, b))]).toEqual([a.raw, b.raw, Math.sign(i - j)]);
      }
    }
  });

  it('does not order by build metadata', () => {
    expect(compareVersions(parseVersion('1.0.0+a')!, parseVersion('1.0.0+b')!)).toBe(0);
  });
});
