import type * as ActionsCache from '@actions/cache';
import type { Cache } from '../../ports/cache.ts';
import type { Log, Quietly } from '../../ports/log.ts';

type Library = Pick<typeof ActionsCache, 'isFeatureAvailable' | 'restoreCache' | 'saveCache'>;
type CacheLog = Pick<Log, 'info' | 'debug'>;

/** What the library answers when it could not save. */
const NOT_SAVED = -1;

/**
 * Cache over @actions/cache, which is loaded with the first use: it costs start-up. Whatever goes wrong is a miss and a
 * line in the log.
 */
export function createCache(
  log: CacheLog,
  quietly: Quietly,
  load: () => Promise<Library> = () => import('@actions/cache'),
): Cache {
  const available = async (): Promise<Library | undefined> => {
    const library = await load();
    if (library.isFeatureAvailable()) return library;
    log.debug('This runner has no cache service.');
    return undefined;
  };
  return {
    async restore(paths, key) {
      try {
        const library = await available();
        // The list is copied: the library keeps and changes what it is given.
        const found = await quietly('The cache', async () => library?.restoreCache([...paths], key));
        if (found !== undefined) log.info(`Restored from the runner's cache: ${key}.`);
        return found !== undefined;
      } catch (error) {
        log.info(`The cache could not be read, which does no harm: ${key}: ${textOf(error)}.`);
        return false;
      }
    },
    async save(paths, key) {
      try {
        const library = await available();
        const id = await quietly('The cache', async () => library?.saveCache([...paths], key));
        if (id !== undefined && id !== NOT_SAVED) log.info(`Saved in the runner's cache: ${key}.`);
      } catch (error) {
        log.info(`The cache could not be written, which does no harm: ${key}: ${textOf(error)}.`);
      }
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
