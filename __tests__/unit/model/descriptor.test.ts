import { describe, expect, it } from '@jest/globals';
import { formatPlatform, parsePlatform, platformSlug, samePlatform } from '../../../src/model/descriptor.ts';

describe('platforms', () => {
  it.each([
    ['linux/amd64', 'linux/amd64', 'linux-amd64'],
    ['linux/arm/v7', 'linux/arm/v7', 'linux-arm-v7'],
    ['linux/arm64/v8', 'linux/arm64', 'linux-arm64'],
    ['windows/amd64', 'windows/amd64', 'windows-amd64'],
  ])('reads %s as %s', (text, formatted, slug) => {
    const platform = parsePlatform(text)!;
    expect(formatPlatform(platform)).toBe(formatted);
    expect(platformSlug(platform)).toBe(slug);
  });

  it.each([
    '',
    'linux',
    'linux/',
    '/amd64',
    'linux/amd64/',
    'linux/arm/v7/x',
    'Linux/amd64',
    'linux/amd 64',
    '../..',
  ])('refuses %j', (text) => {
    expect(parsePlatform(text)).toBeUndefined();
  });

  it('are the same when only the arm64 variant is spelled out', () => {
    const arm64 = { os: 'linux', architecture: 'arm64' };
    expect(samePlatform(arm64, { ...arm64, variant: 'v8' })).toBe(true);
    expect(samePlatform(arm64, { ...arm64, variant: 'v9' })).toBe(false);
    const arm = { os: 'linux', architecture: 'arm' };
    expect(samePlatform({ ...arm, variant: 'v6' }, { ...arm, variant: 'v7' })).toBe(false);
  });
});
