import { resolve } from 'node:path';
import type { Platform } from '../model/descriptor.ts';
import type { Command, FanOutInputs } from '../model/inputs.ts';
import type { WrittenConfig } from './config.ts';
import type { Door } from './door.ts';
import { text } from './field.ts';
import { FIELDS } from './fields.ts';
import { readField } from './read.ts';
import { readRunners } from './runners.ts';
import { show } from './text.ts';
import * as v from './values.ts';

/** `gate.scope` of the config file. */
export const GATE_SCOPE = text('scope', () => v.oneOf(['shard', 'set']));

/** `folder`: where relative paths start. `narrowed`: the platforms that this job is for. */
export function resolveFanOut(
  door: Door,
  config: WrittenConfig,
  { folder, narrowed }: { readonly folder: string; readonly narrowed: readonly Platform[] },
): FanOutInputs {
  const shard = door.read(FIELDS.shard);
  const handoffs = door.read(FIELDS.handoff) ?? [];
  const digests = door.read(FIELDS.digests);
  return {
    runners: readRunners(config.runners, door.problems),
    scope: readField(GATE_SCOPE, config.gateScope, door.problems) ?? 'shard',
    handoffs: [...new Set(handoffs.map((path) => (path === ARTIFACT ? path : resolve(folder, path))))],
    ...(shard === undefined ? {} : { shard }),
    ...(narrowed.length === 0 ? {} : { platforms: narrowed }),
    ...(digests === undefined ? {} : { digests }),
  };
}

const ARTIFACT = 'artifact';

/**
 * Platforms of the images that name none, and those that this job narrows all images to: a `build` without a shard is for the
 * platforms that its workflow names. Those of the config say what the whole image has.
 */
export function readPlatforms(
  door: Door,
  config: WrittenConfig,
  command: Command,
): { readonly platforms: readonly Platform[]; readonly narrowed: readonly Platform[] } {
  const given = door.read(FIELDS.platforms) ?? [];
  const isPart = command === 'build' && !door.given('shard') && !door.given('handoff');
  if (!isPart || door.written.get('platforms')?.at !== undefined) return { platforms: given, narrowed: [] };
  const declared = readField(FIELDS.platforms, config.inputs.get('platforms'), door.problems);
  return { platforms: declared ?? given, narrowed: given };
}

/** Inputs of a fan-out that lack each other or contradict. Looks only at what is given. */
export function checkFanOut(door: Door): void {
  const isBuild = String(door.written.get('command')?.value ?? '') === 'build';
  if (door.given('digests') && !door.given('handoff') && !isBuild)
    door.refuse('digests', 'it needs `handoff`: without one the images are built here, and have new digests');
  const isOffline = /^true$/i.test(String(door.written.get('offline')?.value));
  const handoffs = String(door.written.get('handoff')?.value ?? '').split(/[\s,]+/);
  if (isOffline && handoffs.includes(ARTIFACT))
    door.refuse('handoff', `${show(ARTIFACT)} cannot be used with \`offline\``);
}
