import { join, relative } from 'node:path';
import * as z from 'zod/mini';
import type { ModuleImage } from '../../model/module-image.ts';
import type { Ports } from '../../ports/index.ts';
import { type FilePorts, readInside } from './read-inside.ts';

const DOCKERFILES = ['Dockerfile', 'dockerfile'];
const DEFAULT_ENTRYPOINT = 'backend.main:Module';
/** What the SDK can import; the platform's own check is only a length. */
const ENTRYPOINT = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$/;
const SDK_LINE = /^\s*hla[-_.]+compass(?![\w.-])/im;

const manifestSchema = z.object({
  description: z.optional(z.unknown()),
  execution: z.optional(z.object({ entrypoint: z.optional(z.unknown()) })),
});

/** Whether a folder (absolute) says by itself what is built of it: by a Dockerfile, or as a module. */
export async function hasOwnBuild(folder: string, { files }: Pick<Ports, 'files'>): Promise<boolean> {
  const found = await Promise.all(
    [...DOCKERFILES, 'manifest.json'].map((name) => files.exists(join(folder, name))),
  );
  return found.includes(true);
}

/**
 * The module in a folder (absolute) that no Dockerfile builds; undefined where there is one, or where manifest.json is no
 * module's: it is one when it says what to execute, or stands beside a `backend` folder.
 */
export async function readModuleImage(
  folder: string,
  workspace: string,
  { files }: Pick<Ports, 'files'>,
): Promise<ModuleImage | undefined> {
  const has = (path: string) => files.exists(join(folder, path));
  const manifestPath = join(folder, 'manifest.json');
  const [text, hasBackend, ...dockerfiles] = await Promise.all([
    readText(manifestPath, workspace, { files }),
    files.isFolder(join(folder, 'backend')),
    ...DOCKERFILES.map(has),
  ]);
  const manifest = text === undefined ? undefined : manifestSchema.safeParse(parseJson(text)).data;
  if (manifest === undefined || dockerfiles.includes(true)) return undefined;
  if (manifest.execution === undefined && !hasBackend) return undefined;
  const [requirements, hasUi, locked] = await Promise.all([
    readRequirements(folder, workspace, { files }),
    has('frontend/package.json'),
    has('frontend/package-lock.json'),
  ]);
  const { description } = manifest;
  return {
    manifestPath: relative(workspace, manifestPath),
    ...entrypointOf(manifest.execution?.entrypoint),
    ...(requirements === undefined ? {} : { requirements }),
    ...(hasUi ? { ui: { locked } } : {}),
    ...(typeof description === 'string' && description !== '' ? { description } : {}),
  };
}

function entrypointOf(written: unknown): Pick<ModuleImage, 'entrypoint' | 'strangeEntrypoint'> {
  if (written === undefined || written === null || written === '') return { entrypoint: DEFAULT_ENTRYPOINT };
  if (typeof written === 'string' && ENTRYPOINT.test(written)) return { entrypoint: written };
  return { strangeEntrypoint: JSON.stringify(written).slice(0, 200) };
}

/** The lock counts only beside the list that it locks, as in the platform's own tool. */
async function readRequirements(
  folder: string,
  workspace: string,
  ports: FilePorts,
): Promise<ModuleImage['requirements'] | undefined> {
  const [plain, lock] = await Promise.all(
    ['backend/requirements.txt', 'backend/requirements.lock.txt'].map(async (file) => {
      const text = await readText(join(folder, file), workspace, ports);
      return text === undefined ? undefined : { file, text };
    }),
  );
  const used = plain === undefined ? undefined : (lock ?? plain);
  if (used === undefined) return undefined;
  return { file: used.file, hashed: /--hash=/.test(used.text), sdk: SDK_LINE.test(used.text) };
}

async function readText(path: string, workspace: string, ports: FilePorts): Promise<string | undefined> {
  const read = await readInside(path, workspace, ports);
  return read === undefined || 'fault' in read ? undefined : read.text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
