import type { ModuleText } from '../../model/module.ts';
import type { Ports } from '../../ports/index.ts';

export type FilePorts = Pick<Ports, 'files'>;

/** Nothing of a module that is read here is larger by far; what is, is not what it says it is. */
const LARGEST = 1024 * 1024;

/**
 * A text file of the checkout; undefined when there is none. What a symbolic link leads to outside of the workspace (both
 * absolute) is not read: it belongs to the runner, or never ends.
 */
export async function readInside(
  path: string,
  workspace: string,
  ports: FilePorts,
): Promise<ModuleText | undefined> {
  const { files } = ports;
  if (!(await isThere(path, ports))) return undefined;
  if (!(await isInside(path, workspace, ports)))
    return { fault: 'it is a symbolic link that leads out of the checkout' };
  if (await files.isFolder(path)) return { fault: 'it is a folder' };
  const size = (await files.size(path)) ?? 0;
  if (size > LARGEST) return { fault: `it has ${size} bytes, and more than ${LARGEST} are not read` };
  const bytes = await files.read(path);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { fault: 'it is not in UTF-8' };
  }
}

/** Whether there is a file or folder at the path, in the end, and inside of the workspace. */
export async function isInside(path: string, workspace: string, ports: FilePorts): Promise<boolean> {
  if (!(await isThere(path, ports))) return false;
  const { files } = ports;
  const [root, real] = await Promise.all([files.realPath(workspace), files.realPath(path)]);
  return real === root || real.startsWith(`${root}/`);
}

/** A link that leads nowhere, a circle of links, and what lies below a file are not there. */
function isThere(path: string, { files }: FilePorts): Promise<boolean> {
  return files.exists(path).catch(() => false);
}
