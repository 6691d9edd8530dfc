import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomInt,
  sign,
  verify,
} from 'node:crypto';

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

/** An entry that Rekor refuses with 400. */
export class BadEntry extends Error {}

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
    readonly leaf: Buffer;
    readonly time: number;
  }[] = [];

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

  get id(): Buffer {
    return sha256(this.publicKey);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Adds the proposed entry; `added` is false when an equivalent one is there already. Throws BadEntry. */
  add(proposed: unknown, now: Date): { readonly uuid: string; readonly added: boolean } {
    const body = Buffer.from(canonicalJson(canonicalEntry(proposed)));
    const leaf = leafHash(body);
    const uuid = this.#treeId.toString(16).padStart(16, '0') + leaf.toString('hex');
    const added = !this.#entries.some((entry) => entry.uuid === uuid);
    if (added) this.#entries.push({ uuid, body, leaf, time: Math.floor(now.getTime() / 1000) });
    return { uuid, added };
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
    const leaves = this.#entries.map(({ leaf }) => leaf);
    const root = treeHash(leaves);
    const entry = {
      ...claims,
      verification: {
        inclusionProof: {
          checkpoint: this.#checkpoint(root, leaves.length, found.time),
          hashes: inclusionPath(index, leaves).map((hash) => hash.toString('hex')),
          logIndex: index,
          rootHash: root.toString('hex'),
          treeSize: leaves.length,
        },
        signedEntryTimestamp: this.#sign(canonicalJson(claims)).toString('base64'),
      },
    };
    return { uuid: found.uuid, entry };
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

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

// https://www.rfc-editor.org/rfc/rfc6962#section-2.1
const leafHash = (body: Buffer): Buffer => sha256(Buffer.of(0), body);
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right);

/** The largest power of two below `size`. */
const split = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return only;
  const half = split(leaves.length);
  return nodeHash(treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)));
}

/** The hashes beside the way from a leaf to the root, lowest first. */
function inclusionPath(index: number, leaves: readonly Buffer[]): readonly Buffer[] {
  if (leaves.length <= 1) return [];
  const half = split(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half
    ? [...inclusionPath(index, left), treeHash(right)]
    : [...inclusionPath(index - half, right), treeHash(left)];
}

/** https://www.rfc-editor.org/rfc/rfc8785 for what stands in entries: objects, arrays, strings, whole numbers. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}

// biome-ignore lint/suspicious/noExplicitAny: entries have three shapes, and what does not fit is refused below.
type Loose = any;

/** What Rekor keeps of a proposed entry, after it has checked the signature. https://github.com/sigstore/rekor/tree/main/pkg/types */
function canonicalEntry(proposed: Loose): unknown {
  try {
    const { kind, apiVersion, spec } = proposed;
    if (kind === 'dsse' && apiVersion === '0.0.1') return { kind, apiVersion, spec: dsseSpec(spec) };
    if (kind === 'intoto' && apiVersion === '0.0.2') return { kind, apiVersion, spec: intotoSpec(spec) };
    if (kind === 'hashedrekord' && apiVersion === '0.0.1') {
      if (spec.signature.publicKey.content === undefined || spec.data.hash.value.length !== 64)
        throw new BadEntry('invalid hashedrekord entry');
      return { kind, apiVersion, spec };
    }
    throw new BadEntry(`unsupported entry: ${kind} ${apiVersion}`);
  } catch (error) {
    throw error instanceof BadEntry ? error : new BadEntry(`invalid entry: ${error}`);
  }
}

function dsseSpec({ proposedContent }: Loose): unknown {
  const envelope = JSON.parse(proposedContent.envelope);
  const payload = Buffer.from(envelope.payload, 'base64');
  const keys: readonly string[] = proposedContent.verifiers;
  const signatures = envelope.signatures.map(({ sig }: Loose) => {
    const verifier = keys.find((key) => isSigned(envelope.payloadType, payload, sig, pemKey(key)));
    if (verifier === undefined) throw new BadEntry('could not verify envelope');
    return { signature: sig, verifier };
  });
  if (signatures.length === 0) throw new BadEntry('envelope has no signatures');
  const hashOf = (bytes: Buffer) => ({ algorithm: 'sha256', value: sha256(bytes).toString('hex') });
  return {
    envelopeHash: hashOf(Buffer.from(proposedContent.envelope)),
    payloadHash: hashOf(payload),
    signatures,
  };
}

function intotoSpec({ content }: Loose): unknown {
  const { payload, payloadType, signatures } = content.envelope;
  const bytes = Buffer.from(Buffer.from(payload, 'base64').toString(), 'base64');
  for (const { sig, publicKey } of signatures) {
    const signature = Buffer.from(sig, 'base64').toString();
    if (!isSigned(payloadType, bytes, signature, pemKey(publicKey)))
      throw new BadEntry('could not verify envelope');
  }
  return { content: { ...content, envelope: { payloadType, signatures } } };
}

/** From the base64 of a certificate or public key in PEM. */
function pemKey(content: string): KeyObject {
  return createPublicKey(Buffer.from(content, 'base64'));
}

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function isSigned(payloadType: string, payload: Buffer, signature: string, key: KeyObject): boolean {
  const head = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `);
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return verify(algorithm, Buffer.concat([head, payload]), key, Buffer.from(signature, 'base64'));
}
