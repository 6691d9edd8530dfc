import { join, relative } from 'node:path';
import type { ModuleFacts, ModuleText } from '../../model/module.ts';
import type { Ports } from '../../ports/index.ts';

type FilePorts = Pick<Ports, 'files'>;

/** Nothing of a module that is read here is larger by far; what is, is not what it says it is. */
const LARGEST = 1024 * 1024;

type Reading = {
  /** The checkout, and the module's folder in it: absolute. */
  readonly workspace: string;
  readonly folder: string;
  /** What else has to be looked at, by the text of manifest.json: paths relative to the module. */
  readonly wanted: (manifest: ModuleText) => {
    readonly paths: readonly string[];
    readonly texts: readonly string[];
  };
};

/**
 * Reads what the rules need of one module; undefined when its folder has no manifest.json. Symbolic links are followed
 * inside the checkout only: what leads out of it counts as missing, and is not read.
 */
export async function readModule(
  { workspace, folder, wanted }: Reading,
  ports: FilePorts,
): Promise<ModuleFacts | undefined> {
  const root = await ports.files.realPath(workspace);
  const manifest = await readText(join(folder, 'manifest.json'), root, ports);
  if (manifest === undefined) return undefined;
  const { paths, texts } = wanted(manifest);
  const [existing, read] = await Promise.all([
    Promise.all(paths.map(async (path) => ((await isInside(join(folder, path), root, ports)) ? [path] : []))),
    Promise.all(
      texts.map(async (path): Promise<readonly (readonly [string, ModuleText])[]> => {
        const text = await readText(join(folder, path), root, ports);
        return text === undefined ? [] : [[path, text]];
      }),
    ),
  ]);
  return {
    path: relative(workspace, folder) || '.',
    manifest,
    existing: existing.flat(),
    texts: Object.fromEntries(read.flat()),
  };
}

/** Undefined when there is no such file. */
async function readText(path: string, root: string, ports: FilePorts): Promise<ModuleText | undefined> {
  const { files } = ports;
  if (!(await isThere(path, ports))) return undefined;
  if (!(await isInside(path, root, ports)))
    return { fault: 'it is a symbolic link that leads out of the checkout' };
  if (await files.isFolder(path)) return { fault: 'it is a folder' };
  const size = (await files.size(path)) ?? 0;
  if (size > LARGEST) return { fault: `it has ${size} bytes, and more than ${LARGEST} are not read` };
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await files.read(path)),
    };
  } catch (error) {
    if (error instanceof TypeError) return { fault: 'it is not in UTF-8' };
    return { fault: `it cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function isInside(path: string, root: string, { files }: FilePorts): Promise<boolean> {
  const real = await files.realPath(path).catch(() => undefined);
  return real !== undefined && (real === root || real.startsWith(`${root}/`));
}

/** A link that leads nowhere, a circle of links, and what lies below a file are not there. */
function isThere(path: string, { files }: FilePorts): Promise<boolean> {
  return files.exists(path).catch(() => false);
}
