import { join, relative, resolve as resolvePath } from 'node:path';
import type { BakeDocument, ResolvedBuild } from '../../model/build.ts';
import type { RepositoryAbout, RunContext } from '../../model/context.ts';
import { type Problem, toReleaseError } from '../../model/errors.ts';
import type { Facts, ManifestFacts } from '../../model/facts.ts';
import type { ImageInput, Inputs } from '../../model/inputs.ts';
import type { ModuleImage } from '../../model/module-image.ts';
import type { Ports } from '../../ports/index.ts';
import { resolveBuild } from './bake-print.ts';
import { readGit } from './git.ts';
import { readModuleFolder } from './module-folders.ts';
import { readModuleImage } from './module-image.ts';
import { readModuleManifest } from './module-manifest.ts';
import { readInside } from './read-inside.ts';

export { readModule } from './module.ts';
export { findModules } from './module-folders.ts';
export { hasOwnBuild } from './module-image.ts';
export { nearestManifest } from './nearest-manifest.ts';
export { readInside } from './read-inside.ts';
export { maskSecretFiles } from './secret-files.ts';

type SurveyPorts = Pick<Ports, 'clock' | 'exec' | 'files' | 'github' | 'oidc'>;
type Survey = { readonly facts: Facts; readonly problems: readonly Problem[] };

/**
 * Reads what is true of the checkout and the repository, at once and without writing. `document` is the generated bake
 * file; without one the user's own files are resolved. What cannot be resolved comes back as problems beside the facts,
 * so that the plan can still report everything else.
 */
export async function survey(
  wanted: {
    readonly inputs: Inputs;
    readonly context: RunContext;
    readonly document?: BakeDocument;
    readonly modules: Modules;
    /** Values of build secrets by the environment name that the document gives them. */
    readonly secretEnv: Readonly<Record<string, string>>;
  },
  ports: SurveyPorts,
): Promise<Survey> {
  const { inputs, context, modules } = wanted;
  const [git, manifest, about, build] = await Promise.all([
    readGit(inputs.workspace, ports),
    readManifest(inputs, ports),
    completeAbout(context, ports),
    resolve(wanted, ports),
  ]);
  const facts: Facts = {
    ...git,
    about,
    ...modules,
    oidc: ports.oidc.available,
    now: ports.clock.now(),
    ...(manifest === undefined ? {} : { manifest }),
    ...('build' in build && build.build !== undefined ? { build: build.build } : {}),
  };
  return { facts, problems: 'problems' in build ? build.problems : [] };
}

/**
 * What the names of a release follow from, and nothing more: for commands that build nothing. The commit is taken from the
 * event; only a bake file, whose targets are the images, needs buildx.
 */
export async function surveyNames(
  inputs: Inputs,
  context: RunContext,
  modules: Modules,
  ports: Pick<Ports, 'clock' | 'exec' | 'files'>,
): Promise<Survey> {
  const [manifest, build] = await Promise.all([
    readManifest(inputs, ports),
    resolve({ inputs, secretEnv: {} }, ports),
  ]);
  const facts: Facts = {
    head: context.sha,
    dirty: false,
    about: context.about,
    oidc: true,
    now: ports.clock.now(),
    ...modules,
    ...(manifest === undefined ? {} : { manifest }),
    ...('build' in build && build.build !== undefined ? { build: build.build } : {}),
  };
  return { facts, problems: 'problems' in build ? build.problems : [] };
}

/** What is known of the images that are modules, by their context. */
export type Modules = {
  /** manifest.json of those in folders of their own. */
  readonly modules: ReadonlyMap<string, ManifestFacts>;
  /** Those that have no Dockerfile. */
  readonly moduleImages: ReadonlyMap<string, ModuleImage>;
};

/** Looks into the contexts that lie in the checkout: those of `local` images. */
export async function surveyModules(
  { build: { definition }, version, workspace, workingDirectory }: Inputs,
  {
    isLocal,
    takesDockerfile,
  }: Readonly<Record<'isLocal' | 'takesDockerfile', (image: ImageInput) => boolean>>,
  ports: Pick<Ports, 'files'>,
): Promise<Modules> {
  const images =
    definition.kind === 'bake-file' || version.manifest === 'false' ? [] : definition.images.filter(isLocal);
  const found = await Promise.all(
    images.map(async (image) => {
      const folder = resolvePath(workingDirectory, image.context);
      const isOwn = folder !== workingDirectory;
      const [manifest, module] = await Promise.all([
        isOwn ? readModuleFolder(folder, workspace, ports) : undefined,
        takesDockerfile(image) ? readModuleImage(folder, workspace, ports) : undefined,
      ]);
      return { context: image.context, manifest, module };
    }),
  );
  return {
    modules: new Map(
      found.flatMap(({ context, manifest }) => (manifest === undefined ? [] : [[context, manifest]])),
    ),
    moduleImages: new Map(
      found.flatMap(({ context, module }) => (module === undefined ? [] : [[context, module]])),
    ),
  };
}

async function readManifest(inputs: Inputs, ports: Pick<Ports, 'files'>): Promise<ManifestFacts | undefined> {
  if (inputs.version.manifest === 'false') return undefined;
  const path = join(inputs.workingDirectory, 'manifest.json');
  const read = await readInside(path, inputs.workspace, ports);
  const name = relative(inputs.workspace, path);
  if (read === undefined) return undefined;
  return 'fault' in read ? { path: name, fault: read.fault } : readModuleManifest(read.text, name);
}

/** The event's payload knows the repository; schedules do not carry it, and then the API is asked once. */
async function completeAbout(context: RunContext, ports: Pick<Ports, 'github'>): Promise<RepositoryAbout> {
  if (context.about.visibility !== undefined) return context.about;
  const asked = await ports.github.about(context.repository);
  return { ...asked, ...context.about };
}

async function resolve(
  wanted: {
    readonly inputs: Inputs;
    readonly document?: BakeDocument;
    readonly secretEnv: Readonly<Record<string, string>>;
  },
  ports: Pick<Ports, 'clock' | 'exec' | 'files'>,
): Promise<{ readonly build?: ResolvedBuild } | { readonly problems: readonly Problem[] }> {
  const { definition } = wanted.inputs.build;
  if (definition.kind === 'images' && wanted.document === undefined) return {};
  const spec =
    definition.kind === 'bake-file'
      ? { files: definition.files, targets: definition.targets }
      : { files: [], targets: [] };
  try {
    const build = await resolveBuild(
      {
        ...spec,
        cwd: wanted.inputs.workingDirectory,
        secretEnv: wanted.secretEnv,
        ...(wanted.document === undefined ? {} : { document: wanted.document }),
      },
      ports,
    );
    return { build };
  } catch (error) {
    return { problems: toReleaseError(error).problems };
  }
}
