import { describe, expect, it } from '@jest/globals';
import { problem, ReleaseError, releaseErrorOf, toReleaseError } from '../../../src/model/errors.ts';
import { failureLines } from '../../../src/report/failure.ts';

describe('what people read when it failed', () => {
  it('is the code with what failed, then what to do, then why', () => {
    const reset = Object.assign(new Error(''), { code: 'ECONNRESET' });
    const cause = new Error('upload of sha256:abc was cut off', { cause: reset });
    const error = new ReleaseError('REGISTRY_UNAVAILABLE', 'PUT failed: ghcr.io', { cause });
    expect(failureLines(error)).toEqual([
      'REGISTRY_UNAVAILABLE: PUT failed: ghcr.io',
      'Re-run the job: it continues where this one stopped.',
      'Caused by: upload of sha256:abc was cut off',
      'Caused by: ECONNRESET',
    ]);
  });

  it('names all problems that were found together', () => {
    const error = releaseErrorOf([
      problem('INPUT_INVALID', 'platforms: linux', 'Write os/arch.'),
      problem('TAG_NOT_SEMVER', 'ref: v1', 'Name it v1.0.0.'),
    ]);
    expect(failureLines(error)).toEqual([
      'INPUT_INVALID: platforms: linux',
      'Write os/arch.',
      'TAG_NOT_SEMVER: ref: v1',
      'Name it v1.0.0.',
    ]);
  });

  it('stays one line with a hostile or a huge value', () => {
    const lines = failureLines(
      new ReleaseError('INPUT_INVALID', `registry: a\n::error::b${'x'.repeat(10_000)}`),
    );
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^INPUT_INVALID: registry: a\\n::error::b/);
    expect(lines[0]!.length).toBeLessThan(2100);
  });

  it('holds no half of a secret where a long line is cut', () => {
    const cause = new Error(`${'x'.repeat(490)}hunter2-hunter2`);
    const error = new ReleaseError('INTERNAL', `${'x'.repeat(1990)}hunter2-hunter2`, { cause });
    const lines = failureLines(error, (text) => text.replaceAll('hunter2-hunter2', '***'));
    expect(lines.filter((line) => !/^\s+at /.test(line)).join('\n')).not.toContain('hunter');
  });

  it('follows the first of several causes, and ends with a ring of them', () => {
    const ring: Error & { cause?: unknown } = new Error('ring');
    ring.cause = ring;
    const many = new AggregateError([ring, new Error('other')], 'all mirrors failed');
    const lines = failureLines(new ReleaseError('SCAN_DB_UNAVAILABLE', 'no database', { cause: many }));
    expect(lines.slice(2)).toEqual(['Caused by: all mirrors failed', 'Caused by: ring']);
  });

  it('shows the place in our code only for a bug', () => {
    const lines = failureLines(toReleaseError(new TypeError('x is not a function')));
    expect(lines[0]).toBe('INTERNAL: x is not a function');
    expect(lines.filter((line) => line.startsWith('Caused by'))).toEqual([]);
    expect(lines.slice(2).every((line) => /^\s+at /.test(line))).toBe(true);
    expect(lines.length).toBeGreaterThan(2);
    expect(failureLines(toReleaseError('a string'))[0]).toBe('INTERNAL: a string');
  });
});
