import * as z from 'zod/mini';
import { type Digest, isDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';

/** https://docs.docker.com/reference/cli/docker/buildx/bake/#metadata-file */
const schema = z.record(
  z.string(),
  z.object({ 'containerimage.digest': z.string().check(z.refine(isDigest, 'not a sha256 digest')) }),
);

/** The digest of what bake exported for each target. Throws BUILD_FAILED when the file does not name all of them. */
export function readMetadata(text: string, targets: readonly string[]): ReadonlyMap<string, Digest> {
  const json = parseJson(text);
  const wanted = Object.fromEntries(targets.map((target) => [target, json[target]]));
  const parsed = schema.safeParse(wanted);
  if (!parsed.success)
    throw new ReleaseError('BUILD_FAILED', 'bake reported no digest for some of its targets', {
      hint: 'Re-run; if it stays, update buildx.',
      cause: parsed.error,
    });
  return new Map(
    Object.entries(parsed.data).flatMap(([target, { 'containerimage.digest': digest }]) =>
      isDigest(digest) ? [[target, digest]] : [],
    ),
  );
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : {};
}
