import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const EVERY_MS = 50;
const SETTLED_MS = 1000;
const PATIENCE_MS = 15_000;
/** Logs and journals of the machine write all the time. */
const NOISE = 1_000_000;

/** Used bytes of the file system that temp folders, and the daemon's store, are on. */
function used(): number {
  const { blocks, bfree, bsize } = statfsSync(tmpdir());
  return (blocks - bfree) * bsize;
}

/** What the work takes at its peak, above what was taken when it began: bytes. */
export async function peakDisk<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly peak: number }> {
  const before = used();
  let most = before;
  const look = (): void => {
    most = Math.max(most, used());
  };
  const timer = setInterval(look, EVERY_MS);
  try {
    const result = await work();
    look();
    return { result, peak: most - before };
  } finally {
    clearInterval(timer);
  }
}

/** Waits until nothing is freed any more: the daemon collects its garbage when it likes. */
export async function diskSettles(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let before = Number.POSITIVE_INFINITY; performance.now() < deadline; ) {
    const now = used();
    if (Math.abs(before - now) < NOISE) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  }
}
