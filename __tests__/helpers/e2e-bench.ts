import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aRepository, type GitRepository } from './git-repository.ts';
import {
  type RegistryOptions,
  type RequestLog,
  type RunningRegistry,
  startRegistry,
} from './registry/registry.ts';
import { type ActionRun, type RunOptions, runAction } from './run-action.ts';
import type { TarTree } from './tar.ts';
import { makeTrivyCache } from './trivy-database.ts';

type Inputs = Readonly<Record<string, string>>;

/** A registry, a vulnerability database, and the bundle run on tagged checkouts. */
export type E2eBench = {
  readonly root: string;
  readonly registry: RunningRegistry;
  readonly trivyCache: string;
  /** A checkout of `v1.2.3`; gone with the bench. */
  checkout(files: Readonly<Record<string, string | Uint8Array>>): GitRepository;
  /** The action on the tag of a checkout, in a runner's temporary folder of its own. */
  run(repository: GitRepository, inputs?: Inputs, more?: Partial<RunOptions>): Promise<ActionRun>;
  /** A fresh folder; gone with the bench. */
  folder(name: string): string;
  dispose(): Promise<void>;
};

export const TAG = 'v1.2.3';
export const VERSION = '1.2.3';

export async function e2eBench(options: RegistryOptions = {}): Promise<E2eBench> {
  const root = mkdtempSync(join(tmpdir(), 'mr-e2e-'));
  const registry = await startRegistry(options);
  const folder = (name: string): string => mkdtempSync(join(root, `${name}-`));
  const trivyCache = await makeTrivyCache(folder('trivy-cache'));
  const checkouts: string[] = [];
  return {
    root,
    registry,
    trivyCache,
    folder,
    checkout: (files) => {
      const repository = aRepository({ files, tags: [TAG] });
      checkouts.push(repository.folder);
      return repository;
    },
    run: ({ folder: workspace, sha }, inputs = {}, more = {}) =>
      runAction({
        workspace,
        sha,
        ref: `refs/tags/${TAG}`,
        temp: folder('runner'),
        inputs: { registry: registry.host, 'trivy-cache-dir': trivyCache, ...inputs },
        ...more,
      }),
    dispose: async () => {
      await registry.stop();
      // The tools of a run that was killed may still write there.
      for (const path of [root, ...checkouts]) rmSync(path, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** The files of a context whose image holds just this tree. */
export function contextOf(tree: TarTree, folder = '.'): Readonly<Record<string, string | Uint8Array>> {
  const files = Object.entries(tree).map(([path, file]) => {
    const content = typeof file === 'string' || file instanceof Uint8Array ? file : file.data;
    return [join(folder, 'rootfs', path), content] as const;
  });
  return { [join(folder, 'Dockerfile')]: 'FROM scratch\nCOPY rootfs/ /\n', ...Object.fromEntries(files) };
}

/** A config file with an image for each of the folders. */
export function configOf(folders: readonly string[]): string {
  return `images:\n${folders.map((name) => `  ${name}: { context: ${name} }\n`).join('')}`;
}

export const CONFIG = '.github/module-release.yml';

/** What a registry holds: a repository without anything in it is none. */
export function contentOf(registry: RunningRegistry) {
  return Object.fromEntries(
    Object.entries(registry.catalogue()).filter(
      ([, { tags, manifests, blobs }]) => Object.keys(tags).length + manifests.length + blobs.length > 0,
    ),
  );
}

/** The requests that write. Asking for the right to push opens an empty upload session and deletes it: no write. */
export function writesOf(requests: readonly RequestLog[]): readonly string[] {
  return requests
    .filter(
      ({ method, path, bodyBytes }) =>
        !['GET', 'HEAD'].includes(method) &&
        !(method === 'POST' && bodyBytes === 0 && /\/blobs\/uploads\/$/.test(path)) &&
        !(method === 'DELETE' && /\/blobs\/uploads\/[^/]/.test(path)),
    )
    .map(({ method, path }) => `${method} ${path}`);
}
