import type { Digest } from '../model/digest.ts';

export type GzipOptions = {
  /** The file is a tar archive, and no modification time in it stays after this one (seconds since 1970). */
  readonly notAfter?: number;
  readonly hashSource?: boolean;
  /** What an earlier call left in `later` for mostly the same bytes. It is proven before it is used, and may be missing. */
  readonly earlier?: string;
  /** A new file for what the next call can use. */
  readonly later?: string;
};

export type Gzipped = {
  /** Of what was written. */
  readonly digest: Digest;
  readonly size: number;
  /** Of what it holds. */
  readonly content: Digest;
  /** Of the file that was read, with `hashSource`. */
  readonly source?: Digest;
  /** With `later`: whether it was written and says more than `earlier`; else a file of no use may lie there. */
  readonly left?: boolean;
};

/** The runner's disk. Paths are absolute; every write makes the folders it needs. */
export interface Files {
  read(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  /** Undefined when there is no such file. */
  readTextIfExists(path: string): Promise<string | undefined>;
  /** `mode` as in chmod; 0o600 for secrets. */
  write(path: string, data: Uint8Array | string, mode?: number): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** Bytes; undefined when there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** Names in a folder; empty when there is none. */
  list(folder: string): Promise<readonly string[]>;
  isFolder(path: string): Promise<boolean>;
  makeFolder(path: string): Promise<void>;
  /** A fresh folder under the runner's temp folder, removed in the post step. */
  makeTempFolder(name: string): Promise<string>;
  copy(from: string, to: string): Promise<void>;
  /** Its owner may read and write it from now on. */
  makeWritable(path: string): Promise<void>;
  /** A copy of one file that takes no room where the disk can do that: neither may be changed from then on. */
  share(from: string, to: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** A symbolic link at `path` that points at `target`. */
  link(target: string, path: string): Promise<void>;
  /** Recursive; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Free bytes of the file system of a path. */
  freeBytes(path: string): Promise<number>;
  /** Streams the file once. */
  hash(path: string): Promise<Digest>;
  /** The digest of what a gzipped file unpacks to; undefined when it is not gzipped. Streams it once. */
  hashGunzipped(path: string): Promise<Digest | undefined>;
  /** Gzips deterministically (no name, no time) into `to`, in one pass. */
  gzip(from: string, to: string, options?: GzipOptions): Promise<Gzipped>;
  realPath(path: string): Promise<string>;
}
