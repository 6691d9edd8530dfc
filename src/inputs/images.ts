import type { Problem } from '../model/errors.ts';
import type { ImageInput } from '../model/inputs.ts';
import type { WrittenConfig, WrittenImage } from './config.ts';
import { IMAGE_FIELDS, IMAGE_NAME } from './fields.ts';
import { resolveFrom } from './from.ts';
import { problemAt, readField } from './read.ts';
import { show } from './text.ts';

/** What all images of a set share: the inputs `build-args` and `build-contexts`, and where paths start. */
export type ImageDefaults = {
  readonly args: Readonly<Record<string, string>>;
  readonly contexts: Readonly<Record<string, string>>;
  readonly folder: string;
};

/** The image set of the config file, in its order. */
export function readImages(
  images: NonNullable<WrittenConfig['images']>,
  defaults: ImageDefaults,
  problems: Problem[],
): ImageInput[] {
  if (images.entries.length === 0) problems.push(problemAt(images.written, 'it names no image'));
  const set = images.entries.map((entry) => readImage(entry, defaults, problems));
  checkGraph(set, images.entries, problems);
  return set;
}

function readImage(entry: WrittenImage, defaults: ImageDefaults, problems: Problem[]): ImageInput {
  const { name, keys } = entry;
  readField(IMAGE_NAME, { ...entry.written, value: name }, problems);
  const at = (key: keyof typeof IMAGE_FIELDS) => keys.get(key);
  const from = readField(IMAGE_FIELDS.from, at('from'), problems);
  const file = readField(IMAGE_FIELDS.file, at('file'), problems);
  const target = readField(IMAGE_FIELDS.target, at('target'), problems);
  const args = readField(IMAGE_FIELDS.args, at('args'), problems) ?? {};
  const contexts = readField(IMAGE_FIELDS.contexts, at('contexts'), problems) ?? {};
  const image: ImageInput = {
    name,
    context: readField(IMAGE_FIELDS.context, at('context'), problems) ?? '.',
    platforms: readField(IMAGE_FIELDS.platforms, at('platforms'), problems) ?? [],
    args: keys.has('from') ? {} : { ...defaults.args, ...args },
    contexts: keys.has('from') ? {} : { ...defaults.contexts, ...contexts },
    labels: readField(IMAGE_FIELDS.labels, at('labels'), problems) ?? {},
    ...(from === undefined ? {} : { from: resolveFrom(from, defaults.folder) }),
    ...(file === undefined ? {} : { file }),
    ...(target === undefined ? {} : { target }),
  };
  for (const [key, written] of keys) {
    if (keys.has('from') && key !== 'from') {
      problems.push(problemAt(written, 'it has no meaning beside `from`: that image is not built here'));
    }
  }
  return image;
}

/** `target:NAME` contexts must name images of the set that are built here, and must not lead back to themselves. */
function checkGraph(set: readonly ImageInput[], entries: readonly WrittenImage[], problems: Problem[]): void {
  const parents = new Map(set.map((image) => [image.name ?? '', targetsOf(image.contexts)]));
  for (const [index, image] of set.entries()) {
    const place = entries[index];
    if (place === undefined) continue;
    const written = place.keys.get('contexts') ?? place.written;
    for (const parent of targetsOf(image.contexts)) {
      if (parents.has(parent)) continue;
      const known = [...parents.keys()].map(show).join(', ');
      problems.push(problemAt(written, `${show(`target:${parent}`)} names no image of the set (${known})`));
    }
    const loop = loopFrom(image.name ?? '', parents);
    // Each loop is told once, by its first member in the order of names.
    if (loop !== undefined && loop.toSorted()[0] === image.name) {
      problems.push(problemAt(written, `the images stand on each other: ${[...loop, loop[0]].join(' → ')}`));
    }
  }
}

/** The images named by `target:` contexts. */
export function targetsOf(contexts: Readonly<Record<string, string>>): string[] {
  const values = Object.values(contexts).filter((value) => value.startsWith('target:'));
  return values.map((value) => value.slice('target:'.length));
}

/** The shortest way from a name back to itself. */
function loopFrom(start: string, parents: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>();
  const ways: string[][] = [[start]];
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const parent of parents.get(way.at(-1) ?? '') ?? []) {
      if (parent === start) return way;
      if (seen.has(parent)) continue;
      seen.add(parent);
      ways.push([...way, parent]);
    }
  }
  return undefined;
}
