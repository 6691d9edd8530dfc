/** How many causes below an error are looked at. */
const DEEPEST = 8;

/** What the system says of a full disk (or quota), by the error or what caused it. */
export function fullDisk(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth === DEEPEST) return undefined;
  const code = 'code' in error ? error.code : undefined;
  const message = 'message' in error ? String(error.message) : '';
  // Tools say it in words.
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device/i.test(message);
  if (isFull) return message;
  return 'cause' in error ? fullDisk(error.cause, depth + 1) : undefined;
}
