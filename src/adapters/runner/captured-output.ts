import { AsyncLocalStorage } from 'node:async_hooks';

type Take = (line: string) => void;
type Done = (error?: Error | null) => void;

const taking = new AsyncLocalStorage<Take>();
let captures = 0;
let restore = (): void => {};

/**
 * Runs a library that writes to standard output by itself, and hands over its lines instead, while everything else goes
 * on to print as ever. What `take` prints is printed.
 */
export async function captureOutput<T>(take: Take, work: () => Promise<T>): Promise<T> {
  if (captures === 0) restore = redirect();
  captures += 1;
  try {
    return await taking.run(take, work);
  } finally {
    captures -= 1;
    if (captures === 0) restore();
  }
}

/** Puts our own `write` before that of standard output; returns what takes it away again. */
function redirect(): () => void {
  const original = process.stdout.write;
  const write = original.bind(process.stdout);
  process.stdout.write = (
    chunk: Uint8Array | string,
    second?: BufferEncoding | Done,
    third?: Done,
  ): boolean => {
    const take = taking.getStore();
    if (take === undefined)
      return typeof second === 'function' ? write(chunk, second) : write(chunk, second, third);
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    taking.exit(() => {
      for (const line of text.split(/\r\n|\r|\n/)) if (line !== '') take(line);
    });
    const done = typeof second === 'function' ? second : third;
    done?.();
    return true;
  };
  return () => {
    process.stdout.write = original;
  };
}
