import { generateKeyPairSync, sign } from 'node:crypto';
import { canonicalEntryV2, canonicalJson } from './log-entries.ts';
import { leafHash, MerkleTree, sha256 } from './merkle.ts';

/** A Rekor v2 log: a Merkle tree with checkpoints that tell no time, and no promises. In memory. */
export class TileLog {
  readonly #origin: string;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #tree = new MerkleTree();
  /** By the hash of its leaf. */
  readonly #indexes = new Map<string, number>();

  /** The name in the checkpoints; verifiers take the host name of the log's address, without its port. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** DER. */
  get publicKey(): Buffer {
    return this.#keys.publicKey.export({ format: 'der', type: 'spki' });
  }

  /** https://github.com/C2SP/C2SP/blob/main/signed-note.md#signature-types: of ECDSA keys the hash alone. */
  get id(): Buffer {
    return sha256(this.publicKey);
  }

  get size(): number {
    return this.#tree.size;
  }

  /** Enters what is asked for, or finds its equivalent, and answers as Rekor does. Throws BadEntry. */
  add(request: unknown): unknown {
    const body = Buffer.from(canonicalJson(canonicalEntryV2(request)));
    const leaf = leafHash(body);
    const name = leaf.toString('hex');
    const index = this.#indexes.get(name) ?? this.#tree.push(leaf);
    this.#indexes.set(name, index);
    const root = this.#tree.root();
    return {
      logIndex: String(index),
      logId: { keyId: this.id.toString('base64') },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      inclusionProof: {
        logIndex: String(index),
        rootHash: root.toString('base64'),
        treeSize: String(this.size),
        hashes: this.#tree.path(index).map((hash) => hash.toString('base64')),
        checkpoint: { envelope: this.#checkpoint(root) },
      },
      canonicalizedBody: body.toString('base64'),
    };
  }

  /** https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md */
  #checkpoint(root: Buffer): string {
    const note = `${this.#origin}\n${this.size}\n${root.toString('base64')}\n`;
    const signature = sign('sha256', Buffer.from(note), this.#keys.privateKey);
    const line = Buffer.concat([this.id.subarray(0, 4), signature]).toString('base64');
    return `${note}\n\u2014 ${this.#origin} ${line}\n`;
  }
}
