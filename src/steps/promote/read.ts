import type { Descriptor } from '../../model/descriptor.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Encoded } from '../../model/manifest.ts';
import type { ChannelClaim, ChannelDocument, ChannelHome, ChannelState } from '../../model/promotion.ts';
import { type DigestRef, formatReference, type Reference, type Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { layersOf } from './record.ts';
import { claimSchema, documentSchema, parseJson } from './schema.ts';

/** A record with fifty releases of fifty images has half of it. */
const DOCUMENT_BYTES = 4 * 1024 * 1024;

type ReadPorts = Pick<Ports, 'registry'>;

/**
 * The record of a channel as it stands, for plans and dry runs: who moves it calls `openChannel`. Bytes are checked against
 * their digests, their shape too, and their size is bounded; whether the signature holds is for others to prove. Throws REGISTRY_*.
 */
export async function readChannel(
  channel: string,
  home: ChannelHome,
  { registry }: ReadPorts,
): Promise<ChannelState> {
  const tip = await registry.getManifest(home.record);
  if (tip === undefined) return { home, channel };
  const { digest } = tip.descriptor;
  const { repository } = home.record;
  const layers = recordLayers(tip, home.record);
  if (layers.claim === undefined)
    return {
      home,
      channel,
      tip: digest,
      ...(await settledOf(channel, { repository, digest }, layers.document, { registry })),
    };
  const bytes = await readLayer(repository, layers.claim, { registry });
  const claim: ChannelClaim = parseJson(bytes, claimSchema, `the claim in ${formatReference(home.record)}`);
  const base =
    claim.base === undefined ? {} : await readBase(channel, { repository, digest: claim.base }, registry);
  return { home, channel, tip: digest, ...base, claim };
}

/** What stood there before the claim. */
async function readBase(
  channel: string,
  record: DigestRef,
  registry: ReadPorts['registry'],
): Promise<Pick<ChannelState, 'record' | 'document'>> {
  const manifest = await registry.getManifest(record);
  if (manifest === undefined) throw notOurs(record, 'is gone, and the claim on the channel names it');
  return settledOf(channel, record, recordLayers(manifest, record).document, { registry });
}

async function settledOf(
  channel: string,
  record: DigestRef,
  layer: Descriptor | undefined,
  ports: ReadPorts,
): Promise<Pick<ChannelState, 'record' | 'document'>> {
  if (layer === undefined) return {};
  const where = `the document of ${formatReference(record)}`;
  const document: ChannelDocument = parseJson(
    await readLayer(record.repository, layer, ports),
    documentSchema,
    where,
  );
  if (document.channel !== channel)
    throw notOurs(record, `is the record of the channel ${document.channel}, and not of ${channel}`);
  return { record, document };
}

function recordLayers(manifest: Encoded, ref: Reference): NonNullable<ReturnType<typeof layersOf>> {
  const layers = layersOf(manifest.bytes);
  if (layers === undefined) throw notOurs(ref, 'is no record of a channel');
  return layers;
}

/** A layer of a record, checked and bounded. */
export async function readLayer(
  repository: Repository,
  layer: Descriptor,
  { registry }: ReadPorts,
): Promise<Uint8Array> {
  try {
    return await registry.readBlob(repository, layer, DOCUMENT_BYTES);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw notOurs({ repository, digest: layer.digest }, `has more than ${DOCUMENT_BYTES} bytes`);
  }
}

function notOurs(ref: Reference, what: string): ReleaseError {
  const hint =
    'Look who writes this tag. Without it, the channel starts anew with the next promotion: its history is lost, its images are not.';
  return new ReleaseError('REGISTRY_UNAVAILABLE', `${formatReference(ref)} ${what}`, { hint });
}
