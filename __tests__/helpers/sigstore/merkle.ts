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

export function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return only;
  const half = split(leaves.length);
  return nodeHash(treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)));
}

/** The hashes beside the way from a leaf to the root, lowest first. */
export function inclusionPath(index: number, leaves: readonly Buffer[]): readonly Buffer[] {
  if (leaves.length <= 1) return [];
  const half = split(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half
    ? [...inclusionPath(index, left), treeHash(right)]
    : [...inclusionPath(index - half, right), treeHash(left)];
}
