import type * as z from 'zod/mini';

/** JSON bytes in the shape of the schema; undefined when they are no JSON, or of another shape. */
export function readJson<T>(schema: z.ZodMiniType<T>, bytes: Uint8Array): T | undefined {
  try {
    const result = schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
