import { isAbsolute, join } from 'node:path';
import type { ResolvedBuild } from '../../model/build.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { type BuiltImage, layoutPath, type StagingStore } from '../../model/image.ts';
import type { BuildInputs } from '../../model/inputs.ts';
import type { Plan, PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import { type Allowed, bakeArgs, bakeEnv } from './args.ts';
import { folderSource } from './blob-source.ts';
import type { Builder } from './builder.ts';
import { localCacheFolders } from './cache-entries.ts';
import { bakeDocument } from './document.ts';
import { buildError } from './failure.ts';
import { type ImportSpec, importImage } from './import-image.ts';
import { makeLayout, writeIndex } from './layout.ts';
import { readMetadata } from './metadata.ts';
import { followBuild } from './progress.ts';
import { readLayoutIndex, stageImage } from './stage.ts';

export type BakeSpec = {
  readonly plan: Plan;
  readonly build: ResolvedBuild;
  readonly builder: Builder;
  readonly store: StagingStore;
  readonly inputs: BuildInputs;
  /** Images of the plan that are in the staging store already, by name. */
  readonly adopted: ReadonlyMap<string, BuiltImage>;
  /** Values of build secrets by the environment name that the bake file gives them. */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** The checkout: what bake may read. */
  readonly workspace: string;
  /** Where relative paths of the bake file start: the working directory. */
  readonly cwd: string;
};

type BakePorts = Pick<Ports, 'exec' | 'files' | 'log'>;

/** Lines of JSON hold whole chunks of output. */
const LINE_LIMIT = 4 * 1024 * 1024;

/** One bake call for all images that are still to be built, by target. */
export async function bakeImages(
  spec: BakeSpec,
  images: ReadonlyMap<string, PlannedImage>,
  ports: BakePorts,
): Promise<readonly BuiltImage[]> {
  const { store } = spec;
  const raw: StagingStore = { root: `${store.root}/raw` };
  const targets = [...images.keys()];
  const document = bakeDocument({
    build: spec.build,
    images,
    present: presentTargets(spec),
    store,
    raw,
    inputs: spec.inputs,
    tagRelease: spec.plan.kind === 'tag',
  });
  tellDroppedCaches(spec, ports);
  const [file, metadataFile] = [`${store.root}/bake.json`, `${store.root}/metadata.json`];
  await ports.files.write(file, JSON.stringify(document, undefined, 2));
  await Promise.all([...images.values()].map(({ name }) => makeLayout(raw, name, ports)));

  const allow = allowed(spec, document.target);
  await runBake(
    spec,
    bakeArgs({ builder: spec.builder.name, file, metadataFile, targets, allow }),
    targets,
    ports,
  );

  const digests = readMetadata(await ports.files.readText(metadataFile), targets);
  const gzipped: ImportSpec['gzipped'] = new Map();
  const built: BuiltImage[] = [];
  for (const [target, planned] of images) {
    const top = await exportedTop(raw, planned, digests.get(target), ports);
    const source = { ...folderSource(layoutPath(raw, planned.name)), ours: true };
    const where = `the build of ${target}`;
    await makeLayout(store, planned.name, ports);
    const taken = await importImage(
      { source, store, where, partial: false, trusted: true, gzipped },
      top,
      ports,
    );
    await writeIndex(store, planned.name, taken, ports);
    built.push(
      await stageImage({ planned, store, top: taken, origin: 'built', fault: 'BUILD_FAILED' }, ports),
    );
  }
  await ports.files.remove(raw.root);
  return built;
}

/** What bake reported is what lies in its layout. */
async function exportedTop(
  raw: StagingStore,
  planned: PlannedImage,
  digest: Digest | undefined,
  { files }: BakePorts,
): Promise<Descriptor> {
  const index = readLayoutIndex(await files.readText(`${layoutPath(raw, planned.name)}/index.json`));
  const top = index.find((each) => each.digest === digest);
  if (top !== undefined) return top;
  const found = index.map((each) => each.digest).join(', ');
  throw new ReleaseError(
    'DIGEST_MISMATCH',
    `bake reported ${digest} for ${planned.name}, and its layout holds ${found}`,
  );
}

async function runBake(
  spec: BakeSpec,
  args: readonly string[],
  targets: readonly string[],
  ports: BakePorts,
): Promise<void> {
  const printer = ports.log.foreign();
  const progress = followBuild(targets, printer.line);
  let result: Awaited<ReturnType<BakePorts['exec']['run']>>;
  try {
    result = await ports.exec.run({
      file: 'docker',
      args,
      cwd: spec.cwd,
      environment: 'full',
      env: bakeEnv(spec.plan.sourceDateEpoch, spec.secretEnv),
      onLine: progress.line,
      lineLimit: LINE_LIMIT,
    });
  } finally {
    printer.end();
  }
  if (result.exitCode !== 0) throw buildError(progress.failure(), result);
  for (const error of progress.cacheErrors())
    ports.log.warning(`The build cache could not be exported; the release goes on without it: ${error}`);
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
