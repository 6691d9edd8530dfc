import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** The full path of an executable file: by PATH, or the path itself when it is absolute. */
export async function findTool(file: string, path: string | undefined): Promise<string | undefined> {
  const candidates = isAbsolute(file)
    ? [file]
    : file.includes('/')
      ? []
      : (path ?? '').split(delimiter).flatMap((folder) => (isAbsolute(folder) ? [join(folder, file)] : []));
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
