import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { readMetadata } from '../../../../src/steps/build/metadata.ts';

const text = JSON.stringify({
  'buildx.build.warnings': [],
  app: { 'buildx.build.ref': 'x', 'containerimage.digest': digestOf('app') },
  bad: { 'containerimage.digest': 'sha256:../../etc' },
});

describe('the metadata file', () => {
  it('gives the digest of each target', () => {
    expect([...readMetadata(text, ['app'])]).toEqual([['app', digestOf('app')]]);
  });

  it.each([['missing'], ['bad']])('is refused for a target without a digest: %s', (target) => {
    expect(() => readMetadata(text, ['app', target])).toThrow(
      expect.objectContaining({ code: 'BUILD_FAILED' }),
    );
  });
});
