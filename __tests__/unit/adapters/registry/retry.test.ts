import { describe, expect, it } from '@jest/globals';
import {
  isTransientStatus,
  parseRetryAfter,
  RegistryFailure,
} from '../../../../src/adapters/registry/failure.ts';
import { createRetrier, nextDelay, RETRY } from '../../../../src/adapters/registry/retry.ts';

const policy = { attempts: 4, firstDelayMs: 100, maxDelayMs: 300, totalMs: 1000 };

describe('nextDelay', () => {
  it.each([
    [{ attempt: 1, waitedMs: 0 }, 1, 100],
    [{ attempt: 1, waitedMs: 0 }, 0, 50],
    [{ attempt: 2, waitedMs: 100 }, 1, 200],
    [{ attempt: 3, waitedMs: 300 }, 1, 300],
    [{ attempt: 4, waitedMs: 600 }, 1, undefined],
    [{ attempt: 3, waitedMs: 900 }, 1, undefined],
    [{ attempt: 1, waitedMs: 0, retryAfterMs: 700 }, 0, 700],
    [{ attempt: 1, waitedMs: 0, retryAfterMs: 700 }, 1, 800],
    [{ attempt: 1, waitedMs: 0, retryAfterMs: 1001 }, 0, undefined],
  ])('%j with random %d: %s', (state, random, expected) => {
    expect(nextDelay(policy, state, random)).toBe(expected);
  });
});

describe('parseRetryAfter', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%j is %s ms', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });
});

describe('isTransientStatus', () => {
  it.each([408, 425, 429, 500, 502, 503, 504, 520])('%d will pass', (status) => {
    expect(isTransientStatus(status)).toBe(true);
  });

  it.each([400, 401, 403, 404, 405, 409, 413, 416, 501])('%d will not', (status) => {
    expect(isTransientStatus(status)).toBe(false);
  });
});

describe('the retrier', () => {
  const failure = (transient: boolean) =>
    new RegistryFailure({ method: 'GET', target: 'ghcr.io/a', stage: 'registry', status: 503, transient });

  function retrier(waits: number[] = []) {
    const clock = { sleep: async (milliseconds: number) => void waits.push(milliseconds) };
    return createRetrier({ clock, random: () => 1, policy: RETRY, onRetry: () => undefined });
  }

  it('numbers its attempts, and ends with the first that succeeds', async () => {
    const attempts: number[] = [];
    const result = await retrier()(async (attempt) => {
      attempts.push(attempt);
      if (attempt < 3) throw failure(true);
      return 'done';
    });
    expect([result, attempts]).toEqual(['done', [1, 2, 3]]);
  });

  it.each([failure(false), new Error('a bug')])('repeats nothing after %s', async (error) => {
    const waits: number[] = [];
    await expect(retrier(waits)(() => Promise.reject(error))).rejects.toBe(error);
    expect(waits).toEqual([]);
  });

  it('throws the last failure, within the bounds of its policy', async () => {
    const waits: number[] = [];
    await expect(retrier(waits)(() => Promise.reject(failure(true)), policy)).rejects.toThrow('503');
    expect(waits).toEqual([100, 200, 300]);
  });
});
