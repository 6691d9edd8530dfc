import * as z from 'zod/mini';
import { type Digest, isDigest } from '../../model/digest.ts';
import { type DigestRef, isDigestRef, parseReference } from '../../model/reference.ts';
import { jsonOf } from './kept.ts';

/** An image of a release record: all registries have the same digest. */
export type RecordedImage = { readonly name: string; readonly refs: readonly DigestRef[] };
export type ReleaseRecord = {
  readonly revision: string;
  readonly images: readonly RecordedImage[];
  /** Digest of the list of what the run could not sign, where it has left one. */
  readonly statements?: Digest;
};

/** The fields of release.json that say where the images are (docs/outputs.md). It is a claim of whoever wrote the file. */
const record = z.object({
  schemaVersion: z.literal(1),
  plan: z.object({ revision: z.string().check(z.regex(/^[0-9a-f]{40,64}$/)) }),
  images: z.array(
    z.object({
      name: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,127}$/)),
      subjects: z.array(z.string()),
    }),
  ),
  statements: z.nullish(z.object({ digest: z.string().check(z.refine(isDigest)) })),
});

/** The images that were pushed, or why the text is of no use. */
export function parseRecord(text: string): ReleaseRecord | { readonly fault: string } {
  const parsed = record.safeParse(jsonOf(text));
  if (!parsed.success) return { fault: 'it is no release.json of this version' };
  const images: RecordedImage[] = [];
  for (const { name, subjects } of parsed.data.images) {
    const refs = subjects.map(parseReference).filter((ref) => ref !== undefined && isDigestRef(ref));
    if (refs.length < subjects.length) return { fault: `the image ${name} has a reference without a digest` };
    if (new Set(refs.map(({ digest }) => digest)).size > 1)
      return { fault: `the image ${name} has different digests at its registries` };
    if (images.some((image) => image.name === name)) return { fault: `it names the image ${name} twice` };
    if (refs.length > 0) images.push({ name, refs });
  }
  const { plan, statements } = parsed.data;
  const kept = statements === undefined || statements === null ? undefined : statements.digest;
  return {
    revision: plan.revision,
    images,
    ...(kept === undefined || !isDigest(kept) ? {} : { statements: kept }),
  };
}

/** https://slsa.dev/spec/v1.1/provenance#byproducts */
const provenance = z.object({
  runDetails: z.object({ byproducts: z.array(z.object({ digest: z.object({ sha256: z.string() }) })) }),
});

/** Digests of the files that a proven provenance names as made beside the image; none where it has another form. */
export function byproductsOf(predicate: unknown): readonly string[] {
  const parsed = provenance.safeParse(predicate);
  return parsed.success
    ? parsed.data.runDetails.byproducts.map(({ digest }) => `sha256:${digest.sha256}`)
    : [];
}
