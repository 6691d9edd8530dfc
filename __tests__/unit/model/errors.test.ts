import { describe, expect, it } from '@jest/globals';
import { ReleaseError, toReleaseError } from '../../../src/model/errors.ts';

const full = (code = 'ENOSPC') => Object.assign(new Error(`${code}: no space left, write`), { code });

describe('anything that is thrown', () => {
  it.each<[string, unknown, string, string]>([
    ['a full disk', full(), 'DISK_LOW', 'no space is left on the disk: ENOSPC: no space left, write'],
    [
      'a full quota',
      full('EDQUOT'),
      'DISK_LOW',
      'no space is left on the disk: EDQUOT: no space left, write',
    ],
    [
      'a full disk below an error that does not say so',
      new ReleaseError('BUILD_FAILED', 'it cannot be read', { cause: new Error('x', { cause: full() }) }),
      'DISK_LOW',
      'no space is left on the disk: it cannot be read: ENOSPC: no space left, write',
    ],
    [
      'a full disk below an error that says more',
      new ReleaseError('PROMOTION_INCOMPLETE', 'moved in part', { cause: full() }),
      'PROMOTION_INCOMPLETE',
      'moved in part',
    ],
    [
      'a full disk in the words of a tool',
      new ReleaseError('TOOL_FAILED', 'syft ended with 1: write /tmp/x: no space left on device'),
      'DISK_LOW',
      'no space is left on the disk: syft ended with 1: write /tmp/x: no space left on device',
    ],
    ['a known error', new ReleaseError('TAG_IMMUTABLE', 'it is taken'), 'TAG_IMMUTABLE', 'it is taken'],
    ['another error', Object.assign(new Error('boom'), { code: 'EIO' }), 'INTERNAL', 'boom'],
    ['no error at all', 'boom', 'INTERNAL', 'boom'],
    ['nothing', null, 'INTERNAL', 'null'],
  ])('is a ReleaseError: %s', (_, thrown, code, message) => {
    expect(toReleaseError(thrown)).toMatchObject({ code, message });
  });

  it('may have itself as its cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(toReleaseError(error).code).toBe('INTERNAL');
  });
});
