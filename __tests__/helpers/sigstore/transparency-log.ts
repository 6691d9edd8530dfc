import { generateKeyPairSync, randomInt, sign } from 'node:crypto';
import { canonicalEntry, canonicalJson } from './log-entries.ts';
import { leafHash, MerkleTree, sha256 } from './merkle.ts';

/** What Rekor answers about one entry. https://github.com/sigstore/rekor/blob/main/openapi.yaml */
export type LogEntry = {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
    readonly signedEntryTimestamp: string;
  };
};

/** Entries of the log start here, as those of a shard do: the index in the log is not the index in the tree. */
const FIRST_INDEX = 1_000_000;

/** A Rekor v1 transparency log: a real Merkle tree with signed checkpoints, in memory. */
export class TransparencyLog {
  readonly #host: string;
  readonly #treeId = randomInt(2 ** 40, 2 ** 48 - 1);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #entries: {
    readonly uuid: string;
    readonly body: Buffer;
    readonly time: number;
  }[] = [];
  readonly #tree = new MerkleTree();

  /** `host` is the name in the checkpoints; it must be part of the log's address in the trusted root. */
  constructor(host: string) {
    this.#host = host;
  }

  /** DER. */
  get publicKey(): Buffer {
    return this.#keys.publicKey.export({ format: 'der', type: 'spki' });
  }

  get publicKeyPem(): string {
    return this.#keys.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  }

  readonly id = sha256(this.publicKey);

  get size(): number {
    return this.#entries.length;
  }

  /** Adds the proposed entry; `added` is false when an equivalent one is there already. Throws BadEntry. */
  add(proposed: unknown, now: Date): { readonly uuid: string; readonly added: boolean } {
    const { uuid, body, leaf } = this.#canonical(proposed);
    const added = !this.#entries.some((entry) => entry.uuid === uuid);
    if (added) {
      this.#entries.push({ uuid, body, time: Math.floor(now.getTime() / 1000) });
      this.#tree.push(leaf);
    }
    return { uuid, added };
  }

  /** An equivalent entry that is there already. Throws BadEntry. */
  findEquivalent(proposed: unknown): ReturnType<TransparencyLog['find']> {
    return this.find(this.#canonical(proposed).uuid);
  }

  /** By UUID (80 or 64 hex digits) or index; undefined when there is none. The proof is for the tree as it is now. */
  find(wanted: string | number): { readonly uuid: string; readonly entry: LogEntry } | undefined {
    const index = this.#entries.findIndex(({ uuid }, position) =>
      typeof wanted === 'number'
        ? position + FIRST_INDEX === wanted
        : wanted.length >= 64 && uuid.endsWith(wanted),
    );
    const found = this.#entries[index];
    if (found === undefined) return undefined;
    const claims = {
      body: found.body.toString('base64'),
      integratedTime: found.time,
      logID: this.id.toString('hex'),
      logIndex: index + FIRST_INDEX,
    };
    const [root, treeSize] = [this.#tree.root(), this.#tree.size];
    const entry = {
      ...claims,
      verification: {
        inclusionProof: {
          checkpoint: this.#checkpoint(root, treeSize, found.time),
          hashes: this.#tree.path(index).map((hash) => hash.toString('hex')),
          logIndex: index,
          rootHash: root.toString('hex'),
          treeSize,
        },
        signedEntryTimestamp: this.#sign(canonicalJson(claims)).toString('base64'),
      },
    };
    return { uuid: found.uuid, entry };
  }

  #canonical(proposed: unknown) {
    const body = Buffer.from(canonicalJson(canonicalEntry(proposed)));
    const leaf = leafHash(body);
    return { uuid: this.#treeId.toString(16).padStart(16, '0') + leaf.toString('hex'), body, leaf };
  }

  /** https://github.com/transparency-dev/formats/blob/main/log/README.md#checkpoint-format */
  #checkpoint(root: Buffer, size: number, time: number): string {
    const origin = `${this.#host} - ${this.#treeId}`;
    const note = `${origin}\n${size}\n${root.toString('base64')}\nTimestamp: ${time}000000000\n`;
    const signature = Buffer.concat([this.id.subarray(0, 4), this.#sign(note)]);
    return `${note}\n\u2014 ${this.#host} ${signature.toString('base64')}\n`;
  }

  #sign(text: string): Buffer {
    return sign('sha256', Buffer.from(text), this.#keys.privateKey);
  }
}
