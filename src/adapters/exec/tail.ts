/** Keeps the last `limit` bytes of a stream, as text; older bytes are let go while it runs. */
export type Tail = { push(chunk: Uint8Array): void; text(): string };

export function keepTail(limit: number): Tail {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    push: (chunk) => {
      chunks.push(chunk);
      size += chunk.byteLength;
      for (
        let first = chunks[0];
        first !== undefined && size - first.byteLength >= limit;
        first = chunks[0]
      ) {
        size -= first.byteLength;
        chunks.shift();
      }
    },
    text: () => {
      const all = Buffer.concat(chunks);
      return all.subarray(Math.max(0, all.byteLength - limit)).toString('utf8');
    },
  };
}
