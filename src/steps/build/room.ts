import { formatGib, LOW_SPACE } from '../../model/disk.ts';
import type { StagingStore } from '../../model/image.ts';
import type { PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import type { Builder } from './builder.ts';
import { estimateDisk } from './disk.ts';

type Images = ReadonlyMap<string, PlannedImage>;

/** A quarter above what the release is thought to need. */
const SPARE = 1.25;

/**
 * The images in the waves in which they are built: all at once, or level by level where the disk is tight, so that what the
 * builder keeps of one level is gone before the next. Only for a builder that this run made: nobody else's cache is touched,
 * and without that levels would gain nothing.
 */
export async function wavesOf(
  images: Images,
  builder: Builder,
  folder: string,
  { files, log }: Pick<Ports, 'files' | 'log'>,
): Promise<readonly Images[]> {
  const levels = levelsOf(images);
  if (builder.create === undefined || levels.length < 2) return [images];
  const planned = [...images.values()].map(({ platforms, parents }) => ({
    platforms: platforms.length,
    parents: parents.length,
  }));
  const [free, wanted] = [await files.freeBytes(folder), estimateDisk({ images: planned, known: 0 })];
  if (free >= Math.max(LOW_SPACE, SPARE * wanted)) return [images];
  log.info(
    `Only ${formatGib(free)} are free: the images are built in ${levels.length} levels, and the builder's cache is emptied between them.`,
  );
  return levels;
}

/** Parents before what is built on them. */
export function levelsOf(images: Images): readonly Images[] {
  const levels: Images[] = [];
  const done = new Set<string>();
  let rest = [...images];
  while (rest.length > 0) {
    const open = new Set(rest.map(([, { name }]) => name));
    const next = rest.filter(
      ([, { parents }]) => !parents.some((parent) => open.has(parent) && !done.has(parent)),
    );
    // Bake has refused a circle before.
    const level = next.length === 0 ? rest : next;
    levels.push(new Map(level));
    for (const [, { name }] of level) done.add(name);
    rest = rest.filter(([target]) => !level.some(([other]) => other === target));
  }
  return levels;
}

/**
 * Empties the builder that this run made, when the disk is nearly full and everything is exported. Trouble with it ends
 * nothing: it may still be enough.
 */
export async function makeRoom(
  builder: Builder,
  folder: string,
  { exec, files, log }: Pick<Ports, 'exec' | 'files' | 'log'>,
): Promise<void> {
  if (builder.create === undefined) return;
  const free = await files.freeBytes(folder);
  if (free >= LOW_SPACE) return;
  const args = ['buildx', 'prune', '--builder', builder.name, '--all', '--force'];
  const { exitCode } = await exec.run({ file: 'docker', args, environment: 'full' });
  const now = formatGib(await files.freeBytes(folder));
  log.info(
    exitCode === 0
      ? `Only ${formatGib(free)} were free: the cache of the builder of this run was emptied; ${now} are free now.`
      : `Only ${formatGib(free)} are free, and the cache of the builder of this run could not be emptied.`,
  );
}

/** Bake must find there what it has sent: what is taken meanwhile is on the disk twice, plain and gzipped. */
export async function hasRoomForBoth(raw: StagingStore, { files }: Pick<Ports, 'files'>): Promise<boolean> {
  return (await files.freeBytes(raw.root)) >= LOW_SPACE;
}
