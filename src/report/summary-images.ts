import { formatPlatform } from '../model/descriptor.ts';
import { type Digest, shortDigest } from '../model/digest.ts';
import type { BuiltImage, TagOutcome } from '../model/image.ts';
import { formatReference, formatRepository } from '../model/reference.ts';
import type { Release } from '../model/release.ts';
import { formatBytes } from './format.ts';
import {
  type Findings,
  findingsOf,
  firstRepository,
  pulledRefs,
  type ReportedImage,
  reportedImages,
  topOf,
} from './images.ts';
import { code, table, text } from './markdown.ts';

const ORIGINS: Readonly<Record<BuiltImage['origin'], string>> = {
  built: 'built',
  adopted: 'adopted from the registry',
  brought: 'brought',
};

/** Images × platforms with digest, size and findings. */
export function imagesSection(release: Release): string {
  const rows = reportedImages(release).flatMap(imageRows);
  const head = ['Image', 'Platform', 'Digest', 'Size', 'Critical', 'High', 'Medium', 'Low', 'Secrets'];
  return table({ head, rows }, 200_000, 'the output `images` and release.json have all of them.');
}

function imageRows(image: ReportedImage): readonly (readonly string[])[] {
  const { planned, inspection, released } = image;
  const made = released ?? inspection?.image;
  if (made === undefined) return [];
  const top = topOf(image);
  const earlier = inspection?.attested;
  const verdict = earlier === undefined ? '' : `; verdict of ${text(earlier.signedAt)}, attested`;
  const name = `**${text(planned.name)}** (${ORIGINS[made.origin]}${verdict})`;
  const counts = inspection === undefined ? undefined : findingsOf(inspection);
  const [only] = made.platforms;
  // Without an index: the image has no other platform, or other jobs make them.
  const isOne = made.platforms.length === 1 && only?.descriptor.digest === (top ?? only?.descriptor)?.digest;
  const shown = isOne ? only?.descriptor : top;
  const first = [
    name,
    isOne && only !== undefined ? text(formatPlatform(only.platform)) : top === undefined ? 'a part' : 'all',
    shown === undefined ? '–' : code(shortDigest(shown.digest)),
    made.size === 0 ? '–' : formatBytes(made.size),
    ...cells(counts),
  ];
  return isOne ? [first] : [first, ...platformRows(image, made.platforms)];
}

function platformRows(
  { inspection }: ReportedImage,
  platforms: BuiltImage['platforms'],
): readonly (readonly string[])[] {
  return platforms.map(({ platform, descriptor }) => {
    const name = formatPlatform(platform);
    const seen = inspection?.platforms.find((each) => formatPlatform(each.platform) === name);
    const counts =
      inspection === undefined || seen === undefined
        ? undefined
        : findingsOf({ image: inspection.image, platforms: [seen] });
    return ['', text(name), code(shortDigest(descriptor.digest)), '', ...cells(counts)];
  });
}

function cells(counts: Findings | undefined): readonly string[] {
  if (counts === undefined) return ['–', '–', '–', '–', '–'];
  const { critical, high, medium, low, secrets } = counts;
  return [critical, high, medium, low, secrets].map(String);
}

/** One command for each image, by digest: what is pulled is what was scanned. */
export function pullSection({ images }: Release): string {
  const lines = images.flatMap(pulledRefs).map((ref) => `docker pull ${formatReference(ref)}`);
  if (lines.length === 0) return '';
  const shown = lines.slice(0, 200);
  const rest = lines.length - shown.length;
  const note = rest > 0 ? `\n${rest} more images are in the output \`images\`.\n` : '';
  return `\`\`\`sh\n${shown.join('\n')}\n\`\`\`\n${note}`;
}

/** Every tag with what became of it. */
export function tagsSection({ images }: Release): string {
  const rows = images.flatMap((image) =>
    image.tags.map((tag) => [
      code(formatReference(tag.ref)),
      tag.kind,
      outcome(tag, image.descriptor.digest),
    ]),
  );
  return table({ head: ['Tag', 'Kind', 'Outcome'], rows }, 120_000, 'release.json has all of them.');
}

function outcome({ outcome: what, previous, reason }: TagOutcome, now: Digest): string {
  const why = reason === undefined ? '' : `: ${text(reason)}`;
  switch (what) {
    case 'moved':
      return previous === undefined
        ? `moved to ${code(shortDigest(now))}${why}`
        : `moved from ${code(shortDigest(previous))} to ${code(shortDigest(now))}${why}`;
    case 'kept':
      return `left alone${previous === undefined ? '' : ` at ${code(shortDigest(previous))}`}${why}`;
    case 'created':
    case 'unchanged':
      return `${what}${why}`;
  }
}

/** `ghcr.io/acme/base`, of the required registry. */
export function repositoryWords(image: ReportedImage['planned']): string {
  const repository = firstRepository(image);
  return repository === undefined ? '' : formatRepository(repository);
}
