import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Digest, digestFromHex, hexOf } from '../../../src/model/digest.ts';

export type StoredManifest = {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly subject?: Digest;
};

export type StoredRepository = {
  readonly manifests: Map<Digest, StoredManifest>;
  readonly tags: Map<string, Digest>;
  readonly blobs: Set<Digest>;
  readonly uploads: Map<string, string>;
};

/** Repositories in memory, blobs in a temp folder, each once for all repositories. */
export class Store {
  readonly repositories = new Map<string, StoredRepository>();
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Store> {
    return new Store(await mkdtemp(join(tmpdir(), 'embedded-registry-')));
  }

  find(name: string): StoredRepository | undefined {
    return this.repositories.get(name);
  }

  provide(name: string): StoredRepository {
    const known = this.repositories.get(name);
    if (known !== undefined) return known;
    const made = { manifests: new Map(), tags: new Map(), blobs: new Set<Digest>(), uploads: new Map() };
    this.repositories.set(name, made);
    return made;
  }

  /** Opens an upload session; returns its id. */
  open(repository: StoredRepository): string {
    const id = randomUUID();
    repository.uploads.set(id, join(this.#folder, `upload-${id}`));
    return id;
  }

  async uploadSize(path: string): Promise<number> {
    return (await stat(path).catch(() => undefined))?.size ?? 0;
  }

  /** What came before the source broke stays. */
  async append(path: string, source: AsyncIterable<Buffer>): Promise<void> {
    const file = createWriteStream(path, { flags: 'a' });
    try {
      for await (const chunk of source)
        if (!file.write(chunk)) await new Promise((done) => file.once('drain', () => done(undefined)));
    } finally {
      await new Promise<void>((done) => file.end(() => done()));
    }
  }

  async digestOfUpload(path: string): Promise<Digest> {
    const hash = createHash('sha256');
    if ((await this.uploadSize(path)) > 0) await pipeline(createReadStream(path), hash);
    return digestFromHex(hash.digest('hex'));
  }

  async keep(repository: StoredRepository, upload: string, digest: Digest): Promise<void> {
    if ((await this.uploadSize(upload)) === 0) await this.append(upload, (async function* () {})());
    await rename(upload, this.#blobPath(digest));
    repository.blobs.add(digest);
  }

  async blobSize(digest: Digest): Promise<number> {
    return (await stat(this.#blobPath(digest))).size;
  }

  readBlob(digest: Digest, range?: { readonly start: number; readonly end: number }): Readable {
    return createReadStream(this.#blobPath(digest), range ?? {});
  }

  /** For assertions. */
  blobBytes(digest: Digest): Promise<Buffer> {
    return readFile(this.#blobPath(digest));
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #blobPath(digest: Digest): string {
    return join(this.#folder, hexOf(digest));
  }
}
