import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DefaultArtifactClient } from '@actions/artifact';
import { parseDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Artifacts, StoredArtifact } from '../../ports/artifacts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log, Quietly } from '../../ports/log.ts';
import { collectFiles } from './collect.ts';
import { unpack } from './unpack.ts';

type Client = Pick<DefaultArtifactClient, 'uploadArtifact' | 'listArtifacts' | 'downloadArtifact'>;

type Options = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Pick<Log, 'info'>;
  readonly quietly: Quietly;
  readonly clock: Pick<Clock, 'sleep' | 'elapsed'>;
  readonly load?: () => Promise<Client>;
};

/** The library itself asks up to five times where it gets an answer; these are for lost connections and broken uploads. */
const ATTEMPTS = 3;
const PAUSE_MS = 5000;
/** No attempt starts later; one alone ends within minutes, also when nothing answers. */
const PATIENCE_MS = 600_000;
/** What the library says of answers that another attempt does not change. */
const REFUSED = /\((?:400|401|403|404)\)|quota|no artifacts found|not currently supported|is not valid/i;
/** Within one attempt of a run the service takes a name once, also when its upload broke off. */
const AGAIN = /\.again-[0-9a-f]{8}$/;

/** Artifacts over @actions/artifact, which is loaded with the first use: it costs start-up. */
export function createArtifacts({ env, log, quietly, clock, load = loadClient }: Options): Artifacts {
  const available = Boolean(env.ACTIONS_RUNTIME_TOKEN && env.ACTIONS_RESULTS_URL) && isCloud(env);
  const ask = async <T>(what: string, work: (client: Client, attempt: number) => Promise<T>): Promise<T> => {
    if (!available)
      throw new ReleaseError(
        'ARTIFACT_UNAVAILABLE',
        `there is no service of workflow artifacts here: ${what}`,
        {
          hint: 'Run this command in a job of GitHub Actions: the runner gives its actions ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL.',
        },
      );
    const client = await load();
    const giveUp = clock.elapsed() + PATIENCE_MS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await quietly('The service of workflow artifacts', () => work(client, attempt));
      } catch (cause) {
        // Advice to whom it may concern follows on more lines.
        const [why = ''] = textOf(cause).split('\n');
        if (attempt === ATTEMPTS || clock.elapsed() > giveUp || REFUSED.test(why))
          throw new ReleaseError('ARTIFACT_UNAVAILABLE', `${what}: ${why}`, { cause, ...hintFor(why) });
        log.info(`Not yet: ${what}: ${why}. Trying again from the beginning.`);
        await clock.sleep(PAUSE_MS * attempt);
      }
    }
  };

  return {
    available,
    async upload(name, folder) {
      const files = await collectFiles(folder);
      if (files.length === 0)
        throw new ReleaseError('INTERNAL', `nothing is to be uploaded as ${name}: ${folder}`);
      const { id, size, digest } = await ask(`the artifact ${name} cannot be uploaded`, (client, attempt) => {
        const as = attempt === 1 ? name : `${name}.again-${randomBytes(4).toString('hex')}`;
        // What we hand over is compressed already, or small. Nothing unpacks to more than it was.
        return client.uploadArtifact(as, [...files], folder, { compressionLevel: 0 });
      });
      return stored(name, { id: id ?? 0, size: size ?? 0, digest: `sha256:${digest}` });
    },
    async list(prefix) {
      const { artifacts } = await ask(`the artifacts of this run cannot be listed (${prefix}…)`, (client) =>
        client.listArtifacts(),
      );
      const newest = new Map<string, StoredArtifact>();
      for (const found of artifacts.toSorted((a, b) => a.id - b.id)) {
        const name = found.name.replace(AGAIN, '');
        if (name.startsWith(prefix)) newest.set(name, stored(name, found));
      }
      return [...newest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async download(artifact, folder) {
      const parent = dirname(folder);
      await mkdir(parent, { recursive: true });
      const part = await mkdtemp(join(parent, `.${basename(folder)}-`));
      try {
        await checkRoom(artifact, part);
        const archive = await fetchArchive(artifact, part);
        await unpackInto(archive, join(part, 'files'), artifact);
        await rename(join(part, 'files'), folder);
      } finally {
        await rm(part, { recursive: true, force: true });
      }
    },
  };

  /** The library would unpack it as well, but with nothing bounded: so it only brings the archive, by whatever name. */
  async function fetchArchive({ name, id, digest }: StoredArtifact, part: string): Promise<string> {
    const expected = digest === undefined ? {} : { expectedHash: digest };
    const { path, isOther } = await ask(
      `the artifact ${name} cannot be downloaded`,
      async (client, attempt) => {
        const path = join(part, `archive-${attempt}`);
        const options = { path, skipDecompress: true, ...expected };
        return { path, isOther: (await client.downloadArtifact(id, options)).digestMismatch === true };
      },
    );
    if (isOther) throw invalid(name, `its bytes do not have the digest that the service tells: ${digest}`);
    const came = await readdir(path);
    const [file] = came;
    if (file === undefined || came.length > 1)
      throw invalid(name, `it came as ${came.length} files, not as one`);
    return join(path, file);
  }
}

/** For what a re-run alone does not mend; for the rest that of the catalogue. */
function hintFor(why: string): { readonly hint?: string } {
  if (/quota/i.test(why))
    return {
      hint: 'Delete old artifacts of the account or shorten their retention, and re-run when the quota is free.',
    };
  if (/not currently supported/.test(why))
    return {
      hint: 'A GitHub Enterprise Server has no such service: build and release in one job, or carry the files to the next one yourself.',
    };
  return {};
}

async function loadClient(): Promise<Client> {
  const { DefaultArtifactClient } = await import('@actions/artifact');
  return new DefaultArtifactClient();
}

function stored(
  name: string,
  { id, size, digest }: { readonly id: number; readonly size: number; readonly digest?: string | undefined },
): StoredArtifact {
  const known = digest === undefined ? undefined : parseDigest(digest);
  return { name, id, size, ...(known === undefined ? {} : { digest: known }) };
}

/** The archive, and beside it what it holds. */
async function checkRoom({ name, size }: StoredArtifact, folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= 2 * size) return;
  throw new ReleaseError(
    'DISK_LOW',
    `the artifact ${name} needs ${2 * size} bytes while it is unpacked, and ${free} are free: ${folder}`,
  );
}

/** Codes of a disk that cannot have both of two entries, or none of that name. */
const IMPOSSIBLE = new Set(['EEXIST', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG']);

async function unpackInto(archive: string, folder: string, { name }: StoredArtifact): Promise<void> {
  try {
    await unpack(archive, folder);
  } catch (cause) {
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
    if (cause instanceof RangeError || IMPOSSIBLE.has(code)) throw invalid(name, textOf(cause), cause);
    if (code === 'ENOSPC')
      throw new ReleaseError('DISK_LOW', `the artifact ${name} does not fit: ${folder}`, { cause });
    throw cause;
  }
}

function invalid(name: string, why: string, cause?: unknown): ReleaseError {
  return new ReleaseError('ARTIFACT_INVALID', `the artifact ${name} cannot be used: ${why}`, { cause });
}

/** GitHub Enterprise Server has the variables, and not this service. */
function isCloud({ GITHUB_SERVER_URL = 'https://github.com' }: Options['env']): boolean {
  const host = URL.parse(GITHUB_SERVER_URL)?.hostname ?? '';
  return host === 'github.com' || host.endsWith('.ghe.com') || host.endsWith('.localhost');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
