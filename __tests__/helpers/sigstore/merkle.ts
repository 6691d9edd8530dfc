import { createHash } from 'node:crypto';

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

// https://www.rfc-editor.org/rfc/rfc6962#section-2.1
export const leafHash = (body: Buffer): Buffer => sha256(Buffer.of(0), body);
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right);

/** The largest power of two below `size`. */
const split = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

/** Grows at its end; what it answers costs no more, however long it has grown. */
export class MerkleTree {
  readonly #leaves: Buffer[] = [];
  /** Hashes of whole subtrees (a power of two leaves), which never change, by their size and place. */
  readonly #whole = new Map<string, Buffer>();

  get size(): number {
    return this.#leaves.length;
  }

  /** The index of the leaf. */
  push(leaf: Buffer): number {
    return this.#leaves.push(leaf) - 1;
  }

  root(): Buffer {
    return this.size === 0 ? sha256() : this.#hash(0, this.size);
  }

  /** The hashes beside the way from a leaf to the root, lowest first. */
  path(index: number, start = 0, size = this.size): readonly Buffer[] {
    if (size <= 1) return [];
    const half = split(size);
    return index < start + half
      ? [...this.path(index, start, half), this.#hash(start + half, size - half)]
      : [...this.path(index, start + half, size - half), this.#hash(start, half)];
  }

  #hash(start: number, size: number): Buffer {
    const leaf = this.#leaves[start];
    if (size === 1 && leaf !== undefined) return leaf;
    const key = `${size} ${start}`;
    const known = this.#whole.get(key);
    if (known !== undefined) return known;
    const half = split(size);
    const hash = nodeHash(this.#hash(start, half), this.#hash(start + half, size - half));
    if (half * 2 === size) this.#whole.set(key, hash);
    return hash;
  }
}
