import { describe, expect, it } from '@jest/globals';
import { type Pace, settle, settleDelay, watching } from '../../../../src/adapters/registry/settle.ts';

const clock = { elapsed: () => 0, sleep: async () => undefined };
const settling = (random: number) => ({ clock, random: () => random, leastMs: 1000 });

const pace = (slowestMs: number, showsLate = false): Pace => ({ slowestMs, showsLate });

describe('the wait before the last look', () => {
  it.each([
    ['the least', pace(10), 1, 0, 200],
    ['twice our own slowest write', pace(2000), 1, 0, 4000],
    ['no more than five seconds of that', pace(60_000), 1, 0, 5000],
    ['a second at least where reads come late', pace(10, true), 1, 0, 1000],
    ['twice our own slowest write, where that is longer still', pace(2000, true), 1, 0, 4000],
    ['not longer by chance where nobody collided', pace(10), 1, 1, 200],
    ['by chance twice as long after a collision', pace(10), 2, 1, 400],
    ['by chance longer after more of them', pace(10), 4, 1, 600],
    ['by chance four times as long at most', pace(10), 12, 1, 800],
  ])('is %s', (_, seen, round, chance, expected) => {
    expect(settleDelay(200, seen, round, chance)).toBe(expected);
  });

  it('grows when another tag of the registry turns out to be slower meanwhile', async () => {
    const sleeps: number[] = [];
    const seen = pace(150);
    const sleep = async (milliseconds: number) => {
      sleeps.push(milliseconds);
      if (sleeps.length === 1) seen.slowestMs = 400;
    };
    await settle({ clock: { ...clock, sleep }, random: () => 1, leastMs: 200 }, seen, 1);
    expect(sleeps).toEqual([300, 500]);
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
