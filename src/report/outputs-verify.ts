import { hexOf } from '../model/digest.ts';
import { formatReference, formatRepository } from '../model/reference.ts';
import type { Release } from '../model/release.ts';
import type { ImageReport } from '../model/verification.ts';

/**
 * The outputs that name images, for the command `verify`: only what was proven has a digest here, so that a job that goes
 * on in spite of a red step cannot take another one.
 */
export function verifiedOutputs({ verification }: Release) {
  const images = verification?.images ?? [];
  const proven = images.filter(({ ok }) => ok);
  const first = images[0]?.ok === true ? images[0] : undefined;
  return {
    image: first === undefined ? '' : (tagged(first)[0] ?? ''),
    digest: first?.ref.digest ?? '',
    'image-ref': first === undefined ? '' : formatReference(first.ref),
    images: JSON.stringify(proven.map(imageOutput)),
    digests: JSON.stringify(Object.fromEntries(proven.map(({ image, ref }) => [image, hexOf(ref.digest)]))),
    tags: proven.flatMap(tagged).join('\n'),
  };
}

function imageOutput(image: ImageReport) {
  return {
    name: image.image,
    repository: formatRepository(image.ref.repository),
    digest: image.ref.digest,
    ref: formatReference(image.ref),
    tags: tagsOf(image),
    platforms: image.subjects.flatMap(({ platform, digest }) =>
      platform === undefined ? [] : [{ platform, digest }],
    ),
    sbom: [],
    findings: {},
  };
}

/** The whole reference, if it was one by tag. */
function tagged(image: ImageReport): readonly string[] {
  return tagsOf(image).length === 0 ? [] : [image.reference];
}

/** The tag that was asked for, if it was one. */
function tagsOf({ reference, ref }: ImageReport): readonly string[] {
  const name = `${formatRepository(ref.repository)}:`;
  return reference.startsWith(name) ? [reference.slice(name.length)] : [];
}
