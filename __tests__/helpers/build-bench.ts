import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createClock } from '../../src/adapters/clock/system-clock.ts';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { createFiles } from '../../src/adapters/files/local.ts';
import type { BakeDocument } from '../../src/model/build.ts';
import type { Digest } from '../../src/model/digest.ts';
import { type BuiltImage, blobPath, type StagingStore } from '../../src/model/image.ts';
import type { BuildInputs } from '../../src/model/inputs.ts';
import type { Plan, PlannedImage } from '../../src/model/plan.ts';
import type { Ports } from '../../src/ports/index.ts';
import { type Builder, buildImages, chooseBuilder } from '../../src/steps/build/run.ts';
import { resolveBuild } from '../../src/steps/survey/bake-print.ts';
import { aPlan, aPlannedImage } from './a-release.ts';
import { type FakeLog, fakeLog } from './fake-log.ts';
import { toolPath } from './tool-path.ts';

export type BenchPorts = Pick<Ports, 'clock' | 'exec' | 'files' | 'state'> & { readonly log: FakeLog };

/** A workspace, a staging store and the real ports, for tests that run the real buildx. */
export type BuildBench = {
  readonly root: string;
  readonly workspace: string;
  readonly store: StagingStore;
  readonly ports: BenchPorts;
  readonly saved: Map<string, string>;
  /** Files of the workspace by relative path. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** A static busybox as `path` in the workspace. */
  addBusybox(path: string): Promise<void>;
  build(document: BakeDocument, change?: BuildChange): Promise<readonly BuiltImage[]>;
  /** A document of the staging store. */
  blob(digest: Digest): Promise<unknown>;
  dispose(): Promise<void>;
};

export type BuildChange = {
  readonly planned?: Readonly<Record<string, Partial<PlannedImage>>>;
  readonly inputs?: Partial<BuildInputs>;
  readonly plan?: Partial<Plan>;
  readonly adopted?: ReadonlyMap<string, BuiltImage>;
  readonly secretEnv?: Readonly<Record<string, string>>;
  readonly builder?: Builder;
  readonly store?: StagingStore;
  readonly materials?: boolean;
  readonly keepLayersIn?: string;
  readonly staged?: (image: BuiltImage) => void;
  /** In place of the bench's own. */
  readonly ports?: BenchPorts;
  /** Targets that become images; without them all do. */
  readonly targets?: readonly string[];
};

export function aBuildInputs(change: Partial<BuildInputs> = {}): BuildInputs {
  return {
    definition: { kind: 'images', images: [] },
    platforms: [],
    secrets: {},
    secretFiles: {},
    ssh: [],
    cacheFrom: [],
    cacheTo: [],
    noCache: false,
    pull: false,
    moduleBaseImage: 'python:3.11-slim',
    ...change,
  };
}

export async function buildBench(): Promise<BuildBench> {
  const root = await mkdtemp(join(tmpdir(), 'build-bench-'));
  const [workspace, store] = [join(root, 'workspace'), { root: join(root, 'stage') }];
  await mkdir(workspace);
  process.env.RUNNER_TEMP = join(root, 'temp');
  const saved = new Map<string, string>();
  const state = { save: (key: string, value: string) => void saved.set(key, value) };
  const ports: BenchPorts = {
    clock: createClock(),
    exec: createExec(),
    files: createFiles(state),
    log: fakeLog(),
    state,
  };
  const write = async (files: Readonly<Record<string, string | Uint8Array>>): Promise<void> => {
    for (const [name, data] of Object.entries(files)) {
      await mkdir(dirname(join(workspace, name)), { recursive: true });
      await writeFile(join(workspace, name), data);
    }
  };
  return {
    root,
    workspace,
    store,
    ports,
    saved,
    write,
    addBusybox: async (path) => {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await copyFile(toolPath('busybox'), join(workspace, path));
      await chmod(join(workspace, path), 0o755);
    },
    build: (document, change = {}) => build({ workspace, store, ports }, document, change),
    blob: async (digest) => JSON.parse(await readFile(blobPath(store, digest), 'utf8')),
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

async function build(
  bench: Pick<BuildBench, 'workspace' | 'store' | 'ports'>,
  document: BakeDocument,
  change: BuildChange,
): Promise<readonly BuiltImage[]> {
  const { workspace } = bench;
  const ports = change.ports ?? bench.ports;
  const inputs = aBuildInputs(change.inputs);
  const secretEnv = change.secretEnv ?? {};
  const targets = change.targets ?? Object.keys(document.target);
  const resolved = await resolveBuild({ files: [], targets, cwd: workspace, document, secretEnv }, ports);
  const images = resolved.selected.map((name) =>
    aPlannedImage(name, { platforms: [], ...change.planned?.[name] }),
  );
  const needs = { platforms: [], multiPlatform: false };
  return buildImages(
    {
      plan: aPlan({ kind: 'branch', sourceDateEpoch: 1_700_000_000, images, ...change.plan }),
      build: resolved,
      builder: change.builder ?? (await chooseBuilder(inputs, needs, ports)),
      store: change.store ?? bench.store,
      inputs,
      adopted: change.adopted ?? new Map(),
      secretEnv,
      materials: change.materials ?? false,
      workspace,
      cwd: workspace,
      ...(change.keepLayersIn === undefined ? {} : { keepLayersIn: change.keepLayersIn }),
      ...(change.staged === undefined ? {} : { staged: change.staged }),
    },
    ports,
  );
}

/** Names and contents of the files in a gzipped layer. */
export function layerFiles(path: string): readonly string[] {
  const list = execFileSync('tar', ['-tzf', path], { encoding: 'utf8' });
  return list.split('\n').filter((name) => name !== '' && !name.endsWith('/'));
}
