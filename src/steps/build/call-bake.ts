import { isAbsolute, join } from 'node:path';
import type { BakeDocument, ResolvedBuild } from '../../model/build.ts';
import type { StagingStore } from '../../model/image.ts';
import type { BuildInputs } from '../../model/inputs.ts';
import type { Plan } from '../../model/plan.ts';
import type { CommandResult } from '../../ports/exec.ts';
import type { Ports } from '../../ports/index.ts';
import { type Allowed, bakeArgs, bakeEnv } from './args.ts';
import type { Builder } from './builder.ts';
import { localCacheFolders } from './cache-entries.ts';
import { graphOf, withParents } from './graph.ts';
import { type BuildProgress, type ExportListener, followBuild, type PartNames } from './progress.ts';
import { type Part, type Parts, partNames, splitDocument } from './split.ts';

/** What every call of bake of one release has in common. */
export type CallSetting = {
  readonly plan: Pick<Plan, 'sourceDateEpoch'>;
  readonly build: ResolvedBuild;
  readonly builder: Builder;
  readonly store: StagingStore;
  readonly inputs: BuildInputs;
  /** Values of build secrets by the environment name that the bake file gives them. */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** The checkout: what bake may read. */
  readonly workspace: string;
  /** Where relative paths of the bake file start: the working directory. */
  readonly cwd: string;
};

type CallPorts = Pick<Ports, 'exec' | 'files' | 'log'>;

export type BakeCallSpec = {
  readonly document: BakeDocument;
  readonly parts: Parts;
  readonly targets: readonly string[];
  /** Where a part of a target is exported to; undefined where nothing is. */
  readonly outputOf?: (target: string, part: Part) => readonly string[] | undefined;
  /** As in `followBuild`. */
  readonly exported?: ExportListener;
};

export type Called = {
  readonly progress: BuildProgress;
  readonly result: CommandResult;
  /** Where bake writes the digests of what it made. */
  readonly metadataFile: string;
};

/** Lines of JSON hold whole chunks of output. */
const LINE_LIMIT = 4 * 1024 * 1024;

/** One call of bake for these targets, or for their parts; its progress is printed as it comes. */
export async function callBake(spec: CallSetting, call: BakeCallSpec, ports: CallPorts): Promise<Called> {
  const { document, parts, targets, outputOf = () => undefined } = call;
  const [file, metadataFile] = [`${spec.store.root}/bake.json`, `${spec.store.root}/metadata.json`];
  const called = parts.size === 0 ? document : splitDocument(document, parts, outputOf);
  await ports.files.write(file, JSON.stringify(called, undefined, 2));
  const args = bakeArgs({
    builder: spec.builder.name,
    file,
    metadataFile,
    targets: partNames(parts, targets),
    allow: allowed(spec, called.target),
  });
  const printer = ports.log.foreign();
  const involved = [...withParents(graphOf(document), targets)];
  const progress = followBuild(involved, printer.line, shownAs(parts), call.exported);
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
    return { progress, result, metadataFile };
  } finally {
    printer.end();
  }
}

function shownAs(parts: Parts): PartNames {
  return new Map(
    [...parts].flatMap(([target, own]) =>
      own.map((part) => [part.target, { target, platform: part.platform }] as const),
    ),
  );
}

function allowed(
  spec: CallSetting,
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
