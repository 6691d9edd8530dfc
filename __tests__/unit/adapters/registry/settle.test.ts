import { describe, expect, it } from '@jest/globals';
import { settleDelay, watching } from '../../../../src/adapters/registry/settle.ts';

const clock = { elapsed: () => 0, sleep: async () => undefined };
const settling = (random: number) => ({ clock, random: () => random, leastMs: 1000 });

describe('the wait before the last look', () => {
  it.each([
    ['the least', 0, 10, 1, 1000],
    ['twice our own slowest write', 0, 2000, 1, 4000],
    ['no more than five seconds of that', 0, 60_000, 1, 5000],
    ['by chance half as long again', 1, 10, 1, 1500],
    ['by chance longer after collisions', 1, 10, 3, 2500],
    ['by chance thrice as long at most', 1, 10, 12, 3000],
  ])('is %s', (_, random, slowestMs, round, expected) => {
    expect(settleDelay(settling(random), slowestMs, round)).toBe(expected);
  });
});

describe('looking on while a write goes on', () => {
  it('looks until it is over, at intervals of half the wait', async () => {
    const sleeps: number[] = [];
    let finish = (_: string) => {};
    const work = new Promise<string>((done) => {
      finish = done;
    });
    let looks = 0;
    const watched = watching(
      { ...settling(0), clock: { ...clock, sleep: async (milliseconds) => void sleeps.push(milliseconds) } },
      work,
      async () => {
        looks += 1;
        if (looks === 3) finish('written');
        if (looks === 1) throw new Error('a look that fails is no reason to stop');
      },
    );
    expect(await watched).toBe('written');
    expect(looks).toBe(3);
    expect(new Set(sleeps)).toEqual(new Set([500]));
  });

  it('does not look at what is done at once, and throws what the write throws', async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
    };
    const never = {
      ...settling(0),
      clock: { ...clock, sleep: () => new Promise<undefined>(() => undefined) },
    };
    expect(await watching(never, Promise.resolve(7), look)).toBe(7);
    await expect(watching(never, Promise.reject(new Error('refused')), look)).rejects.toThrow('refused');
    expect(looks).toBe(0);
  });

  it('does not look for ever', async () => {
    let looks = 0;
    let finish = () => {};
    const work = new Promise<void>((done) => {
      finish = done;
    });
    const watched = watching(settling(0), work, async () => {
      looks += 1;
    });
    await new Promise((later) => setTimeout(later, 50));
    finish();
    await watched;
    expect(looks).toBe(100);
  });
});
