import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Digest, digestFromHex } from '../../model/digest.ts';

/** https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1: the tenth byte names the operating system; 255 = unknown. */
const OS_BYTE = 9;
const OS_UNKNOWN = 255;

/**
 * Gzips a file so that equal bytes give equal bytes: no name, no time (zlib leaves both out), the same level, and no
 * operating system in the header.
 */
export async function gzipFile(from: string, to: string): Promise<{ digest: Digest; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  async function* normalize(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      if (size <= OS_BYTE && size + chunk.byteLength > OS_BYTE) chunk[OS_BYTE - size] = OS_UNKNOWN;
      size += chunk.byteLength;
      hash.update(chunk);
      yield chunk;
    }
  }
  await pipeline(createReadStream(from), createGzip({ level: 6 }), normalize, createWriteStream(to));
  return { digest: digestFromHex(hash.digest('hex')), size };
}
