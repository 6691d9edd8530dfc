import { expect } from '@jest/globals';
import { decodeManifest } from '../../../src/model/manifest.ts';
import type { Registry } from '../../../src/ports/registry.ts';
import { readChannel } from '../../../src/steps/promote/run.ts';
import { type ImageSet, versionsAt } from './images.ts';
import { CHANNEL, homeOf } from './move.ts';

/**
 * All images are at the newest version, nobody has a claim, and the record and the document of all channels say so.
 * `known`: the live version and those before it, newest first.
 */
export async function expectSettled(
  set: ImageSet,
  known: readonly string[],
  versions: readonly string[],
  registry: Registry,
): Promise<void> {
  const [live = ''] = known;
  expect(await versionsAt(set, CHANNEL, versions, registry)).toEqual(Array(set.count).fill(live));
  const home = homeOf(set);
  const { document, claim } = await readChannel(CHANNEL, home, { registry });
  expect(claim).toBeUndefined();
  expect([document, ...(document?.history ?? [])].map((entry) => entry?.version)).toEqual(known);
  const serials = [document, ...(document?.history ?? [])].map((entry) => entry?.serial ?? 0);
  expect(serials).toEqual([...serials].sort((a, b) => b - a));
  expect(await readAggregate(set, registry)).toMatchObject({
    [CHANNEL]: { version: live, serial: document?.serial },
  });
}

/** The entries of the document of all channels. */
export async function readAggregate(set: ImageSet, registry: Registry): Promise<unknown> {
  const { aggregate } = homeOf(set);
  const manifest = await registry.getManifest(aggregate);
  const content = manifest === undefined ? undefined : decodeManifest(manifest.bytes);
  const layer = content?.kind === 'manifest' ? content.layers[0] : undefined;
  if (layer === undefined) return undefined;
  const bytes = await registry.readBlob(aggregate.repository, layer, layer.size);
  return JSON.parse(new TextDecoder().decode(bytes)).channels;
}
