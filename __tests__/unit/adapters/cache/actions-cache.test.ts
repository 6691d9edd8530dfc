import { describe, expect, it } from '@jest/globals';
import { createCache } from '../../../../src/adapters/cache/actions-cache.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';

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

describe('the cache adapter', () => {
  it.each([
    ['the service has the key', { hit: 'db-1' }, true],
    ['the service does not have it', {}, false],
    ['there is no service', { available: false, hit: 'db-1' }, false],
    ['the service is down', { trouble: 'status 503' }, false],
  ])('restore: %s', async (_name, options, expected) => {
    const cache = createCache(fakeLog(), async () => library(options));
    expect(await cache.restore(['/tmp/db.tar.gz'], 'db-1')).toBe(expected);
  });

  it('says in one line what went wrong, and fails nothing', async () => {
    const log = fakeLog();
    const cache = createCache(log, async () => library({ trouble: 'status 503' }));
    await cache.save(['/tmp/db.tar.gz'], 'db-1');
    expect(log.lines).toEqual(['The cache could not be written, which does no harm: db-1: status 503.']);
  });

  it('takes a library that does not load for a miss', async () => {
    const cache = createCache(fakeLog(), async () => {
      throw new Error('Cannot find module');
    });
    expect(await cache.restore(['/tmp/x'], 'k')).toBe(false);
    await cache.save(['/tmp/x'], 'k');
  });

  it('passes paths and key as they are, and asks no absent service', async () => {
    const there = library({ hit: 'k' });
    await createCache(fakeLog(), async () => there).restore(['/a', '/b'], 'k');
    expect(there.calls).toEqual([['restore', ['/a', '/b'], 'k']]);
    const absent = library({ available: false });
    await createCache(fakeLog(), async () => absent).save(['/a'], 'k');
    expect(absent.calls).toEqual([]);
  });
});
