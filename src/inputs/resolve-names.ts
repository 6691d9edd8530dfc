import { resolve } from 'node:path';
import type { RunContext } from '../model/context.ts';
import type { NameInputs, VersionInputs } from '../model/inputs.ts';
import { isRepositoryPath } from '../model/reference.ts';
import { parseVersion } from '../model/version.ts';
import type { Door } from './door.ts';
import { FIELDS } from './fields.ts';
import { insideWorkspace } from './raw.ts';
import { show } from './text.ts';

/** Absolute; the workspace itself when the input is wrong. */
export function resolveFolder(door: Door, workspace: string): string {
  const given = door.read(FIELDS['working-directory']);
  const inside = given === undefined ? '.' : insideWorkspace(given, workspace, workspace);
  if (inside === undefined) door.refuse('working-directory', `${show(given)} is not inside the workspace`);
  return resolve(workspace, inside ?? '.');
}

export function resolveNames(door: Door, context: Pick<RunContext, 'owner'>): NameInputs {
  const registries = [...new Set(door.read(FIELDS.registry) ?? ['ghcr.io'])];
  const owner = context.owner.toLowerCase();
  const namespace = door.read(FIELDS.namespace) ?? (isRepositoryPath(owner) ? owner : undefined);
  const image = door.read(FIELDS.image);
  return {
    registries: registries.length > 0 ? registries : ['ghcr.io'],
    ...(namespace === undefined ? {} : { namespace }),
    ...(image === undefined ? {} : { image }),
  };
}

export function resolveVersion(door: Door): VersionInputs {
  const version = door.read(FIELDS.version);
  const tagPrefix = door.read(FIELDS['tag-prefix']) ?? 'v';
  if (version !== undefined && !isVersion(version, tagPrefix)) {
    door.refuse('version', `${show(version)} is not a strict SemVer version such as 1.2.3 or 1.3.0-rc.1`);
  }
  return {
    tagPrefix,
    manifest: door.read(FIELDS.manifest) ?? 'auto',
    tags: door.read(FIELDS.tags) ?? [],
    pullRequest: door.read(FIELDS['pull-request']) ?? 'gate',
    labels: door.read(FIELDS.labels) ?? {},
    annotations: door.read(FIELDS.annotations) ?? [],
    ...(version === undefined ? {} : { version }),
  };
}

/** The tag prefix may stand before it; with a star it is what follows the star, wherever that stands. */
function isVersion(text: string, tagPrefix: string): boolean {
  const prefix = tagPrefix.replace(/^\*/, '');
  const start = prefix === '' ? -1 : text.lastIndexOf(prefix);
  const bare =
    start >= 0 && (start === 0 || tagPrefix.startsWith('*')) ? text.slice(start + prefix.length) : text;
  return [text, text.replace(/^v/, ''), bare].some((candidate) => parseVersion(candidate) !== undefined);
}
