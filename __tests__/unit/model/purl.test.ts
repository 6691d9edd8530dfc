import { describe, expect, it } from '@jest/globals';
import { digestOf, hexOf } from '../../../src/model/digest.ts';
import { partsOfPurl, purlOfImage } from '../../../src/model/purl.ts';

describe('partsOfPurl', () => {
  it.each([
    ['pkg:npm/htm@3.1.1', ['npm', '', 'htm', '3.1.1', undefined]],
    ['pkg:npm/%40actions/core@3.0.1', ['npm', '@actions', 'core', '3.0.1', undefined]],
    ['pkg:golang/github.com/a/b/v2@v2.0.0', ['golang', 'github.com/a/b', 'v2', 'v2.0.0', undefined]],
    ['pkg:golang/github.com/a/b@v1.0.0#sub/folder', ['golang', 'github.com/a', 'b', 'v1.0.0', undefined]],
    [
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&epoch=1',
      ['deb', 'debian', 'libstdc++6', '12.2.0-14', '1'],
    ],
    ['pkg:rpm/redhat/x@1?myepoch=7', ['rpm', 'redhat', 'x', '1', undefined]],
    ['pkg:cargo/app', ['cargo', '', 'app', '', undefined]],
  ])('%s', (purl, expected) => {
    const { type, namespace, name, version, epoch } = partsOfPurl(purl)!;
    expect([type, namespace, name, version, epoch]).toEqual(expected);
  });

  it.each(['', 'pkg:', 'pkg:npm/', 'npm/htm@1', 'pkg:npm/%zz@1'])('%j is none', (text) => {
    expect(partsOfPurl(text)).toBeUndefined();
  });
});

describe('purlOfImage', () => {
  const digest = digestOf('image');
  const version = `sha256%3A${hexOf(digest)}`;

  it.each([
    ['ghcr.io', 'acme/app', { arch: 'arm64' }, 'app', 'arch=arm64&repository_url=ghcr.io%2Facme%2Fapp'],
    [
      'ghcr.io',
      'acme/app',
      { platform: 'linux/arm/v7' },
      'app',
      'platform=linux%2Farm%2Fv7&repository_url=ghcr.io%2Facme%2Fapp',
    ],
    ['127.0.0.1:5000', 'app', {}, 'app', 'repository_url=127.0.0.1%3A5000%2Fapp'],
  ])('%s/%s %j', (registry, path, more, name, query) => {
    expect(purlOfImage({ registry, path }, digest, more)).toBe(`pkg:oci/${name}@${version}?${query}`);
  });
});
