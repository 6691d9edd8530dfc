import * as z from 'zod/mini';

/** Undefined for what is no JSON. */
export function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

const words = z.object({ message: z.string() });

/** GitHub's own words for an error, in one short line; empty where it has none. */
export function wordsOf(body: Uint8Array): string {
  const parsed = words.safeParse(readJson(body));
  return parsed.success
    ? parsed.data.message
        .replaceAll(/[\p{C}\s]+/gu, ' ')
        .trim()
        .slice(0, 300)
    : '';
}
