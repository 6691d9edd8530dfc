import { formatPlatform, type Platform, samePlatform } from '../../model/descriptor.ts';
import { type Digest, hexOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PushedImage } from '../../model/image.ts';
import type { Material } from '../../model/material.ts';
import { purlOfImage } from '../../model/purl.ts';

/**
 * What one platform of an image, or its index (`platform` undefined), is made from: its parents of this release by the
 * digests they were pushed with, then what BuildKit says. BuildKit knows a parent of this release by the digest that it has
 * on the builder, or not at all, so ours come first.
 */
export function materialsOf(
  image: PushedImage,
  platform: Platform | undefined,
  all: readonly PushedImage[],
): readonly Material[] {
  const parents = image.planned.parents.map((name) => parentMaterial(image, name, platform, all));
  const platforms = image.platforms.filter(
    (each) => platform === undefined || samePlatform(each.platform, platform),
  );
  const found = platforms.flatMap(({ materials }) => materials ?? []);
  const known = new Set(parents.map(({ digest }) => digest.sha256));
  // An adopted parent went in as a layout of the runner.
  const others = found.filter(
    ({ uri, digest }) => !uri.startsWith('pkg:oci/') || !isParent(digest.sha256, image, all, known),
  );
  return distinct([...parents, ...others]);
}

function isParent(
  sha256: string | undefined,
  { planned }: PushedImage,
  all: readonly PushedImage[],
  known: ReadonlySet<string | undefined>,
): boolean {
  if (sha256 === undefined || known.has(sha256)) return true;
  return all.some(
    (each) => planned.parents.includes(each.planned.name) && hexOf(each.descriptor.digest) === sha256,
  );
}

function parentMaterial(
  child: PushedImage,
  name: string,
  platform: Platform | undefined,
  all: readonly PushedImage[],
): Material {
  const parent = all.find((each) => each.planned.name === name);
  if (parent === undefined)
    throw new ReleaseError(
      'INTERNAL',
      `${child.planned.name} is built on ${name}, which is not in this release`,
    );
  const same = parent.platforms.find(
    (each) => platform !== undefined && samePlatform(each.platform, platform),
  );
  return packageUrl(parent, same?.descriptor.digest ?? parent.descriptor.digest, same?.platform);
}

export function packageUrl(image: PushedImage, digest: Digest, platform?: Platform): Material {
  const [repository] = image.planned.repositories;
  if (repository === undefined)
    throw new ReleaseError('INTERNAL', `an image without a repository: ${image.planned.name}`);
  const more = platform === undefined ? {} : { platform: formatPlatform(platform) };
  return { uri: purlOfImage(repository, digest, more), digest: { sha256: hexOf(digest) } };
}

function distinct(materials: readonly Material[]): readonly Material[] {
  return [...new Map(materials.map((each) => [JSON.stringify([each.uri, each.digest]), each])).values()];
}
