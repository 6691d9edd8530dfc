import type { BakeDocument } from '../../model/build.ts';
import { mapLimit } from '../../model/concurrency.ts';
import type { Digest } from '../../model/digest.ts';
import type { ReleaseError } from '../../model/errors.ts';
import { type BuiltImage, layoutPath, type StagingStore } from '../../model/image.ts';
import type { Plan, PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import { allFailures, type FailedRound } from './all-failures.ts';
import { hasCaches, isCacheTrouble, withoutCaches } from './cache-entries.ts';
import { type Called, type CallSetting, callBake } from './call-bake.ts';
import { bakeDocument, outputFor, targetAnnotations, withoutOutputs } from './document.ts';
import { graphOf } from './graph.ts';
import { type KeptLayers, keptLayers } from './kept-layers.ts';
import { makeLayout } from './layout.ts';
import { readMetadata } from './metadata.ts';
import { hasRoomForBoth, makeRoom } from './room.ts';
import { type Part, type Parts, partNames, partsOf } from './split.ts';
import { type Call, callsOf } from './stagger.ts';
import { type Exported, holdLayouts, layoutsOf, partLayout, type Taking, takingOf } from './take-built.ts';
import { type EarlyTaking, takeEarly } from './take-early.ts';

export type BakeSpec = CallSetting & {
  readonly plan: Plan;
  /** Images of the plan that are in the staging store already, by name. */
  readonly adopted: ReadonlyMap<string, BuiltImage>;
  /** What each image is made from is to be known: `PlatformImage.materials`. Costs a little time, changes no byte. */
  readonly materials?: boolean;
  /** Told of each image as soon as it is in the store, while the next ones are taken. */
  readonly staged?: (image: BuiltImage) => void;
  /** Folder for layers that the next release on this machine may use; undefined where nothing stays. */
  readonly keepLayersIn?: string;
};

type BakePorts = Pick<Ports, 'clock' | 'exec' | 'files' | 'log'>;

/** What is built, and how bake is told of it. */
type Work = {
  readonly spec: BakeSpec;
  readonly images: ReadonlyMap<string, PlannedImage>;
  /** Where bake writes to. */
  readonly raw: StagingStore;
  readonly document: BakeDocument;
  readonly parts: Parts;
};

/**
 * Bakes all images that are still to be built, by target, and takes them into the store. A cache that cannot even be set
 * up would end the build whatever `ignore-error` says: then it is built once more without caches.
 */
export async function bakeImages(
  spec: BakeSpec,
  images: ReadonlyMap<string, PlannedImage>,
  ports: BakePorts,
): Promise<readonly BuiltImage[]> {
  const raw: StagingStore = { root: `${spec.store.root}/raw` };
  const document = bakeDocument({
    build: spec.build,
    images,
    present: presentTargets(spec),
    store: spec.store,
    raw,
    inputs: spec.inputs,
    tagRelease: spec.plan.kind === 'tag',
    isShard: spec.plan.shard !== undefined,
    materials: spec.materials ?? false,
  });
  const parts: Parts = spec.builder.split === true ? partsOf(document) : new Map();
  const work: Work = { spec, images, raw, document, parts };
  tellDroppedCaches(spec, ports);
  const kept =
    spec.keepLayersIn === undefined ? undefined : keptLayers(spec.keepLayersIn, namesOf(images), ports);
  const isLent = (await kept?.lend(raw)) === true;
  const taking = takingOf({ ...exportedBy(work), ...(kept && { kept }) }, ports);
  taking.foresee((await kept?.expected()) ?? []);
  const built = await bakeAndTake(work, { isLent, take: taking.take }, kept, ports).finally(taking.end);
  await ports.files.remove(raw.root);
  await kept?.tidy();
  return built;
}

async function bakeAndTake(
  work: Work,
  how: How,
  kept: KeptLayers | undefined,
  ports: BakePorts,
): Promise<readonly BuiltImage[]> {
  const { spec, images } = work;
  const digests = await bakeAll(work, how, ports);
  await makeRoom(spec.builder, spec.store.root, ports);
  try {
    return await how.take({ images, digests });
  } catch (error) {
    await kept?.forget();
    throw error;
  }
}

/** Wherever they go: only their layers count. */
function namesOf(images: Work['images']): readonly string[] {
  return [...images.values()].map(({ name, repositories: [first] }) => first?.path ?? name);
}

function exportedBy({ spec, images, raw, document, parts }: Work): Omit<Exported, 'kept'> {
  const attests = (name: string): boolean => spec.build.targets[name]?.attests === true;
  const attesting = Object.keys(document.target)
    .filter(attests)
    .flatMap((name) => partNames(parts, [name]));
  return {
    raw,
    parts,
    store: spec.store,
    attesting: new Set(attesting),
    sourceDateEpoch: spec.plan.sourceDateEpoch,
    annotations: (target) => targetAnnotations(spec.build, target, images.get(target)),
    ...(spec.staged && { staged: spec.staged }),
  };
}

/** `isLent`: layers of earlier releases lie where bake exports to. */
type How = { readonly isLent: boolean; readonly take: Taking['take'] };

/** Throws what everything that fails says. */
async function bakeAll(work: Work, how: How, ports: BakePorts): Promise<ReadonlyMap<string, Digest>> {
  const first = await bakeOnce(work, how, ports);
  if ('digests' in first) return first.digests;
  if (!isCacheTrouble(first.failure) || !hasCaches(work.document))
    throw await everyFailure(work, first, ports);
  ports.log.warning(`The build cache cannot be used; building without it: ${first.failure.error}`);
  const uncached = { ...work, document: withoutCaches(work.document) };
  const second = await bakeOnce(uncached, how, ports);
  if ('digests' in second) return second.digests;
  throw await everyFailure(uncached, second, ports);
}

type Outcome = { readonly digests: ReadonlyMap<string, Digest> } | FailedRound;

/** All targets, in as many calls as are worth it. What the first one has exported is taken while the second one runs. */
async function bakeOnce(work: Work, { isLent, take }: How, ports: BakePorts): Promise<Outcome> {
  const { document, images, parts, raw } = work;
  const targets = [...images.keys()];
  const whole = { document, targets, exported: targets };
  const [first = whole, second] = isLent ? [whole] : callsOf(document, targets);
  if (second === undefined) return bakeEarly(work, first, take, ports);
  const outcome = await bakeCall(work, first, undefined, ports);
  if (!('digests' in outcome)) return outcome;
  if (!(await hasRoomForBoth(raw, ports))) return bakeCall(work, second, undefined, ports);
  const exported = new Map([...images].filter(([target]) => first.exported.includes(target)));
  const layouts = [...exported].flatMap(([target, planned]) => layoutsOf(target, planned, parts));
  await holdLayouts(raw, layouts, ports);
  const [taken, last] = await Promise.allSettled([
    take({ images: exported, digests: outcome.digests, during: 'held' }),
    bakeEarly(work, second, take, ports),
  ]);
  if (last.status === 'rejected') throw last.reason;
  if ('digests' in last.value && taken.status === 'rejected') throw taken.reason;
  return last.value;
}

/** What is there is taken while the rest is made. (Of the parts of a target none is an image.) */
async function bakeEarly(work: Work, call: Call, take: Taking['take'], ports: BakePorts): Promise<Outcome> {
  if (work.parts.size > 0) return bakeCall(work, call, undefined, ports);
  const early = takeEarly({ images: work.images, raw: work.raw, take }, ports);
  try {
    return await bakeCall(work, call, early.exported, ports);
  } finally {
    await early.end();
  }
}

async function bakeCall(
  { spec, images, raw, parts }: Work,
  call: Call,
  told: EarlyTaking['exported'] | undefined,
  ports: BakePorts,
): Promise<Outcome> {
  const { document, targets, exported } = call;
  const layouts = [...images].flatMap(([target, planned]) => layoutsOf(target, planned, parts));
  await mapLimit(layouts, 8, (name) => makeLayout(raw, name, ports));
  const outputOf = (target: string, { platform }: Part): readonly string[] | undefined => {
    const planned = images.get(target);
    if (planned === undefined || !exported.includes(target)) return undefined;
    const folder = layoutPath(raw, partLayout(planned.name, platform));
    return [outputFor(folder, spec.build.targets[target]?.attests === true)];
  };
  const listener = told === undefined ? {} : { exported: told };
  const called = await callBake(spec, { document, parts, targets, outputOf, ...listener }, ports);
  if (called.result.exitCode !== 0) return failedRound(called);
  for (const error of called.progress.cacheErrors())
    ports.log.warning(`The build cache could not be exported; the release goes on without it: ${error}`);
  const metadata = await ports.files.readText(called.metadataFile);
  return { digests: readMetadata(metadata, partNames(parts, exported)) };
}

/** Nothing is exported any more: it is only asked what else fails. */
function everyFailure(
  { spec, images, document, parts }: Work,
  first: FailedRound,
  ports: BakePorts,
): Promise<ReleaseError> {
  const unexported = withoutOutputs(document);
  const tryOthers = async (targets: readonly string[]): Promise<FailedRound | undefined> => {
    const called = await callBake(spec, { document: unexported, parts, targets }, ports);
    return called.result.exitCode === 0 ? undefined : failedRound(called);
  };
  return allFailures(first, { targets: [...images.keys()], graph: graphOf(document), tryOthers }, ports);
}

function failedRound({ progress, result }: Called): FailedRound {
  return { failure: progress.failure(), failures: progress.failures(), result };
}

/** What is left out without a word would be looked for. */
function tellDroppedCaches({ plan, build, inputs }: BakeSpec, { log }: BakePorts): void {
  const targets = Object.values(build.printed?.target ?? {});
  if (plan.kind !== 'tag' || inputs.cacheFrom.length > 0) return;
  if (targets.some((target) => target['cache-from'] !== undefined))
    log.info(
      'A release of a tag imports no cache: cache-from of the bake file is left out. The input cache-from would be used.',
    );
}

function presentTargets({ plan, adopted }: BakeSpec): ReadonlyMap<string, BuiltImage> {
  return new Map(
    plan.images.flatMap(({ name, source }) => {
      const image = adopted.get(name);
      return image === undefined || source.kind !== 'bake' ? [] : [[source.target, image]];
    }),
  );
}
