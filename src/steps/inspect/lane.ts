/** Runs what it is given one after another; after a failure nothing more. */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>;

export function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next;
    // Whoever called handles it; here it must not count as unhandled.
    next.catch(() => undefined);
    return next;
  };
}
