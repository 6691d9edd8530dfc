import { randomInt } from 'node:crypto';
import { ReleaseError } from '../../model/errors.ts';
import type { ChannelDocument, ChannelHome } from '../../model/promotion.ts';
import { type DigestRef, formatReference } from '../../model/reference.ts';
import type { ClaimPorts, ClaimTimes } from './claim.ts';
import { entryOf } from './document.ts';
import { readLayer } from './read.ts';
import { encodeAggregate, layersOf } from './record.ts';
import { aggregateSchema, parseJson, serialOf } from './schema.ts';

const MOST_ROUNDS = 12;

type Channels = Readonly<Record<string, unknown>>;

/**
 * Brings the entry of one channel into the document of all. Others write theirs at the same time, and there is no lock:
 * read, add, write; wait; read again, until a read found our entry and all that we had seen. Throws CHANNEL_CONFLICT.
 */
export async function publishAggregate(
  home: ChannelHome,
  document: ChannelDocument,
  record: DigestRef,
  ports: ClaimPorts,
  { settleMs }: Pick<ClaimTimes, 'settleMs'>,
): Promise<void> {
  const { channel } = document;
  const own = { channel, ...entryOf(document), record: formatReference(record) };
  let seen: Channels = {};
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const began = ports.clock.elapsed();
    const held = await read(home, ports);
    const merged = mergeChannels(held.channels, { ...seen, [channel]: own });
    if (merged === undefined) return;
    seen = merged;
    const { manifest, blobs } = encodeAggregate(home, { channels: merged }, document.generated_at);
    for (const blob of blobs) await ports.registry.putBlob(home.aggregate.repository, blob);
    await ports.registry.moveTag(home.aggregate, manifest, held.digest, async () => undefined);
    const took = ports.clock.elapsed() - began;
    // Writers that collided must not come back in step.
    const late = (randomInt(1000) / 1000) * Math.min(round, 4);
    await ports.clock.sleep(Math.max(settleMs, 2 * took) * (1 + late / 2));
  }
  const message = `${formatReference(home.aggregate)} did not keep the entry of the channel ${channel} ${MOST_ROUNDS} times`;
  const hint =
    'The channel itself was moved. Re-run the job when nothing else moves channels: it completes this document.';
  throw new ReleaseError('CHANNEL_CONFLICT', message, { hint });
}

/** The held entries with those of `wanted` that are newer; undefined when there is none. Serials never fall. */
export function mergeChannels(held: Channels, wanted: Channels): Channels | undefined {
  const newer = Object.entries(wanted).filter(([name, entry]) => serialOf(held[name]) < serialOf(entry));
  if (newer.length === 0) return undefined;
  const all = [
    ...Object.entries(held).filter(([name]) => !newer.some(([other]) => other === name)),
    ...newer,
  ];
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function read(
  { aggregate }: ChannelHome,
  { registry }: ClaimPorts,
): Promise<{ readonly channels: Channels; readonly digest?: DigestRef['digest'] }> {
  const manifest = await registry.getManifest(aggregate);
  if (manifest === undefined) return { channels: {} };
  const { digest } = manifest.descriptor;
  const layer = layersOf(manifest.bytes)?.document;
  if (layer === undefined)
    throw new ReleaseError(
      'REGISTRY_UNAVAILABLE',
      `${formatReference(aggregate)} is not the document of all channels`,
      { hint: 'Look who writes this tag; delete it, or move what it holds to another name, and re-run.' },
    );
  const bytes = await readLayer(aggregate.repository, layer, { registry });
  return { channels: parseJson(bytes, aggregateSchema, formatReference(aggregate)).channels, digest };
}
