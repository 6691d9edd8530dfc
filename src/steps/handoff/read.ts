import { join } from 'node:path';
import { type Digest, digestOf } from '../../model/digest.ts';
import { type Problem, ReleaseError, releaseErrorOf, toReleaseError } from '../../model/errors.ts';
import type { Handoff } from '../../model/handoff.ts';
import type { Ports } from '../../ports/index.ts';
import { HANDOFF, HANDOFF_LIMIT, parseHandoff } from './document.ts';

type FilesPort = Pick<Ports, 'files'>;

/** A handoff as it lies there: nobody has vouched for it yet. */
export type ReadHandoff = {
  /** Absolute. */
  readonly folder: string;
  readonly handoff: Handoff;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
};

/** A download of artifacts makes a folder for each, and people put those into one more. */
const DEEPEST = 3;
const MOST_HANDOFFS = 1000;
const MOST_FOLDERS = 10_000;

/**
 * All handoffs below the paths (absolute; handoff.json files, or folders with some up to three levels below), each folder once.
 * Throws INPUT_INVALID for a path that is not there or has none, HANDOFF_INVALID.
 */
export async function readHandoffs(
  paths: readonly string[],
  ports: FilesPort,
): Promise<readonly ReadHandoff[]> {
  const folders = new Set<string>();
  const budget = { left: MOST_FOLDERS };
  for (const path of paths) {
    const found = await findFolders(path, ports, budget);
    if (found.length === 0)
      throw new ReleaseError('INPUT_INVALID', `input \`handoff\`: there is no handoff at ${path}`, {
        hint: `Give the path of a ${HANDOFF}, or a folder that has some at most ${DEEPEST} levels below it.`,
      });
    for (const folder of found) folders.add(folder);
  }
  if (folders.size > MOST_HANDOFFS)
    throw new ReleaseError(
      'INPUT_INVALID',
      `input \`handoff\`: there are more than ${MOST_HANDOFFS} handoffs`,
    );
  const handoffs: ReadHandoff[] = [];
  const wrong: Problem[] = [];
  for (const folder of folders)
    try {
      handoffs.push(await readHandoff(folder, ports));
    } catch (error) {
      wrong.push(...toReleaseError(error).problems);
    }
  if (wrong.length > 0) throw releaseErrorOf(wrong);
  return handoffs;
}

async function findFolders(
  path: string,
  { files }: FilesPort,
  budget: { left: number },
): Promise<readonly string[]> {
  if (path.endsWith(`/${HANDOFF}`)) return (await files.exists(path)) ? [join(path, '..')] : [];
  const found: string[] = [];
  let level: readonly string[] = [path];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of level) {
      budget.left -= 1;
      if (budget.left < 0)
        throw new ReleaseError(
          'INPUT_INVALID',
          `input \`handoff\`: there are too many folders below ${path}`,
        );
      const names = await files.list(folder);
      // What lies beside a handoff is its own.
      if (names.includes(HANDOFF)) found.push(folder);
      else if (depth < DEEPEST)
        for (const name of names)
          if (await files.isFolder(join(folder, name))) below.push(join(folder, name));
    }
    level = below;
  }
  return found;
}

async function readHandoff(folder: string, { files }: FilesPort): Promise<ReadHandoff> {
  const path = join(folder, HANDOFF);
  const invalid = (why: string): ReleaseError =>
    new ReleaseError('HANDOFF_INVALID', `the handoff ${path} is not whole: ${why}`);
  const size = await files.size(path);
  if (size === undefined || (await files.isFolder(path))) throw invalid('it is no file');
  if (size > HANDOFF_LIMIT) throw invalid(`it has ${size} bytes, more than ${HANDOFF_LIMIT}`);
  const bytes = await files.read(path);
  const text = textOf(bytes);
  if (text === undefined) throw invalid('it is not UTF-8');
  return { folder, handoff: parseHandoff(text, path), bytes, digest: digestOf(bytes) };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    // A byte order mark is kept, so that it is seen.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
