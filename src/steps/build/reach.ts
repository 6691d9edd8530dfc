import { resolve } from 'node:path';
import * as z from 'zod/mini';
import type { ResolvedBuild } from '../../model/build.ts';
import { type Problem, problem } from '../../model/errors.ts';
import type { Ports } from '../../ports/index.ts';

type Target = Readonly<Record<string, unknown>>;
type Named = { readonly what: string; readonly path: string };

export type Reach = {
  /** The checkout. */
  readonly workspace: string;
  /** Where relative paths start. */
  readonly cwd: string;
  /** Files outside of it that the inputs name. */
  readonly granted: readonly string[];
};

const HINT =
  'Keep contexts, Dockerfiles and what links in them point at inside the checkout; give secrets by `secrets` and `secret-files`.';

/**
 * Every local path of the build that leads out of the checkout, by `..` or by a link in it: what lies there is in no commit.
 * bake itself asks for `--allow fs.read=…` there, but not with the progress that we need (buildx 0.29).
 * A path that is not there is bake's to name. https://docs.docker.com/reference/cli/docker/buildx/bake/#allow
 */
export async function checkReach(
  build: ResolvedBuild,
  reach: Reach,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly Problem[]> {
  const root = await files.realPath(reach.workspace);
  const isInside = (path: string, folder: string): boolean =>
    path === folder || path.startsWith(`${folder}/`);
  const problemOf = async (target: string, { what, path }: Named): Promise<readonly Problem[]> => {
    const written = resolve(reach.cwd, path);
    if (!isInside(written, reach.workspace) && reach.granted.includes(written)) return [];
    const real = await files.realPath(written).catch(() => undefined);
    if (real === undefined || isInside(real, root)) return [];
    const message = `the ${what} of ${target} leads out of the checkout: ${path} is ${real}`;
    return [problem('INPUT_INVALID', message, HINT)];
  };
  const found = Object.entries(build.printed?.target ?? {}).flatMap(([name, target]) =>
    localPaths(target).map((path) => problemOf(name, path)),
  );
  return (await Promise.all(found)).flat();
}

/** What bake will read from this machine for a target. https://docs.docker.com/build/bake/reference/#target */
function localPaths(target: Target): readonly Named[] {
  const { context = '.', dockerfile, contexts = {}, secret = [] } = fields.parse(target);
  const isLocal = !isRemote(context);
  const file =
    dockerfile === undefined || 'dockerfile-inline' in target || !isLocal
      ? []
      : [besideContext(context, dockerfile)];
  const named = Object.entries(contexts).flatMap(([name, value]) => {
    const path = value === null ? undefined : localContext(value);
    return path === undefined ? [] : [{ what: `context ${name}`, path }];
  });
  const secrets = secret.flatMap((entry) => {
    const path = sourceOf(entry);
    return path === undefined ? [] : [{ what: 'secret file', path }];
  });
  return [
    ...(isLocal ? [{ what: 'context', path: withoutScheme(context) }] : []),
    ...file.map((path) => ({ what: 'Dockerfile', path })),
    ...named,
    ...secrets,
  ];
}

const fields = z.looseObject({
  context: z.optional(z.string()),
  dockerfile: z.optional(z.string()),
  contexts: z.optional(z.record(z.string(), z.nullable(z.string()))),
  secret: z.optional(z.array(z.unknown())),
});

function isRemote(context: string): boolean {
  return /^(?:https?|git|ssh):\/\/|^[\w.-]+@[\w.-]+:|^github\.com\//.test(context);
}

/** `target:…`, `docker-image://…` and remote ones are read elsewhere. */
function localContext(value: string): string | undefined {
  if (/^(?:target|input):|^docker-image:\/\//.test(value) || isRemote(value)) return undefined;
  const layout = /^oci-layout:\/\/(.*?)(?:@sha256:[0-9a-f]+|:[\w.-]+)?$/.exec(value);
  return layout?.[1] ?? withoutScheme(value);
}

function besideContext(context: string, dockerfile: string): string {
  if (dockerfile.startsWith('cwd://')) return withoutScheme(dockerfile);
  return resolve('/', dockerfile) === dockerfile ? dockerfile : `${withoutScheme(context)}/${dockerfile}`;
}

function withoutScheme(path: string): string {
  return path.replace(/^cwd:\/\//, '');
}

/** The file of a secret; others come from the environment. */
function sourceOf(entry: unknown): string | undefined {
  if (typeof entry === 'string') return /(?:^|,)(?:src|source)=([^,]*)/.exec(entry)?.[1];
  if (typeof entry !== 'object' || entry === null || !('src' in entry)) return undefined;
  return typeof entry.src === 'string' ? entry.src : undefined;
}
