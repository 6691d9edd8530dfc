import * as z from 'zod/mini';
import { type BakeDocument, bakeText } from '../../model/build.ts';
import { memberAnnotations } from './annotations.ts';
import { cacheOfPart } from './cache-entries.ts';
import { parentOf } from './graph.ts';

/** One platform of a target, as a target of its own. */
export type Part = {
  readonly target: string;
  /** As it stands in the bake file: `linux/arm64`. */
  readonly platform: string;
};

/** The parts of each target that has several platforms. */
export type Parts = ReadonlyMap<string, readonly Part[]>;

type Target = Readonly<Record<string, unknown>>;

const textsSchema = z.catch(z.array(z.string()), []);
const listSchema = z.catch(z.array(z.unknown()), []);
const contextsSchema = z.catch(z.record(z.string(), z.unknown()), {});

/**
 * buildx exports no layout of an image that several nodes made. So each platform becomes a target of its own, which buildx
 * sends to the node that has it, and the index is made here.
 * https://docs.docker.com/build/building/multi-platform/#multiple-native-nodes
 */
export function partsOf({ target }: BakeDocument): Parts {
  const taken = new Set(Object.keys(target));
  const nameOf = (name: string, platform: string): string => {
    let part = `${name}-${slugOf(platform)}`;
    while (taken.has(part)) part += '_';
    taken.add(part);
    return part;
  };
  return new Map(
    Object.entries(target).flatMap(([name, { platforms }]) => {
      const wanted = textsSchema.parse(platforms);
      if (wanted.length < 2) return [];
      return [[name, wanted.map((platform) => ({ target: nameOf(name, platform), platform }))] as const];
    }),
  );
}

/** The same build with the parts in place of their targets. `outputOf`: where a part goes that is exported. */
export function splitDocument(
  document: BakeDocument,
  parts: Parts,
  outputOf: (target: string, part: Part) => readonly string[] | undefined,
): BakeDocument {
  const target = Object.entries(document.target).flatMap(([name, definition]): [string, Target][] => {
    const own = parts.get(name);
    if (own === undefined) return [[name, definition]];
    return own.map((part) => [part.target, partOf(definition, part, parts, outputOf(name, part))]);
  });
  return { target: Object.fromEntries(target) };
}

/** The targets to call for: each with all its parts. */
export function partNames(parts: Parts, targets: readonly string[]): readonly string[] {
  return targets.flatMap((name) => parts.get(name)?.map(({ target }) => target) ?? [name]);
}

function partOf(
  definition: Target,
  { platform }: Part,
  parts: Parts,
  output: readonly string[] | undefined,
): Target {
  const contexts = Object.entries(contextsSchema.parse(definition.contexts)).map(([key, value]) => [
    key,
    parentPart(value, platform, parts) ?? value,
  ]);
  const caches = ['cache-from', 'cache-to'].flatMap((key) => {
    const entries = listSchema.parse(definition[key]);
    return entries.length === 0 ? [] : [[key, entries.map((each) => cacheOfPart(each, slugOf(platform)))]];
  });
  const annotations = memberAnnotations(textsSchema.parse(definition.annotations), platform);
  return {
    ...definition,
    platforms: [platform],
    ...(definition.contexts === undefined ? {} : { contexts: Object.fromEntries(contexts) }),
    ...Object.fromEntries(caches),
    ...(definition.annotations === undefined ? {} : { annotations }),
    ...(output === undefined ? {} : { output: output.map(bakeText) }),
  };
}

/** The part of a parent that is of the same platform. */
function parentPart(context: unknown, platform: string, parts: Parts): string | undefined {
  const parent = parentOf(context);
  const part = parts.get(parent ?? '')?.find((each) => each.platform === platform);
  return part === undefined ? undefined : `target:${part.target}`;
}

function slugOf(platform: string): string {
  return platform.replaceAll('/', '-');
}
