import { describe, expect, it } from '@jest/globals';
import { createSlots, mapLimit } from '../../../src/model/concurrency.ts';

describe('mapLimit', () => {
  it('keeps the order and never runs more than the limit at once', async () => {
    let running = 0;
    let most = 0;
    const results = await mapLimit([5, 1, 4, 2, 3], 2, async (n) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((done) => setTimeout(done, n));
      running -= 1;
      return n * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('throws the first failure, starts nothing new, and waits for what runs', async () => {
    const ended: number[] = [];
    const started: number[] = [];
    const work = mapLimit([0, 1, 2, 3, 4], 2, async (n) => {
      started.push(n);
      await new Promise((done) => setTimeout(done, n === 0 ? 1 : 10));
      if (n === 0) throw new Error('first');
      ended.push(n);
    });
    await expect(work).rejects.toThrow('first');
    expect(started).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });

  it('answers nothing for nothing', async () => {
    expect(await mapLimit([], 3, async () => 1)).toEqual([]);
  });
});

describe('slots', () => {
  it('are taken in order, never more than there are, and given back by what fails', async () => {
    const slots = createSlots(2);
    const log: string[] = [];
    let running = 0;
    let most = 0;
    const work = (name: string, fails: boolean) =>
      slots(async () => {
        log.push(name);
        running += 1;
        most = Math.max(most, running);
        await new Promise((done) => setTimeout(done, 1));
        running -= 1;
        if (fails) throw new Error(name);
        return name;
      });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const results = await Promise.allSettled(names.map((name, at) => work(name, at % 2 === 0)));
    expect(log).toEqual(names);
    expect(most).toBe(2);
    expect(results.map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(await work('f', false)).toBe('f');
  });
});
