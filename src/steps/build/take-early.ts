import type { Digest } from '../../model/digest.ts';
import { blobPath, layoutPath, type StagingStore } from '../../model/image.ts';
import type { PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import { hasRoomForBoth } from './room.ts';
import { readLayoutIndex } from './stage.ts';
import type { Taking } from './take-built.ts';

export type EarlySpec = {
  readonly images: ReadonlyMap<string, PlannedImage>;
  /** Where bake writes to. */
  readonly raw: StagingStore;
  readonly take: Taking['take'];
};

/** Takes images while bake still makes others, so that they are scanned meanwhile. */
export type EarlyTaking = {
  /**
   * BuildKit has made this target and is sending it just now, its top manifest last. `top` is what it said of that; where it
   * said nothing, the image is waited for until bake names it in its layout.
   */
  exported(target: string, top?: Digest): void;
  /** Begins nothing more; ends when nothing of it runs. */
  end(): Promise<void>;
};

/** What is sent comes within a second, and is named a tenth of one later; it never is where the target fails in the end. */
const LOOK_EVERY_MS = 20;
const LOOKS = 500;

/** It only saves time: what goes wrong, or would need space that is short, is left to the taking of all in the end. */
export function takeEarly(
  { images, raw, take }: EarlySpec,
  { clock, files }: Pick<Ports, 'clock' | 'files'>,
): EarlyTaking {
  const begun = new Set<string>();
  let isOver = false;
  let work: Promise<unknown> = Promise.resolve();

  const sentTo = async (layout: string, told?: Digest): Promise<Digest | undefined> => {
    for (let looks = 0; looks < LOOKS && !isOver; looks += 1) {
      if (told !== undefined && (await files.exists(blobPath(raw, told)))) return told;
      const top = topOf(await files.readTextIfExists(`${layoutPath(raw, layout)}/index.json`));
      if (top !== undefined) return top;
      await clock.sleep(LOOK_EVERY_MS);
    }
    return undefined;
  };
  const takeOne = async (target: string, planned: PlannedImage, told?: Digest): Promise<void> => {
    if (isOver || !(await hasRoomForBoth(raw, { files }))) return;
    const top = await sentTo(planned.name, told);
    if (top === undefined) return;
    const [batch, digests] = [new Map([[target, planned]]), new Map([[target, top]])];
    await take({ images: batch, digests, during: 'live' });
  };
  return {
    exported: (target, told) => {
      const planned = images.get(target);
      if (planned === undefined || begun.has(target)) return;
      begun.add(target);
      work = work.then(() => takeOne(target, planned, told)).catch(() => undefined);
    },
    end: async () => {
      isOver = true;
      await work;
    },
  };
}

/** Undefined while it is not written, or only in part. */
function topOf(index: string | undefined): Digest | undefined {
  try {
    return index === undefined ? undefined : readLayoutIndex(index)[0]?.digest;
  } catch {
    return undefined;
  }
}
