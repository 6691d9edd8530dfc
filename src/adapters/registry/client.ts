import { createSlots } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Encoded } from '../../model/manifest.ts';
import {
  type DigestRef,
  formatReference,
  formatRepository,
  type Reference,
  type Repository,
  type TagRef,
} from '../../model/reference.ts';
import type { Attached, BlobOutcome, Referrer, Registry, TagMoveOutcome } from '../../ports/registry.ts';
import { type AttachTools, attach } from './attach.ts';
import type { Authenticator } from './auth.ts';
import { checkPush } from './check-push.ts';
import { copyBlob } from './copy-blob.ts';
import type { FindLogin } from './credentials.ts';
import { hasBlob, pullBlob, readBlob } from './downloads.ts';
import { explain } from './explain.ts';
import { RegistryFailure } from './failure.ts';
import { getManifest, NotReadBack, putManifest, resolveManifest } from './manifests.ts';
import { listReferrers } from './referrers.ts';
import { newPace, type Settling } from './settle.ts';
import { deleteTag, moveTag } from './tags.ts';
import type { Call, Transport } from './transport.ts';
import { pushBlob, type Source } from './uploads.ts';

type Access = Call['access'];

/** So many are written to at one registry; those that wait for other writers do not count. */
const SUBJECTS_AT_ONCE = 16;

type Writing = Pick<AttachTools, 'lists' | 'pace' | 'slots'>;

/** Our registry client: what it knows of tokens, blobs and rights lives as long as the run. */
export class RegistryClient implements Registry {
  readonly #transport: Transport;
  readonly #auth: Authenticator;
  readonly #findLogin: FindLogin;
  /** Transfers by repository and digest: running, or known to be there. */
  readonly #blobs = new Map<string, Promise<BlobOutcome>>();
  /** Those that this run has sent. */
  readonly #sent = new Set<string>();
  /** Repositories that we push to: one token with both rights serves reads too. */
  readonly #pushed = new Set<string>();

  /** The last writer to each subject: the next one waits for it, so that we do not race with ourselves. */
  readonly #writers = new Map<string, Promise<unknown>>();
  readonly #settling: Settling;
  /** By registry. */
  readonly #writing = new Map<string, Writing>();

  constructor(transport: Transport, auth: Authenticator, findLogin: FindLogin, settling: Settling) {
    this.#transport = transport;
    this.#auth = auth;
    this.#findLogin = findLogin;
    this.#settling = settling;
  }

  resolve(reference: Reference): Promise<Descriptor | undefined> {
    return this.#read(reference.repository, (access) => resolveManifest(this.#transport, reference, access));
  }

  getManifest(reference: Reference): Promise<Encoded | undefined> {
    return this.#read(reference.repository, (access) => getManifest(this.#transport, reference, access));
  }

  async putManifest(reference: Reference, manifest: Encoded): Promise<void> {
    this.#pushed.add(formatRepository(reference.repository));
    await this.#explained(reference.repository, () => putManifest(this.#transport, reference, manifest));
  }

  async moveTag(
    tag: TagRef,
    manifest: Encoded,
    from: Digest | undefined,
    mayWrite: () => Promise<void>,
  ): Promise<TagMoveOutcome> {
    this.#pushed.add(formatRepository(tag.repository));
    return this.#explained(tag.repository, () => moveTag(this.#transport, { tag, manifest, from, mayWrite }));
  }

  async deleteTag(tag: TagRef): Promise<boolean> {
    return this.#explained(tag.repository, () => deleteTag(this.#transport, tag));
  }

  putBlob(repository: Repository, { descriptor, bytes }: Encoded): Promise<BlobOutcome> {
    return this.#pushBlob(repository, descriptor, { bytes }, []);
  }

  async copyBlob(from: Repository, to: Repository, blob: Descriptor): Promise<BlobOutcome> {
    return this.#once(to, blob, () =>
      this.#read(from, (access) =>
        copyBlob(this.#transport, { from, to, blob, access }).catch(async (error) => {
          const isTheirs = error instanceof RegistryFailure && error.target === formatRepository(to);
          throw isTheirs ? await this.#explain(to, error) : error;
        }),
      ),
    );
  }

  pushBlob(
    repository: Repository,
    blob: Descriptor,
    path: string,
    mountFrom: readonly Repository[],
  ): Promise<BlobOutcome> {
    return this.#pushBlob(repository, blob, { path }, mountFrom);
  }

  referrers(subject: DigestRef, artifactType?: string): Promise<readonly Descriptor[]> {
    const wanted = artifactType === undefined ? {} : { artifactType };
    return this.#read(subject.repository, (access) =>
      listReferrers(this.#transport, { subject, access, ...wanted }),
    );
  }

  async attach(
    subject: DigestRef,
    referrers: readonly Referrer[],
    arrived?: () => Promise<void>,
  ): Promise<Attached> {
    const { repository } = subject;
    const key = formatReference(subject);
    this.#pushed.add(formatRepository(repository));
    const push = async (blob: Descriptor, bytes: Uint8Array): Promise<void> => {
      await this.#pushBlob(repository, blob, { bytes }, []);
    };
    const attaching = (this.#writers.get(key) ?? Promise.resolve()).then(() =>
      this.#explained(repository, () =>
        attach(
          { transport: this.#transport, settling: this.#settling, push, ...this.#writingAt(repository) },
          subject,
          referrers,
          arrived,
        ),
      ),
    );
    this.#writers.set(
      key,
      attaching.catch(() => undefined),
    );
    return attaching;
  }

  #writingAt({ registry }: Repository): Writing {
    const known = this.#writing.get(registry) ?? {
      pace: newPace(),
      slots: createSlots(SUBJECTS_AT_ONCE),
      lists: {},
    };
    this.#writing.set(registry, known);
    return known;
  }

  readBlob(repository: Repository, blob: Descriptor, limit: number): Promise<Uint8Array> {
    return this.#read(repository, (access) => readBlob(this.#transport, { repository, blob, access }, limit));
  }

  async hasBlob(repository: Repository, blob: Descriptor): Promise<boolean> {
    const isThere = await this.#read(repository, (access) =>
      hasBlob(this.#transport, { repository, blob, access }),
    );
    const key = keyOf(repository, blob);
    if (isThere && !this.#blobs.has(key)) this.#blobs.set(key, Promise.resolve('existing'));
    return isThere;
  }

  async #pushBlob(
    repository: Repository,
    blob: Descriptor,
    source: Source,
    mountFrom: readonly Repository[],
  ): Promise<BlobOutcome> {
    const others = mountFrom.filter((from) => isOther(from, repository));
    const isNew = others.some((from) => this.#sent.has(keyOf(from, blob)));
    return this.#once(repository, blob, () =>
      this.#explained(repository, () =>
        pushBlob(this.#transport, { repository, blob, source, mountFrom: others, isNew }),
      ),
    );
  }

  /** Those who want the same blob at the same place share one transfer. */
  async #once(
    repository: Repository,
    blob: Descriptor,
    work: () => Promise<BlobOutcome>,
  ): Promise<BlobOutcome> {
    const key = keyOf(repository, blob);
    this.#pushed.add(formatRepository(repository));
    const running = this.#blobs.get(key);
    if (running !== undefined) return running.then(() => 'existing');
    const transfer = work().then((outcome) => {
      if (outcome === 'uploaded') this.#sent.add(key);
      return outcome;
    });
    this.#blobs.set(key, transfer);
    transfer.catch(() => this.#blobs.delete(key));
    return transfer;
  }

  pullBlob(repository: Repository, blob: Descriptor, path: string): Promise<void> {
    return this.#read(repository, (access) => pullBlob(this.#transport, { repository, blob, path, access }));
  }

  async checkPush(repository: Repository, probe: boolean): Promise<void> {
    await this.#explained(repository, () => checkPush(this.#transport, this.#auth, repository, probe));
    this.#pushed.add(formatRepository(repository));
  }

  /**
   * Reads with the narrower right; where a login is refused that, once more with both: some token services (quay.io)
   * show a repository that does not exist yet only to those who may create it.
   */
  async #read<T>(repository: Repository, read: (access: Access) => Promise<T>): Promise<T> {
    const name = formatRepository(repository);
    return this.#explained(repository, async () => {
      if (this.#pushed.has(name)) return read('push');
      try {
        return await read('pull');
      } catch (error) {
        if (!isRefusal(error) || (await this.#findLogin(repository.registry)) === undefined) throw error;
        return read('push').catch(() => Promise.reject(error));
      }
    });
  }

  async #explained<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.#explain(repository, error);
    }
  }

  async #explain(repository: Repository, error: unknown): Promise<unknown> {
    if (error instanceof NotReadBack) {
      const hint =
        'Re-run; if it stays, somebody else writes the same tag, or the registry is not consistent.';
      return new ReleaseError('DIGEST_MISMATCH', error.message, { hint, cause: error });
    }
    if (!(error instanceof RegistryFailure)) return error;
    const login = await this.#findLogin(repository.registry).catch(() => undefined);
    return explain(error, { repository, login });
  }
}

function keyOf(repository: Repository, { digest }: Descriptor): string {
  return `${formatRepository(repository)}@${digest}`;
}

function isOther(from: Repository, to: Repository): boolean {
  return from.registry === to.registry && from.path !== to.path;
}

function isRefusal(error: unknown): boolean {
  return error instanceof RegistryFailure && (error.status === 401 || error.status === 403);
}
