import * as z from 'zod/mini';
import { parsePlatform } from '../../model/descriptor.ts';
import { isDigest } from '../../model/digest.ts';
import { MEDIA } from '../../model/manifest.ts';
import { formatRepository, parseRepository } from '../../model/reference.ts';

/** What a handoff holds at most: nobody has to think about more than that. */
export const MOST = { images: 1000, platforms: 50, reports: 4, materials: 5000 } as const;

const line = z.string().check(z.minLength(1), z.maxLength(1000));
const lines = z.array(line).check(z.maxLength(1000));
const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/));
const digest = z.string().check(z.refine(isDigest, 'not a sha256 digest'));
const size = z.int().check(z.minimum(0));
const name = z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,127}$/));
/** A name that stays in its folder wherever it is written, and is that of nothing but such a report. */
const fileOf = (ending: string) =>
  z.string().check(
    z.regex(/^[a-z0-9][a-z0-9._-]{0,249}$/, 'not the plain name of a file in `reports`'),
    z.refine((text) => text.endsWith(ending), `not the name of a report of its kind (${ending})`),
  );
const report = z.union([
  z.object({ kind: z.literal('scan'), file: fileOf('.trivy.json'), digest }),
  z.object({ kind: z.literal('cyclonedx'), file: fileOf('.cdx.json'), digest }),
  z.object({ kind: z.literal('spdx'), file: fileOf('.spdx.json'), digest }),
]);
const platform = z.string().check(
  z.maxLength(100),
  z.refine((text) => parsePlatform(text) !== undefined, 'not os/architecture or os/architecture/variant'),
);
const repository = z.string().check(
  z.maxLength(600),
  z.refine((text) => {
    const parsed = parseRepository(text);
    return parsed !== undefined && formatRepository(parsed) === text;
  }, 'not a repository'),
);

const IMAGES: ReadonlySet<string> = new Set([MEDIA.ociManifest, MEDIA.dockerManifest]);

const material = z.object({
  uri: z.string().check(z.minLength(1), z.maxLength(2048)),
  digest: z.record(
    z.string().check(z.regex(/^[a-zA-Z0-9]{1,32}$/)),
    z.string().check(z.regex(/^[0-9a-f]{8,128}$/)),
  ),
});

const handedPlatform = z.object({
  platform,
  mediaType: z
    .string()
    .check(z.refine((text) => IMAGES.has(text), 'not the media type of an image manifest')),
  digest,
  manifestSize: size,
  origin: z.enum(['built', 'adopted', 'brought']),
  size,
  parents: z.record(name, digest),
  materials: z.optional(z.array(material).check(z.maxLength(MOST.materials))),
  packages: z.optional(size),
  reports: z.array(report).check(z.maxLength(MOST.reports)),
});

const handedImage = z.object({
  name,
  repositories: z.array(repository).check(z.maxLength(100)),
  definition: z.optional(line),
  top: z.optional(digest),
  platforms: z.array(handedPlatform).check(z.minLength(1), z.maxLength(MOST.platforms)),
});

/** handoff.json without its seal; all bounds of what strangers may have written stand here. */
export const handoffSchema = z.object({
  schemaVersion: z.literal(1),
  shard: name,
  repository: z.string().check(z.regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/)),
  revision: z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)),
  run: z.object({
    id: z.string().check(z.regex(/^\w{1,30}$/)),
    attempt: z.string().check(z.regex(/^[1-9]\d{0,8}$/)),
  }),
  bytes: z.enum(['registry', 'beside']),
  gate: z.object({
    scanners: z.array(z.enum(['vuln', 'secret'])).check(z.maxLength(2)),
    skipDirs: lines,
    skipFiles: lines,
    sbom: z.array(z.enum(['cyclonedx', 'spdx'])).check(z.maxLength(2)),
  }),
  scanner: z.object({
    name: z.literal('trivy'),
    version: line,
    database: z.optional(z.object({ updatedAt: line, digest: z.optional(line), source: line })),
  }),
  startedOn: time,
  scanned: z.object({ startedOn: time, finishedOn: time }),
  tools: z.array(z.object({ name: line, version: line, from: line })).check(z.maxLength(100)),
  images: z.array(handedImage).check(z.minLength(1), z.maxLength(MOST.images)),
});

export type HandoffDocument = z.infer<typeof handoffSchema>;
