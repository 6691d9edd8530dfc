import type { ResolvedTarget } from '../model/build.ts';
import type { RunContext } from '../model/context.ts';
import { formatPlatform, type Platform, parsePlatform } from '../model/descriptor.ts';
import { type Problem, problem } from '../model/errors.ts';
import type { Facts, ManifestFacts } from '../model/facts.ts';
import type { BakeFileInput, ImagesInput, Inputs } from '../model/inputs.ts';
import type { ModuleImage } from '../model/module-image.ts';
import type { ImageSource } from '../model/plan.ts';
import { bakeTargets, generatedFor, isBuiltHere, wantedPlatforms } from './bake-document.ts';
import { checkName, defaultName, type NameSource } from './names.ts';

/** An image of this plan before it has tags, labels and a hash. */
export type ImageDraft = {
  readonly name: string;
  readonly source: ImageSource;
  readonly platforms: readonly Platform[];
  /** Labels of this one image: of its bake target or its entry in the config. */
  readonly labels: Readonly<Record<string, string>>;
  /** What its manifest.json says of it, where nobody wrote another. */
  readonly description?: string;
  /** Of a module in a folder of its own. */
  readonly manifest?: ManifestFacts;
  readonly parents: readonly string[];
};

type Drafts = { readonly images: readonly ImageDraft[]; readonly problems: readonly Problem[] };
type Named = {
  readonly source: NameSource;
  readonly draft: ImageDraft;
  readonly problems: readonly Problem[];
};

/**
 * The image set: the selected targets of a bake file, or the declared images. `image` is what stood in place of the
 * star of the tag's prefix: of a declared set it chooses that one.
 */
export function draftImages(
  inputs: Inputs,
  context: RunContext,
  facts: Facts,
  image: string | undefined,
): Drafts {
  const { definition } = inputs.build;
  const named =
    definition.kind === 'bake-file'
      ? bakedImages(definition, inputs, facts)
      : declaredImages(definition, inputs, context, facts, image);
  const isSet = definition.kind === 'bake-file' || definition.images.every((one) => one.name !== undefined);
  const chosen = image !== undefined && isSet ? named.filter(({ draft }) => draft.name === image) : named;
  const images = chosen.map(({ draft }) => draft);
  return {
    images: images.map((draft) => ({
      ...draft,
      parents: draft.parents.filter((parent) => images.some(({ name }) => name === parent)),
    })),
    problems: [
      ...named.flatMap(({ source, problems }) => [...checkName(source), ...problems]),
      ...duplicates(named),
      ...(chosen.length === 0 && named.length > 0 ? [notInSet(image ?? '', named)] : []),
    ],
  };
}

function bakedImages(definition: BakeFileInput, inputs: Inputs, facts: Facts): readonly Named[] {
  // `constructor` is a name like any other.
  const names = new Map(Object.entries(definition.names));
  const nameOf = (target: string) => names.get(target) ?? target;
  return (facts.build?.selected ?? []).map((target) => {
    const name = nameOf(target);
    const from = name === target ? 'the bake target' : `the bake target ${target}`;
    const resolved = facts.build?.targets[target];
    const { platforms, problems } = platformsOf(name, resolved);
    const draft: ImageDraft = {
      name,
      source: { kind: 'bake', target },
      platforms: platforms.length > 0 ? platforms : inputs.build.platforms,
      labels: resolved?.labels ?? {},
      parents: parentsOf(target, facts).map(nameOf),
    };
    return { source: { name, from }, draft, problems };
  });
}

function declaredImages(
  definition: ImagesInput,
  inputs: Inputs,
  context: RunContext,
  facts: Facts,
  image: string | undefined,
): readonly Named[] {
  const targets = bakeTargets(definition.images);
  const sources = definition.images.map(({ name }) =>
    name === undefined ? defaultName(inputs, context, facts, image) : { name, from: 'the config' },
  );
  const nameOf = new Map(targets.map((target, i) => [target, sources[i]?.name]));
  return definition.images.flatMap((declared, i) => {
    const source = sources[i];
    if (source === undefined) return [];
    const target = targets[i];
    const module = generatedFor(declared, facts.moduleImages);
    const manifest = isBuiltHere(declared) ? facts.modules?.get(declared.context) : undefined;
    const draft: ImageDraft = {
      name: source.name,
      source: declared.from ?? { kind: 'bake', target: target ?? source.name },
      platforms: wantedPlatforms(declared, inputs.build, module),
      labels: declared.labels,
      ...(module?.description === undefined ? {} : { description: module.description }),
      ...(manifest === undefined ? {} : { manifest }),
      parents:
        target === undefined ? [] : parentsOf(target, facts).flatMap((parent) => nameOf.get(parent) ?? []),
    };
    return [{ source, draft, problems: module === undefined ? [] : checkEntrypoint(module) }];
  });
}

/** It becomes an instruction of the generated Dockerfile, and the platform's own check is only its length. */
function checkEntrypoint({ manifestPath, strangeEntrypoint }: ModuleImage): readonly Problem[] {
  if (strangeEntrypoint === undefined) return [];
  const what = `execution.entrypoint of ${manifestPath} names no class of a module: ${strangeEntrypoint}`;
  const hint = 'Write it as package.module:Class, such as backend.main:Module.';
  return [{ ...problem('MANIFEST_INVALID', what, hint), at: { file: manifestPath } }];
}

/** The selected targets below a target; a helper target between two images is looked through. */
function parentsOf(target: string, facts: Facts): readonly string[] {
  const selected = new Set(facts.build?.selected ?? []);
  const found = new Set<string>();
  const seen = new Set([target]);
  const open = [...(facts.build?.targets[target]?.parents ?? [])];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (selected.has(next)) found.add(next);
    else open.push(...(facts.build?.targets[next]?.parents ?? []));
  }
  return [...found];
}

function platformsOf(
  name: string,
  target: ResolvedTarget | undefined,
): { readonly platforms: readonly Platform[]; readonly problems: readonly Problem[] } {
  const texts = target?.platforms ?? [];
  const platforms = texts.flatMap((text) => parsePlatform(text) ?? []);
  const problems = texts
    .filter((text) => parsePlatform(text) === undefined)
    .map((text) =>
      problem(
        'INPUT_INVALID',
        `a platform of the image ${name} is not of the form os/architecture[/variant]: ${text}`,
      ),
    );
  // linux/arm64 and linux/arm64/v8 are one platform.
  const distinct = new Map(platforms.map((platform) => [formatPlatform(platform), platform]));
  return { platforms: [...distinct.values()], problems };
}

function duplicates(named: readonly Named[]): readonly Problem[] {
  const names = named.map(({ draft }) => draft.name);
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map((name) =>
    problem('INPUT_INVALID', `two images have the same name: ${name}`, 'Give each image a name of its own.'),
  );
}

function notInSet(image: string, named: readonly Named[]): Problem {
  const names = named.map(({ draft }) => draft.name).join(', ');
  return problem(
    'INPUT_INVALID',
    `the git tag names no image of the set: ${image}`,
    `Tag with the name of one of ${names}.`,
  );
}
