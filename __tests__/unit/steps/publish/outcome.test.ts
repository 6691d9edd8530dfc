import { describe, expect, it } from '@jest/globals';
import { bumpHint } from '../../../../src/steps/publish/run.ts';

describe('the bump to make', () => {
  it.each([
    ['1.2.3', '1.2.4'],
    ['1.2.9', '1.2.10'],
    ['1.3.0-rc.1', '1.3.0'],
  ])('of %s is %s', (version, next) => {
    expect(bumpHint(version)).toBe(
      `Set the version of manifest.json to ${next} or higher, commit, and tag that commit v${next}.`,
    );
  });

  it('of a version that is none is still a hint', () => {
    expect(bumpHint('latest')).toMatch(/^Bump the version/);
  });
});
