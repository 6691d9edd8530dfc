import { describe, expect, it } from '@jest/globals';
import { lastWords, scanFailure, worthShowing } from '../../../../src/steps/inspect/failure.ts';

const AT = '2026-11-21T14:54:19Z';

describe('scanFailure', () => {
  it.each([
    [
      'time',
      'FATAL\tFatal error\trun error: image scan error: analyze error: pipeline error: context deadline exceeded',
      1,
      'SCAN_FAILED',
      'the scan ran out of time: app (linux/amd64): 300 s',
    ],
    [
      'no database',
      'FATAL\tFatal error\trun error: init error: DB error: database error: --skip-db-update cannot be specified on the first run',
      1,
      'SCAN_DB_UNAVAILABLE',
      'the vulnerability database cannot be used',
    ],
    [
      'a broken database',
      'FATAL\tFatal error\trun error: init error: DB error: error in vulnerability DB initialize: failed to open db: file size too small 5000',
      1,
      'SCAN_DB_UNAVAILABLE',
      'file size too small 5000',
    ],
    [
      'a locked database',
      'FATAL\tFatal error\tvulnerability database may be in use by another process: timeout',
      1,
      'SCAN_DB_UNAVAILABLE',
      'in use by another process',
    ],
    [
      'no index of Java packages',
      "FATAL\tFatal error\tscan failed: Unable to initialize the Java DB: Java DB update failed: '--skip-java-db-update' cannot be specified on the first run",
      1,
      'SCAN_DB_UNAVAILABLE',
      'the index of Java packages could not be had',
    ],
    [
      'no space',
      'FATAL\tFatal error\twrite /tmp/x: no space left on device',
      1,
      'DISK_LOW',
      'no space is left',
    ],
    [
      'a kill',
      'INFO\t[vuln] Vulnerability scanning is enabled',
      137,
      'SCAN_FAILED',
      'the scanner was killed',
    ],
    ['anything else', 'FATAL\tFatal error\tunknown flag: --foo', 1, 'SCAN_FAILED', 'unknown flag: --foo'],
  ])('for want of %s', (_name, line, exitCode, code, text) => {
    const stderr = `${AT}\tINFO\t[secret] Secret scanning is enabled\n${AT}\t${line}\n`;
    const error = scanFailure('app (linux/amd64)', { exitCode, stdout: '', stderr }, 300);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(error.message).toContain('app (linux/amd64)');
  });

  it('of a scanner that said nothing names the exit code', () => {
    expect(scanFailure('app', { exitCode: 3, stdout: '', stderr: '' }, 300).message).toBe(
      'the scan failed: app: exit code 3',
    );
  });
});

describe('lines of the scanner', () => {
  it.each([
    [
      `${AT}\tWARN\tThis OS version is no longer supported\tfamily="alpine"`,
      'WARN: This OS version is no longer supported family="alpine"',
    ],
    [`${AT}\tFATAL\tFatal error\toops`, 'FATAL: Fatal error oops'],
    [`${AT}\tINFO\tDetected OS`, undefined],
    [`${AT}\tDEBUG\tx`, undefined],
    ['panic: runtime error', 'panic: runtime error'],
    ['', undefined],
  ])('%j is shown as %j', (line, expected) => {
    expect(worthShowing(line)).toBe(expected);
  });

  it.each([
    [`${AT}\tFATAL\tFatal error\tthe reason\n\n`, 'the reason'],
    [`${AT}\tERROR\tfirst\n${AT}\tFATAL\tFatal error\tsecond\n${AT}\tINFO\tbye`, 'second'],
    ['one\ntwo\n', 'two'],
    ['', ''],
  ])('last words of %j', (stderr, expected) => {
    expect(lastWords(stderr)).toBe(expected);
  });
});
