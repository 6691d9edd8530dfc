import { createWriteStream, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Answer of the blob store: a status, and an error's code as Azure names it. */
export type BlobAnswer = { readonly status: number; readonly code?: string };

/**
 * Azure's block blobs, kept in a folder: blocks are staged, and a blob is what the last list of blocks says.
 * https://learn.microsoft.com/en-us/rest/api/storageservices/understanding-block-blobs--append-blobs--and-page-blobs
 */
export class Blobs {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    mkdirSync(root, { recursive: true });
  }

  /** Where the bytes of a blob lie; they are there once it was committed. */
  path(id: string): string {
    return join(this.#root, `${id}.blob`);
  }

  size(id: string): number | undefined {
    return existsSync(this.path(id)) ? statSync(this.path(id)).size : undefined;
  }

  /** PUT of a whole blob, of a block (`comp=block`), or of the list of blocks (`comp=blocklist`). */
  async put(id: string, query: URLSearchParams, body: Readable): Promise<BlobAnswer> {
    switch (query.get('comp')) {
      case 'block': {
        const block = query.get('blockid');
        if (block === null) return { status: 400, code: 'MissingRequiredQueryParameter' };
        await pipeline(body, createWriteStream(this.#block(id, block)));
        return { status: 201 };
      }
      case 'blocklist': {
        const xml = Buffer.concat(await body.toArray()).toString();
        return this.#commit(
          id,
          [...xml.matchAll(/<Latest>([^<]*)<\/Latest>/g)].map((match) => match[1] ?? ''),
        );
      }
      case null:
        await pipeline(body, createWriteStream(this.path(id)));
        return { status: 201 };
      default:
        return { status: 400, code: 'InvalidQueryParameterValue' };
    }
  }

  async #commit(id: string, blocks: readonly string[]): Promise<BlobAnswer> {
    if (blocks.some((block) => !existsSync(this.#block(id, block))))
      return { status: 400, code: 'InvalidBlockList' };
    rmSync(this.path(id), { force: true });
    await appendFile(this.path(id), '');
    for (const block of blocks) await appendFile(this.path(id), await readFile(this.#block(id, block)));
    for (const block of blocks) rmSync(this.#block(id, block), { force: true });
    return { status: 201 };
  }

  #block(id: string, block: string): string {
    return join(this.#root, `${id}.${Buffer.from(block).toString('hex')}.block`);
  }
}
