import { describe, expect, it } from '@jest/globals';
import { within } from '../../../src/pipeline/patience.ts';

/** A clock whose time passes when the test says so. */
function aClock() {
  const waiting: (() => void)[] = [];
  return {
    sleep: () => new Promise<void>((wake) => waiting.push(wake)),
    pass: () => {
      for (const wake of waiting) wake();
    },
  };
}

describe('what a rollback waits for', () => {
  it('is taken when it comes in time, and its error is thrown', async () => {
    expect(await within(1000, Promise.resolve('signed'), 'signing', aClock())).toBe('signed');
    await expect(within(1000, Promise.reject(new Error('refused')), 'signing', aClock())).rejects.toThrow(
      'refused',
    );
  });

  it('is given up after its time', async () => {
    const clock = aClock();
    const waiting = within(10_000, new Promise(() => undefined), 'signing', clock);
    clock.pass();
    await expect(waiting).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      message: 'signing takes longer than 10 s',
    });
  });
});
