import type { Descriptor } from '../../../src/model/descriptor.ts';
import { digestOf } from '../../../src/model/digest.ts';
import { ReleaseError } from '../../../src/model/errors.ts';
import type { Encoded } from '../../../src/model/manifest.ts';
import {
  formatReference,
  formatRepository,
  isDigestRef,
  type Reference,
} from '../../../src/model/reference.ts';
import type { Registry } from '../../../src/ports/registry.ts';

/** All registries of the world, in memory. What is pushed is remembered as lines, in order. */
export type FakeRegistry = Registry & {
  /** `blob ghcr.io/acme/app DIGEST uploaded`, `manifest ghcr.io/acme/app:1.2.3 DIGEST`, `attach ghcr.io/acme/app@SUBJECT 3`. */
  readonly writes: readonly string[];
  readonly manifests: ReadonlyMap<string, Encoded>;
  /** `get ghcr.io/acme/app@DIGEST`, `read ghcr.io/acme/app DIGEST`, `referrers ghcr.io/acme/app@SUBJECT`. */
  readonly reads: readonly string[];
  /** How many blobs were under way at once, at most. */
  readonly most: number;
  /** What is there before the test begins. */
  hold(reference: Reference, manifest: Encoded): void;
  holdBlob(repository: string, digest: string): void;
  /** Attaches nothing, but says so from now on: a registry that keeps no referrers. */
  forgetReferrers(): void;
  /** Calls whose line this matches fail. */
  fail(line: RegExp): void;
};

export function fakeRegistry(): FakeRegistry {
  const manifests = new Map<string, Encoded>();
  const blobs = new Set<string>();
  const contents = new Map<string, Uint8Array>();
  const lists = new Map<string, Descriptor[]>();
  let forgets = false;
  const writes: string[] = [];
  const reads: string[] = [];
  const failures: RegExp[] = [];
  let running = 0;
  let most = 0;
  const attempt = (line: string): void => {
    if (failures.some((pattern) => pattern.test(line))) throw new ReleaseError('REGISTRY_UNAVAILABLE', line);
  };
  const read = (line: string): void => {
    reads.push(line);
    attempt(line);
  };
  const hold = (reference: Reference, manifest: Encoded): void => {
    const { repository } = reference;
    manifests.set(formatReference(reference), manifest);
    manifests.set(formatReference({ repository, digest: manifest.descriptor.digest }), manifest);
  };
  return {
    writes,
    reads,
    manifests,
    hold,
    get most() {
      return most;
    },
    holdBlob: (repository, digest) => void blobs.add(`${repository} ${digest}`),
    fail: (line) => void failures.push(line),
    forgetReferrers() {
      forgets = true;
    },
    async resolve(reference) {
      attempt(`resolve ${formatReference(reference)}`);
      return manifests.get(formatReference(reference))?.descriptor;
    },
    async getManifest(reference) {
      read(`get ${formatReference(reference)}`);
      return manifests.get(formatReference(reference));
    },
    async putManifest(reference, manifest) {
      const { digest } = manifest.descriptor;
      const line = isDigestRef(reference)
        ? formatReference(reference)
        : `${formatReference(reference)} ${digest}`;
      attempt(`put ${line}`);
      if (digestOf(manifest.bytes) !== digest) throw new Error('not the bytes of its digest');
      hold(reference, manifest);
      writes.push(`manifest ${line}`);
    },
    async moveTag(tag, manifest, from, mayWrite) {
      const name = formatReference(tag);
      const { digest } = manifest.descriptor;
      const present = manifests.get(name)?.descriptor.digest;
      if (present === digest) return { outcome: 'unchanged' };
      if (present !== from) return { outcome: 'taken', ...(present === undefined ? {} : { present }) };
      await mayWrite();
      attempt(`move ${name} ${digest}`);
      hold(tag, manifest);
      writes.push(`move ${name} ${digest}`);
      return { outcome: 'moved' };
    },
    async deleteTag(tag) {
      attempt(`delete ${formatReference(tag)}`);
      writes.push(`delete ${formatReference(tag)}`);
      return manifests.delete(formatReference(tag));
    },
    async putBlob(repository, blob) {
      contents.set(`${formatRepository(repository)} ${blob.descriptor.digest}`, blob.bytes);
      return 'uploaded';
    },
    async copyBlob(from, to, blob) {
      attempt(`copy ${formatRepository(to)} ${blob.digest}`);
      const bytes = contents.get(`${formatRepository(from)} ${blob.digest}`);
      if (bytes !== undefined) contents.set(`${formatRepository(to)} ${blob.digest}`, bytes);
      writes.push(`copy ${formatRepository(to)} ${blob.digest}`);
      return 'uploaded';
    },
    async pushBlob(repository, blob, _path, mountFrom) {
      const name = formatRepository(repository);
      running += 1;
      most = Math.max(most, running);
      await new Promise((done) => setImmediate(done));
      running -= 1;
      attempt(`blob ${name} ${blob.digest}`);
      const has = (where: string): boolean => blobs.has(`${where} ${blob.digest}`);
      const mounted = mountFrom.some((from) => has(formatRepository(from)));
      const outcome = has(name) ? 'existing' : mounted ? 'mounted' : 'uploaded';
      blobs.add(`${name} ${blob.digest}`);
      writes.push(`blob ${name} ${blob.digest} ${outcome}`);
      return outcome;
    },
    async referrers(subject, artifactType) {
      read(`referrers ${formatReference(subject)}`);
      const all = lists.get(formatReference(subject)) ?? [];
      return all.filter((each) => artifactType === undefined || each.artifactType === artifactType);
    },
    async attach(subject, referrers, arrived) {
      const line = `attach ${formatReference(subject)} ${referrers.length}`;
      attempt(line);
      const { repository } = subject;
      const list = lists.get(formatReference(subject)) ?? [];
      for (const { manifest, descriptor, blobs: own } of referrers) {
        for (const blob of own)
          contents.set(`${formatRepository(repository)} ${blob.descriptor.digest}`, blob.bytes);
        hold({ repository, digest: manifest.descriptor.digest }, manifest);
        if (!forgets && !list.some(({ digest }) => digest === descriptor.digest)) list.push(descriptor);
      }
      lists.set(formatReference(subject), list);
      writes.push(line);
      await arrived?.();
      return { by: 'api', listed: list };
    },
    async readBlob(repository, blob, limit) {
      read(`read ${formatRepository(repository)} ${blob.digest}`);
      const bytes = contents.get(`${formatRepository(repository)} ${blob.digest}`);
      if (bytes === undefined) throw new ReleaseError('REGISTRY_NOT_FOUND', blob.digest);
      if (bytes.byteLength > limit) throw new RangeError('too large');
      return bytes;
    },
    hasBlob: async (repository, { digest }) => blobs.has(`${formatRepository(repository)} ${digest}`),
    pullBlob: async () => undefined,
    checkPush: async () => undefined,
  };
}
