import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { type Digest, hexOf, isDigest } from '../../model/digest.ts';
import { blobPath, type StagingStore } from '../../model/image.ts';
import type { Ports } from '../../ports/index.ts';
import type { BlobSource } from './blob-source.ts';

type KeepPorts = Pick<Ports, 'clock' | 'files' | 'log'>;

/**
 * Layers as BuildKit exports them, kept on machines that stay (self-hosted runners). BuildKit sends no blob that lies in
 * the layout already, and sending is most of what an export costs. What is kept is named by its digest and hashed before
 * it is used, so that whoever can write there can break a build but not change it.
 */
export type KeptLayers = {
  /** Puts what is kept where the export will look for it. */
  lend(raw: StagingStore): Promise<void>;
  /** The source, which keeps what is new and says what is lent. */
  over(source: BlobSource, raw: StagingStore): BlobSource;
  /** Removes what no release has used for long, and the oldest beyond the limit. */
  tidy(): Promise<void>;
  /** Removes all that was lent: one of them may be damaged, and the next build must not stumble over it. */
  forget(): Promise<void>;
};

/** Smaller blobs are sent faster than they are kept. */
const WORTH_KEEPING = 256 * 1024;
const LIMIT_BYTES = 4 * 1024 ** 3;
const DAY_MS = 86_400_000;
const UNUSED_MS = 7 * DAY_MS;

const usedSchema = z.record(z.string(), z.number());

export function keptLayers(folder: string, ports: KeepPorts): KeptLayers {
  const { files, clock, log } = ports;
  const lent = new Set<Digest>();
  const seen = new Set<Digest>();
  const place = (digest: Digest): string => `${folder}/${hexOf(digest)}`;

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
    const temporary = `${folder}/new-${clock.now().getTime()}-${randomBytes(4).toString('hex')}`;
    await helping(async () => {
      await files.copy(path, temporary);
      await files.move(temporary, place(digest));
    });
  };

  return {
    lend: (raw) => helping(() => lend(raw)),
    over: (source, raw) => ({
      ...source,
      lent,
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
    tidy: () => helping(() => tidy(folder, seen, ports)),
    forget: () =>
      helping(async () => {
        for (const digest of lent) await files.remove(place(digest));
      }),
  };
}

/** When each layer was last used is kept beside them; two jobs that write it at once lose no more than a date. */
async function tidy(folder: string, used: ReadonlySet<Digest>, { files, clock }: KeepPorts): Promise<void> {
  const now = clock.now().getTime();
  const known = readUsed(await files.readTextIfExists(`${folder}/used.json`));
  const layers: { readonly name: string; readonly at: number; readonly size: number }[] = [];
  for (const name of await files.list(folder)) {
    const begun = /^new-(\d+)-/.exec(name)?.[1];
    if (begun !== undefined && now - Number(begun) > DAY_MS) await files.remove(`${folder}/${name}`);
    const digest = `sha256:${name}`;
    if (!isDigest(digest)) continue;
    const at = used.has(digest) ? now : (known[name] ?? now);
    layers.push({ name, at, size: (await files.size(`${folder}/${name}`)) ?? 0 });
  }
  let total = 0;
  const kept: Record<string, number> = {};
  for (const { name, at, size } of layers.sort((a, b) => b.at - a.at)) {
    total += size;
    if (now - at <= UNUSED_MS && total <= LIMIT_BYTES) kept[name] = at;
    else await files.remove(`${folder}/${name}`);
  }
  if (layers.length > 0) await files.write(`${folder}/used.json`, JSON.stringify(kept));
}

function readUsed(text: string | undefined): Readonly<Record<string, number>> {
  try {
    return usedSchema.parse(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}
