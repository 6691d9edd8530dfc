/** Runs what it is given, in order. */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>;

/** `width`: how many at once. */
export function createLane(width: number): Lane {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < width) running += 1;
    else await new Promise<void>((begin) => waiting.push(begin));
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody who comes just now is served first.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
