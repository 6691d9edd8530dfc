import { relative, resolve } from 'node:path/posix';
import { type BakeDocument, bakeText } from '../model/build.ts';
import { formatPlatform, type Platform } from '../model/descriptor.ts';
import { type Problem, problem } from '../model/errors.ts';
import type { BuildInputs, ImageInput, Inputs } from '../model/inputs.ts';
import { MODULE_PLATFORM, type ModuleImage } from '../model/module-image.ts';
import { buildSecrets } from './build-secrets.ts';
import { moduleDockerfile } from './module-dockerfile.ts';

type Target = Readonly<Record<string, unknown>>;

const TARGET_PREFIX = 'target:';
const UNNAMED = 'image';

/**
 * The bake file for images that the inputs declare: relative paths in it count from the working directory, which must be
 * the folder that buildx runs in. Undefined when the user has a bake file, or nothing is built here.
 * Labels, annotations, outputs and caches come later, by the build. `modules` are the modules without a Dockerfile, by context.
 * https://docs.docker.com/build/bake/reference/
 */
export function bakeDocument(
  inputs: Inputs,
  modules: ReadonlyMap<string, ModuleImage> = new Map(),
): BakeDocument | undefined {
  const { definition } = inputs.build;
  if (definition.kind === 'bake-file') return undefined;
  const ids = bakeTargets(definition.images);
  const built = definition.images.flatMap((image, i) => {
    const id = ids[i];
    return id === undefined ? [] : [{ image, id }];
  });
  if (built.length === 0) return undefined;
  const idOf = new Map(
    built.flatMap(({ image: { name }, id }) => (name === undefined ? [] : [[name, id] as const])),
  );
  const target = Object.fromEntries(
    built.map(({ image, id }) => [
      id,
      {
        ...ownFields(image, inputs, { idOf, modules }),
        ...generatedFile(image, inputs.build, modules),
        ...sharedFields(inputs.build),
      },
    ]),
  );
  return { group: { default: { targets: built.map(({ id }) => id) } }, target };
}

/** The target of each image, in order; undefined for images that are brought. Bake allows [a-zA-Z0-9_-] only. */
export function bakeTargets(images: readonly ImageInput[]): readonly (string | undefined)[] {
  // `default` is the name of the group.
  const taken = new Set(['default']);
  return images.map((image) => {
    if (image.from !== undefined) return undefined;
    const wanted = (image.name ?? UNNAMED).replace(/[^a-zA-Z0-9_-]/g, '-');
    let id = wanted;
    for (let i = 2; taken.has(id); i += 1) id = `${wanted}-${i}`;
    taken.add(id);
    return id;
  });
}

/** `contexts` that name a brought image: it is no target of the graph. The door has checked all other names. */
export function checkContexts(images: readonly ImageInput[]): readonly Problem[] {
  const brought = new Set(images.filter((image) => image.from !== undefined).map(({ name }) => name));
  return images.flatMap((image) =>
    Object.entries(image.contexts).flatMap(([key, value]) => {
      const parent = parentOf(value);
      if (parent === undefined || !brought.has(parent)) return [];
      const what = `contexts.${key} of the image ${image.name ?? UNNAMED} names an image that is not built here: ${value}`;
      const hint = `${parent} is brought by \`from\`: name its bytes as docker-image:// or oci-layout:// instead.`;
      return [problem('INPUT_INVALID', what, hint)];
    }),
  );
}

type Known = {
  /** Image → target. */
  readonly idOf: ReadonlyMap<string, string>;
  readonly modules: ReadonlyMap<string, ModuleImage>;
};

function ownFields(image: ImageInput, inputs: Inputs, { idOf, modules }: Known): Target {
  const platforms = wantedPlatforms(image, inputs.build, generatedFor(image, modules));
  const contexts = mapValues(image.contexts, (value) => {
    const parent = parentOf(value);
    const id = parent === undefined ? undefined : idOf.get(parent);
    return id === undefined ? value : `${TARGET_PREFIX}${id}`;
  });
  const dockerfile = image.file === undefined ? undefined : dockerfileOf(inputs, image.context, image.file);
  return {
    context: bakeText(image.context),
    ...(dockerfile === undefined ? {} : { dockerfile: bakeText(dockerfile) }),
    ...(image.target === undefined ? {} : { target: bakeText(image.target) }),
    ...(platforms.length === 0 ? {} : { platforms: platforms.map(formatPlatform) }),
    ...(isEmpty(image.args) ? {} : { args: literals(image.args) }),
    ...(isEmpty(contexts) ? {} : { contexts: literals(contexts) }),
  };
}

/** The Dockerfile of a module that has none. */
function generatedFile(
  image: ImageInput,
  { moduleBaseImage }: BuildInputs,
  modules: ReadonlyMap<string, ModuleImage>,
): Target {
  const module = generatedFor(image, modules);
  if (module === undefined) return {};
  const build = { baseImage: moduleBaseImage, wheels: image.contexts.wheels !== undefined };
  return { 'dockerfile-inline': bakeText(moduleDockerfile(module, build)) };
}

/** The module that an image is, when its Dockerfile is generated. */
export function generatedFor(
  image: ImageInput,
  modules: ReadonlyMap<string, ModuleImage> | undefined,
): ModuleImage | undefined {
  return takesGeneratedFile(image) ? modules?.get(image.context) : undefined;
}

/** Those of the image, else those of all images; empty = the builder's own. */
export function wantedPlatforms(
  image: ImageInput,
  { platforms }: Pick<BuildInputs, 'platforms'>,
  module: ModuleImage | undefined,
): readonly Platform[] {
  if (image.platforms.length > 0) return image.platforms;
  return platforms.length > 0 || module === undefined ? platforms : [MODULE_PLATFORM];
}

/** An image that names a Dockerfile or a stage of one has it, and what lies elsewhere cannot be looked at. */
export function takesGeneratedFile(image: ImageInput): boolean {
  return isBuiltHere(image) && image.file === undefined && image.target === undefined;
}

/** Built from a folder of this machine. */
export function isBuiltHere({ from, context }: ImageInput): boolean {
  return from === undefined && !isRemote(context);
}

/** What shapes bytes; caches, `no-cache` and `pull` are the build's own business. */
function sharedFields(build: BuildInputs): Target {
  const secrets = buildSecrets(build).entries.map(literals);
  return {
    ...(secrets.length === 0 ? {} : { secret: secrets }),
    ...(build.ssh.length === 0 ? {} : { ssh: build.ssh.map(bakeText) }),
    ...(build.network === undefined ? {} : { network: build.network }),
  };
}

/**
 * docker/build-push-action's `file` counts from the working directory, bake's `dockerfile` from a local context; in a
 * remote context both count from its root. https://docs.docker.com/build/bake/reference/#targetdockerfile
 */
function dockerfileOf({ workingDirectory }: Inputs, context: string, file: string): string {
  if (isRemote(context) || file.startsWith('/')) return file;
  return relative(resolve(workingDirectory, context), resolve(workingDirectory, file));
}

/** What buildx takes for a Git or http context. */
function isRemote(context: string): boolean {
  return /^(?:https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);
}

function parentOf(context: string): string | undefined {
  return context.startsWith(TARGET_PREFIX) ? context.slice(TARGET_PREFIX.length) : undefined;
}

function literals(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [bakeText(key), bakeText(value)]));
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function isEmpty(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length === 0;
}
