import { isAbsolute, join } from 'node:path';
import type { BakeDocument, ResolvedBuild } from '../../model/build.ts';
import { mapLimit } from '../../model/concurrency.ts';
import type { Digest } from '../../model/digest.ts';
import type { ReleaseError } from '../../model/errors.ts';
import type { BuiltImage, StagingStore } from '../../model/image.ts';
import type { BuildInputs } from '../../model/inputs.ts';
import type { Plan, PlannedImage } from '../../model/plan.ts';
import type { CommandResult } from '../../ports/exec.ts';
import type { Ports } from '../../ports/index.ts';
import { allFailures, type FailedRound } from './all-failures.ts';
import { type Allowed, bakeArgs, bakeEnv } from './args.ts';
import type { Builder } from './builder.ts';
import { hasCaches, isCacheTrouble, localCacheFolders, withoutCaches } from './cache-entries.ts';
import { bakeDocument, withoutOutputs } from './document.ts';
import { graphOf, withParents } from './graph.ts';
import { keptLayers } from './kept-layers.ts';
import { makeLayout } from './layout.ts';
import { readMetadata } from './metadata.ts';
import { type BuildProgress, followBuild } from './progress.ts';
import { takeBuilt } from './take-built.ts';

export type BakeSpec = {
  readonly plan: Plan;
  readonly build: ResolvedBuild;
  readonly builder: Builder;
  readonly store: StagingStore;
  readonly inputs: BuildInputs;
  /** Images of the plan that are in the staging store already, by name. */
  readonly adopted: ReadonlyMap<string, BuiltImage>;
  /** What each image is made from is to be known: `PlatformImage.materials`. Costs a little time, changes no byte. */
  readonly materials?: boolean;
  /** Values of build secrets by the environment name that the bake file gives them. */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** The checkout: what bake may read. */
  readonly workspace: string;
  /** Where relative paths of the bake file start: the working directory. */
  readonly cwd: string;
  /** Told of each image as soon as it is in the store, while the next ones are taken. */
  readonly staged?: (image: BuiltImage) => void;
  /** Folder for layers that the next release on this machine may use; undefined where nothing stays. */
  readonly keepLayersIn?: string;
};

type BakePorts = Pick<Ports, 'clock' | 'exec' | 'files' | 'log'>;

/** Lines of JSON hold whole chunks of output. */
const LINE_LIMIT = 4 * 1024 * 1024;

/**
 * One bake call for all images that are still to be built, by target. A cache that cannot even be set up would end the
 * build whatever `ignore-error` says: then it is built once more without caches.
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
    materials: spec.materials ?? false,
  });
  tellDroppedCaches(spec, ports);
  const kept = spec.keepLayersIn === undefined ? undefined : keptLayers(spec.keepLayersIn, ports);
  await kept?.lend(raw);
  const take = async (digests: ReadonlyMap<string, Digest>): Promise<readonly BuiltImage[]> => {
    const { store, plan } = spec;
    const attesting = new Set(
      Object.keys(document.target).filter((name) => spec.build.targets[name]?.attests),
    );
    const exported = { raw, store, digests, attesting, sourceDateEpoch: plan.sourceDateEpoch };
    try {
      const built = await takeBuilt(
        images,
        { ...exported, ...(kept && { kept }), ...(spec.staged && { staged: spec.staged }) },
        ports,
      );
      await kept?.tidy();
      return built;
    } catch (error) {
      await kept?.forget();
      throw error;
    }
  };
  const first = await bakeOnce(spec, images, raw, document, ports);
  if ('digests' in first) return take(first.digests);
  if (!isCacheTrouble(first.failure) || !hasCaches(document))
    throw await everyFailure(spec, images, document, first, ports);
  ports.log.warning(`The build cache cannot be used; building without it: ${first.failure.error}`);
  const uncached = withoutCaches(document);
  const second = await bakeOnce(spec, images, raw, uncached, ports);
  if ('digests' in second) return take(second.digests);
  throw await everyFailure(spec, images, uncached, second, ports);
}

/** Nothing is exported any more: it is only asked what else fails. */
function everyFailure(
  spec: BakeSpec,
  images: ReadonlyMap<string, PlannedImage>,
  document: BakeDocument,
  first: FailedRound,
  ports: BakePorts,
): Promise<ReleaseError> {
  const [targets, graph] = [[...images.keys()], graphOf(document)];
  const unexported = withoutOutputs(document);
  const tryOthers = async (others: readonly string[]): Promise<FailedRound | undefined> => {
    const round = await callBake(spec, unexported, others, ports);
    return round.result.exitCode === 0 ? undefined : failedRound(round);
  };
  return allFailures(first, { targets, graph, tryOthers }, ports);
}

type Outcome = { readonly digests: ReadonlyMap<string, Digest> } | FailedRound;

async function bakeOnce(
  spec: BakeSpec,
  images: ReadonlyMap<string, PlannedImage>,
  raw: StagingStore,
  document: BakeDocument,
  ports: BakePorts,
): Promise<Outcome> {
  const targets = [...images.keys()];
  await mapLimit([...images.values()], 8, ({ name }) => makeLayout(raw, name, ports));
  const called = await callBake(spec, document, targets, ports);
  if (called.result.exitCode !== 0) return failedRound(called);
  for (const error of called.progress.cacheErrors())
    ports.log.warning(`The build cache could not be exported; the release goes on without it: ${error}`);
  return { digests: readMetadata(await ports.files.readText(metadataPath(spec)), targets) };
}

type Called = { readonly progress: BuildProgress; readonly result: CommandResult };

function failedRound({ progress, result }: Called): FailedRound {
  return { failure: progress.failure(), failures: progress.failures(), result };
}

function metadataPath({ store }: BakeSpec): string {
  return `${store.root}/metadata.json`;
}

async function callBake(
  spec: BakeSpec,
  document: BakeDocument,
  targets: readonly string[],
  ports: BakePorts,
): Promise<Called> {
  const file = `${spec.store.root}/bake.json`;
  await ports.files.write(file, JSON.stringify(document, undefined, 2));
  const args = bakeArgs({
    builder: spec.builder.name,
    file,
    metadataFile: metadataPath(spec),
    targets,
    allow: allowed(spec, document.target),
  });
  const printer = ports.log.foreign();
  const progress = followBuild([...withParents(graphOf(document), targets)], printer.line);
  const attests = targets.some((target) => spec.build.targets[target]?.attests === true);
  try {
    const result = await ports.exec.run({
      file: 'docker',
      args,
      cwd: spec.cwd,
      environment: 'full',
      env: bakeEnv(spec.plan.sourceDateEpoch, spec.secretEnv, attests),
      onLine: progress.line,
      lineLimit: LINE_LIMIT,
    });
    return { progress, result };
  } finally {
    printer.end();
  }
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

function allowed(
  spec: BakeSpec,
  targets: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Allowed {
  const { inputs, store, workspace, cwd } = spec;
  const folders = (key: 'cache-from' | 'cache-to', attribute: 'src' | 'dest') =>
    Object.values(targets).flatMap((target) => {
      const entries = target[key];
      return Array.isArray(entries) ? localCacheFolders(entries, attribute) : [];
    });
  const absolute = (path: string) => (isAbsolute(path) ? path : join(cwd, path));
  return {
    read: distinct([
      workspace,
      store.root,
      ...Object.values(inputs.secretFiles),
      ...folders('cache-from', 'src').map(absolute),
    ]),
    write: distinct([store.root, ...folders('cache-to', 'dest').map(absolute)]),
    ssh: inputs.ssh.length > 0 || Object.values(targets).some((target) => target.ssh !== undefined),
    hostNetwork: inputs.network === 'host',
  };
}

function distinct(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)];
}
