import { startDistribution } from '../../scripts/setup/distribution.mjs';

/** Lends an empty registry of the distribution project; it is up before the work starts, and gone after it. */
export async function withEmptyRegistry<T>(work: (host: string) => Promise<T>): Promise<T> {
  const registry = await startDistribution({ logLevel: 'error' });
  try {
    return await work(registry.host);
  } finally {
    await registry.stop();
  }
}
