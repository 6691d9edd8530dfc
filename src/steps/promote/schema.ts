import * as z from 'zod/mini';
import { type Digest, isDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';

const text = z.string().check(z.maxLength(1000));
const digest = z.pipe(
  z.string().check(z.refine(isDigest, 'not a sha256 digest')),
  z.transform((value, context): Digest => {
    if (isDigest(value)) return value;
    context.issues.push({ code: 'custom', message: 'not a sha256 digest', input: value });
    return z.NEVER;
  }),
);
const serial = z.number().check(z.int(), z.gte(1));
const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/));
const run = z.object({ id: text, attempt: z.number().check(z.int(), z.gte(0)), url: text });
const artifacts = z.array(z.object({ name: text, ref: text, digest })).check(z.maxLength(1000));
const images = z
  .array(
    z.object({
      image: text,
      repository: text,
      digest,
      mirrors: z.exactOptional(z.array(text).check(z.maxLength(100))),
    }),
  )
  .check(z.maxLength(1000));

const entryShape = {
  version: text,
  immutable_tag: text,
  moving_tags: z.array(text).check(z.maxLength(100)),
  images,
  artifacts,
  generated_at: time,
  serial,
  kind: z.enum(['promote', 'rollback']),
  revision: text,
  revision_date: z.exactOptional(text),
  evidence: z.enum(['attested', 'unattested']),
  actor: text,
  run,
  force: z.exactOptional(z.object({ reason: text })),
  reason: z.exactOptional(text),
  unproven: z.exactOptional(z.literal(true)),
};

/** One state that a channel was in. */
export const entrySchema = z.object(entryShape);

export const documentSchema = z.object({
  channel: text,
  ...entryShape,
  previous: z.exactOptional(serial),
  history: z.array(entrySchema).check(z.maxLength(1000)),
  withdrawn: z
    .array(z.object({ version: text, immutable_tag: text, revision: text, serial }))
    .check(z.maxLength(1000)),
  signature: z.enum(['pending', 'unsigned']),
});

const repository = z.object({ registry: text, path: text });

export const claimSchema = z.object({
  nonce: text,
  expires: time,
  base: z.exactOptional(digest),
  run,
  actor: text,
  moves: z
    .array(
      z.object({
        image: text,
        ref: z.object({ repository, tag: text }),
        from: z.exactOptional(digest),
        to: digest,
      }),
    )
    .check(z.maxLength(10_000)),
  change: z.object({
    entry: entrySchema,
    target: z.exactOptional(serial),
    keep: z.number().check(z.int(), z.gte(0), z.lte(1000)),
    isBaseProven: z.boolean(),
    signature: z.enum(['pending', 'unsigned']),
  }),
});

/** The document of all channels: each entry is kept as it is, whoever wrote it. */
export const aggregateSchema = z.object({ channels: z.record(text, z.unknown()) });

const numbered = z.looseObject({ serial });

/** 0 for what is no entry. */
export function serialOf(entry: unknown): number {
  const parsed = numbered.safeParse(entry);
  return parsed.success ? parsed.data.serial : 0;
}

/** Bytes of a blob as what they must be. `where` names them for the message. Throws REGISTRY_UNAVAILABLE. */
export function parseJson<T>(bytes: Uint8Array, schema: z.ZodMiniType<T>, where: string): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    const message = `${where} is not what this action has written there`;
    const hint =
      'Look who writes this tag. Without it, the channel starts anew with the next promotion: its history is lost, its images are not.';
    throw new ReleaseError('REGISTRY_UNAVAILABLE', message, { hint, cause });
  }
}
