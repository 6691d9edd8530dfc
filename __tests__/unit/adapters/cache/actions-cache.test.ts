import { describe, expect, it } from '@jest/globals';
import { createCache } from '../../../../src/adapters/cache/actions-cache.ts';
import { createQuietly } from '../../../../src/adapters/runner/quiet-library.ts';
import { type FakeLog, fakeLog } from '../../../helpers/fake-log.ts';

function library(options: { available?: boolean; hit?: string; trouble?: string } = {}) {
  const calls: unknown[][] = [];
  const fail = (): void => {
    if (options.trouble !== undefined) throw new Error(options.trouble);
  };
  return {
    calls,
    isFeatureAvailable: () => options.available ?? true,
    restoreCache: async (...args: unknown[]) => {
      calls.push(['restore', ...args]);
      fail();
      return options.hit;
    },
    saveCache: async (...args: unknown[]) => {
      calls.push(['save', ...args]);
      fail();
      return 1;
    },
  };
}

const cacheOf = (log: FakeLog, load: Parameters<typeof createCache>[2]) =>
  createCache(log, createQuietly(log), load);

describe('the cache adapter', () => {
  it.each([
    ['the service has the key', { hit: 'db-1' }, true],
    ['the service does not have it', {}, false],
    ['there is no service', { available: false, hit: 'db-1' }, false],
    ['the service is down', { trouble: 'status 503' }, false],
  ])('restore: %s', async (_name, options, expected) => {
    const cache = cacheOf(fakeLog(), async () => library(options));
    expect(await cache.restore(['/tmp/db.tar.gz'], 'db-1')).toBe(expected);
  });

  it('says in one line what went wrong, and fails nothing', async () => {
    const log = fakeLog();
    const cache = cacheOf(log, async () => library({ trouble: 'status 503' }));
    await cache.save(['/tmp/db.tar.gz'], 'db-1');
    expect(log.lines).toEqual(['The cache could not be written, which does no harm: db-1: status 503.']);
  });

  it('takes a library that does not load for a miss', async () => {
    const cache = cacheOf(fakeLog(), async () => {
      throw new Error('Cannot find module');
    });
    expect(await cache.restore(['/tmp/x'], 'k')).toBe(false);
    await cache.save(['/tmp/x'], 'k');
  });

  it('passes paths and key as they are, and asks no absent service', async () => {
    const there = library({ hit: 'k' });
    await cacheOf(fakeLog(), async () => there).restore(['/a', '/b'], 'k');
    expect(there.calls).toEqual([['restore', ['/a', '/b'], 'k']]);
    const absent = library({ available: false });
    await cacheOf(fakeLog(), async () => absent).save(['/a'], 'k');
    expect(absent.calls).toEqual([]);
  });

  it('lets the library print nothing by itself: masks go to the runner, words to our log', async () => {
    const printed: unknown[] = [];
    const write = process.stdout.write;
    process.stdout.write = (chunk: unknown): boolean => printed.push(chunk) > 0;
    const log = fakeLog();
    try {
      const noisy = library({ hit: 'k' });
      const restoreCache = async (): Promise<string> => {
        process.stdout.write('::add-mask::sig%25nature\n::debug::a%0Ab\n');
        await new Promise((done) => setTimeout(done, 1));
        process.stdout.write(Buffer.from('::warning::slow\nCache Size: ~0 MB\n'));
        return 'k';
      };
      const cache = cacheOf(log, async () => ({ ...noisy, restoreCache }));
      const restored = cache.restore(['/a'], 'k');
      process.stdout.write('ours\n');
      expect(await restored).toBe(true);
      process.stdout.write('later\n');
    } finally {
      process.stdout.write = write;
    }
    expect(printed).toEqual(['ours\n', 'later\n']);
    expect(log.masked).toEqual(['sig%nature']);
    expect(log.lines).toEqual([
      'debug: a\nb',
      'The cache says: slow',
      'debug: Cache Size: ~0 MB',
      "Restored from the runner's cache: k.",
    ]);
  });

  it('does not call saved what was not', async () => {
    const log = fakeLog();
    const saving = (id: number) => ({ ...library(), saveCache: async () => id });
    await cacheOf(log, async () => saving(-1)).save(['/a'], 'k');
    expect(log.lines).toEqual([]);
    await cacheOf(log, async () => saving(7)).save(['/a'], 'k');
    expect(log.lines).toEqual(["Saved in the runner's cache: k."]);
  });
});
