import { join, relative, resolve } from 'node:path';
import type { BakeFileInput, BuildInputs, ImageInput, ImagesInput } from '../model/inputs.ts';
import { MODULE_BASE_IMAGE } from '../model/module-image.ts';
import type { WrittenConfig } from './config.ts';
import type { Door } from './door.ts';
import { BAKE_NAMES, FIELDS } from './fields.ts';
import { resolveFrom } from './from.ts';
import { readImages, targetsOf } from './images.ts';
import { insideWorkspace } from './raw.ts';
import { readField } from './read.ts';
import { show } from './text.ts';

export type Folders = { readonly workspace: string; readonly workingDirectory: string };

export function resolveBuild(
  door: Door,
  config: WrittenConfig,
  folders: Folders,
  platforms: BuildInputs['platforms'],
): BuildInputs {
  const network = door.read(FIELDS.network);
  const builder = door.read(FIELDS.builder);
  const builderImage = door.read(FIELDS['builder-image']);
  const secretFiles = Object.entries(door.read(FIELDS['secret-files']) ?? {});
  return {
    definition: resolveDefinition(door, config, folders),
    platforms,
    secrets: readSecrets(door),
    secretFiles: Object.fromEntries(
      secretFiles.map(([id, path]) => [id, resolve(folders.workingDirectory, path)]),
    ),
    ssh: door.read(FIELDS.ssh) ?? [],
    cacheFrom: door.read(FIELDS['cache-from']) ?? [],
    cacheTo: door.read(FIELDS['cache-to']) ?? [],
    noCache: door.read(FIELDS['no-cache']) ?? false,
    pull: door.read(FIELDS.pull) ?? false,
    moduleBaseImage: door.read(FIELDS['module-base-image']) ?? MODULE_BASE_IMAGE,
    ...(network === undefined ? {} : { network }),
    ...(builder === undefined ? {} : { builder }),
    ...(builderImage === undefined ? {} : { builderImage }),
  };
}

/** Empty ones are left out with a warning, as docker/build-push-action does: pull requests from forks have no secrets. */
function readSecrets(door: Door): Record<string, string> {
  const secrets = Object.entries(door.read(FIELDS.secrets) ?? {});
  const empty = secrets.filter(([, value]) => value === '').length;
  if (empty > 0) door.warn(`Input \`secrets\`: ${empty} of ${secrets.length} are empty and are left out.`);
  return Object.fromEntries(secrets.filter(([, value]) => value !== ''));
}

function resolveDefinition(door: Door, config: WrittenConfig, folders: Folders): BakeFileInput | ImagesInput {
  if (door.given('bake-file')) return resolveBake(door, config, folders);
  const args = door.read(FIELDS['build-args']) ?? {};
  const contexts = door.read(FIELDS['build-contexts']) ?? {};
  const defaults = { args, contexts, folder: folders.workingDirectory };
  if (config.images !== undefined) {
    return { kind: 'images', images: readImages(config.images, defaults, door.problems) };
  }
  for (const name of targetsOf(contexts)) {
    door.refuse(
      'build-contexts',
      `${show(`target:${name}`)} names no image: the config file declares no \`images\``,
    );
  }
  return { kind: 'images', images: [resolveOneImage(door, defaults)] };
}

function resolveOneImage(door: Door, defaults: Parameters<typeof readImages>[1]): ImageInput {
  const from = door.read(FIELDS.from);
  const file = door.read(FIELDS.file);
  const target = door.read(FIELDS.target);
  return {
    context: door.read(FIELDS.context) ?? '.',
    platforms: [],
    args: defaults.args,
    contexts: defaults.contexts,
    labels: {},
    ...(from === undefined ? {} : { from: resolveFrom(from, defaults.folder) }),
    ...(file === undefined ? {} : { file }),
    ...(target === undefined ? {} : { target }),
  };
}

function resolveBake(door: Door, config: WrittenConfig, folders: Folders): BakeFileInput {
  const { workspace, workingDirectory } = folders;
  const files = (door.read(FIELDS['bake-file']) ?? []).flatMap((file) => {
    const inside = insideWorkspace(file, workingDirectory, workspace);
    if (inside !== undefined && inside !== '.' && file !== '-') {
      return [relative(workingDirectory, join(workspace, inside))];
    }
    door.refuse('bake-file', `${show(file)} is not a file inside the workspace`);
    return [];
  });
  return {
    kind: 'bake-file',
    files,
    targets: door.read(FIELDS['bake-targets']) ?? ['default'],
    names: readNames(config, door),
  };
}

function readNames(config: WrittenConfig, door: Door): Readonly<Record<string, string>> {
  const written = config.bakeNames;
  const names = readField(BAKE_NAMES, written, door.problems) ?? {};
  const values = Object.values(names);
  const twice = new Set(values.filter((name, index) => values.indexOf(name) !== index));
  for (const name of twice) door.refuseAt(written, `${show(name)} is the name of more than one target`);
  return names;
}
