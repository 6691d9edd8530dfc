import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { type Digest, hexOf, isDigest } from '../../model/digest.ts';
import { blobPath, type StagingStore } from '../../model/image.ts';
import type { Ports } from '../../ports/index.ts';
import type { BlobSource, KeptBlocks } from './blob-source.ts';

type KeepPorts = Pick<Ports, 'clock' | 'files' | 'log'>;

/**
 * Layers as BuildKit exports them, and what deflating them made, kept on machines that stay (self-hosted runners). BuildKit sends no blob that lies in
 * the layout already, and sending is most of what an export costs. What is kept is named by its digest and hashed before
 * it is used, and deflated blocks are inflated and compared, so that whoever can write there can break a build but not
 * change it.
 */
export type KeptLayers = {
  /** Puts what is kept where the export will look for it; false when there is nothing. */
  lend(raw: StagingStore): Promise<boolean>;
  /** Of what is lent, what the last release of these images has used: this one will hardly differ much. */
  expected(): Promise<readonly Digest[]>;
  /** The source, which keeps what is new and says what is lent. */
  over(source: BlobSource, raw: StagingStore): BlobSource;
  /** Removes what no release has used for long, and the oldest beyond the limit. */
  tidy(): Promise<void>;
  /** Removes all that was lent: one of them may be damaged, and the next build must not stumble over it. */
  forget(): Promise<void>;
};

/** Smaller blobs are sent faster than they are kept. */
const WORTH_KEEPING = 256 * 1024;
/** The end of the name of deflated blocks, behind that of their layer. */
const DEFLATED = '.deflated';
const LIMIT_BYTES = 4 * 1024 ** 3;
const DAY_MS = 86_400_000;
const UNUSED_MS = 7 * DAY_MS;

const usedSchema = z.record(z.string(), z.number());
const lastSchema = z.record(z.string(), z.array(z.string()));

/** `images` tells the releases apart that run on this machine. */
export function keptLayers(folder: string, images: readonly string[], ports: KeepPorts): KeptLayers {
  const { files, clock, log } = ports;
  const lent = new Set<Digest>();
  const seen = new Set<Digest>();
  /** Those that are gzipped here. */
  const plain = new Set<Digest>();
  const place = (digest: Digest): string => `${folder}/${hexOf(digest)}`;
  const lastUsed = `${folder}/last.json`;
  const name = [...images].sort().join(' ');
  const temporary = (): string => `${folder}/new-${clock.now().getTime()}-${randomBytes(4).toString('hex')}`;

  /** What is kept only saves time: trouble with it must not end a release. */
  const helping = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.debug(
        `Layers kept on this machine are of no use: ${error instanceof Error ? error.message : error}`,
      );
    }
  };

  const lend = async (raw: StagingStore): Promise<void> => {
    for (const name of await files.list(folder)) {
      const digest = `sha256:${name}`;
      if (!isDigest(digest)) continue;
      await files.link(place(digest), blobPath(raw, digest));
      lent.add(digest);
    }
  };

  const keep = async (digest: Digest, path: string): Promise<void> => {
    if (((await files.size(path)) ?? 0) < WORTH_KEEPING) return;
    await helping(async () => {
      const begun = temporary();
      await files.copy(path, begun);
      await files.move(begun, place(digest));
    });
  };

  const deflated = (digest: Digest): KeptBlocks => {
    plain.add(digest);
    const earlier = `${place(digest)}${DEFLATED}`;
    const later = temporary();
    const settle = (left: boolean) =>
      helping(() => (left ? files.move(later, earlier) : files.remove(later)));
    return { files: { earlier, later }, settle };
  };

  return {
    lend: async (raw) => {
      await helping(() => lend(raw));
      return lent.size > 0;
    },
    over: (source, raw) => ({
      ...source,
      lent,
      deflated,
      fetch: async (digests) => {
        await source.fetch(digests);
        for (const digest of digests) {
          if (seen.has(digest)) continue;
          seen.add(digest);
          const path = blobPath(raw, digest);
          if (!lent.has(digest)) await keep(digest, path);
        }
      },
    }),
    expected: async () => {
      const last = read(lastSchema, await files.readTextIfExists(lastUsed).catch(() => undefined));
      return (last[name] ?? []).flatMap((hex) => [...lent].filter((digest) => hexOf(digest) === hex));
    },
    tidy: () =>
      helping(async () => {
        const left = await tidy(folder, seen, ports);
        const last = read(lastSchema, await files.readTextIfExists(lastUsed));
        const own = [...seen].filter((digest) => plain.has(digest)).map(hexOf);
        const all = Object.entries({ ...last, [name]: own })
          .map(([key, layers]) => [key, layers.filter((hex) => left.has(hex))] as const)
          .filter(([, layers]) => layers.length > 0);
        if (all.length > 0) await files.write(lastUsed, JSON.stringify(Object.fromEntries(all)));
        else await files.remove(lastUsed);
      }),
    forget: () =>
      helping(async () => {
        for (const digest of lent) await drop(place(digest), ports);
      }),
  };
}

/**
 * When each layer was last used is kept beside them; two jobs that write it at once lose no more than a date. Answers what is
 * left, in hex.
 */
async function tidy(
  folder: string,
  used: ReadonlySet<Digest>,
  { files, clock }: KeepPorts,
): Promise<ReadonlySet<string>> {
  const now = clock.now().getTime();
  const known = read(usedSchema, await files.readTextIfExists(`${folder}/used.json`));
  const layers: { readonly name: string; readonly at: number; readonly size: number }[] = [];
  for (const name of await files.list(folder)) {
    const begun = /^new-(\d+)-/.exec(name)?.[1];
    if (begun !== undefined && now - Number(begun) > DAY_MS) await files.remove(`${folder}/${name}`);
    const digest = `sha256:${name}`;
    if (!isDigest(digest)) continue;
    const at = used.has(digest) ? now : (known[name] ?? now);
    const [layer = 0, blocks = 0] = await Promise.all(
      ['', DEFLATED].map((end) => files.size(`${folder}/${name}${end}`)),
    );
    layers.push({ name, at, size: layer + blocks });
  }
  let total = 0;
  const kept: Record<string, number> = {};
  for (const { name, at, size } of layers.sort((a, b) => b.at - a.at)) {
    total += size;
    if (now - at <= UNUSED_MS && total <= LIMIT_BYTES) kept[name] = at;
    else await drop(`${folder}/${name}`, { files });
  }
  for (const name of await files.list(folder))
    if (name.endsWith(DEFLATED) && kept[name.slice(0, -DEFLATED.length)] === undefined)
      await files.remove(`${folder}/${name}`);
  if (layers.length > 0) await files.write(`${folder}/used.json`, JSON.stringify(kept));
  return new Set(Object.keys(kept));
}

async function drop(path: string, { files }: Pick<KeepPorts, 'files'>): Promise<void> {
  await files.remove(path);
  await files.remove(`${path}${DEFLATED}`);
}

/** What others may have written over is nothing. */
function read<T>(
  schema: { readonly parse: (value: unknown) => Readonly<Record<string, T>> },
  text: string | undefined,
): Readonly<Record<string, T>> {
  try {
    return schema.parse(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}
