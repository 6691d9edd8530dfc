import { describe, expect, it } from '@jest/globals';
import { buildError } from '../../../../src/steps/build/failure.ts';
import type { Failure } from '../../../../src/steps/build/progress.ts';

const result = { exitCode: 1, stdout: '', stderr: '' };
const failure = (change: Partial<Failure>): Failure => ({
  target: 'app',
  step: '[2/2] RUN make',
  error: 'exit code: 1',
  output: [],
  said: [],
  ...change,
});

describe('the error of a build', () => {
  it('names target, step and reason, with the last lines as its cause', () => {
    const error = buildError(failure({ output: ['a', 'b'], said: ['ERROR: c'] }), result);
    expect(error).toMatchObject({
      code: 'BUILD_FAILED',
      message: 'the build of app failed at [2/2] RUN make: exit code: 1',
      cause: expect.objectContaining({ message: 'a\nb\nERROR: c' }),
    });
  });

  it('needs no target and no step', () => {
    expect(buildError({ error: 'x\n  y', output: [], said: [] }, result).message).toBe(
      'the build failed: x y',
    );
  });

  it('is kept short', () => {
    expect(buildError(failure({ error: 'x'.repeat(9000) }), result).message.length).toBeLessThan(600);
  });

  it.each<[string, Partial<Failure>, string, RegExp]>([
    ['another platform', { output: ['exec /bin/sh: exec format error'] }, 'BUILD_FAILED', /QEMU/],
    ['a crash', { error: 'did not complete successfully: exit code: 139' }, 'BUILD_FAILED', /139/],
    ['a crash under QEMU', { output: ['qemu: uncaught target signal 11'] }, 'BUILD_FAILED', /139.*QEMU/],
    ['no memory', { error: 'exit code: 137' }, 'BUILD_FAILED', /memory/],
    [
      'no space in a step',
      { output: ['cp: write error: No space left on device'] },
      'DISK_LOW',
      /Free space/,
    ],
    [
      'no space for the export',
      { said: ['ERROR: write /x: no space left on device'] },
      'DISK_LOW',
      /Free space/,
    ],
    ['a pull limit', { said: ['ERROR: 429 Too Many Requests'] }, 'BUILD_FAILED', /mirror/],
    [
      'no way to export',
      { error: 'OCI exporter is not supported for the docker driver' },
      'BUILD_FAILED',
      /containerd/,
    ],
    ['files outside', { said: ['ERROR: additional privileges requested'] }, 'BUILD_FAILED', /inside/],
    ['the daemon', { error: 'Cannot connect to the Docker daemon at unix:///x' }, 'TOOL_MISSING', /daemon/],
  ])('knows %s', (_, change, code, hint) => {
    const error = buildError(failure(change), result);
    expect(error.code).toBe(code);
    expect(error.hint).toMatch(hint);
  });
});
