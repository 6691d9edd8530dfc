import { formatPlatform, type Platform, platformSlug, samePlatform } from '../model/descriptor.ts';
import { type Problem, problem } from '../model/errors.ts';
import type { PlannedImage } from '../model/plan.ts';
import type { Runner, Shard } from '../model/shard.ts';
import { groupsOf, joinGroups } from './groups.ts';

type Image = Pick<PlannedImage, 'name' | 'source' | 'platforms' | 'parents'>;
type Runs = {
  readonly images: readonly Image[];
  readonly runner: Runner;
  readonly platforms: readonly Platform[];
};

/** https://docs.github.com/en/actions/reference/limits#existing-system-limits */
export const MOST_SHARDS = 256;
const LONGEST_NAME = 80;

/**
 * How the builds of a release are spread over jobs: images that stand on each other × the platforms of the runners. Without
 * runners it is one job that makes all. Names and order follow from the images and runners alone.
 */
export function planShards(
  images: readonly Image[],
  runners: readonly Runner[],
): { readonly shards: readonly Shard[]; readonly problems: readonly Problem[] } {
  const [common] = runners;
  if (images.length === 0) return { shards: [], problems: [] };
  if (common === undefined) {
    const all = { name: 'all', images: images.map(({ name }) => name), platforms: [] };
    return { shards: [{ ...all, labels: ['ubuntu-latest'] }], problems: [] };
  }
  const groups = groupsOf(images);
  const whole = groups.filter((group) => group.every(isWhole));
  const spread = groups.filter((group) => !group.every(isWhole));
  const runs: readonly Runs[] = [
    ...joinGroups(whole, common.jobs).map((joined) => ({ images: joined, runner: common, platforms: [] })),
    ...runners.flatMap((runner) => {
      const parts = spread
        .map((group) => group.filter(({ platforms }) => has(platforms, runner.platform)))
        .filter((part) => part.length > 0);
      return joinGroups(parts, runner.jobs).map((joined) => ({
        images: joined,
        runner,
        platforms: [runner.platform],
      }));
    }),
  ];
  const place = new Map(images.map(({ name }, index) => [name, index]));
  const first = ({ images: [image] }: Runs) => place.get(image?.name ?? '') ?? 0;
  const shards = named(runs.toSorted((a, b) => first(a) - first(b)));
  return {
    shards,
    problems: [
      ...unservedPlatforms(spread.flat(), runners),
      ...spread.flatMap(unequalParents),
      ...(shards.length > MOST_SHARDS ? [tooMany(shards.length)] : []),
    ],
  };
}

/** Made by one job: brought bytes are there with all their platforms, and an image that names none has the builder's own. */
function isWhole({ source, platforms }: Image): boolean {
  return source.kind !== 'bake' || platforms.length === 0;
}

function has(platforms: readonly Platform[], wanted: Platform): boolean {
  return platforms.some((platform) => samePlatform(platform, wanted));
}

function named(runs: readonly Runs[]): readonly Shard[] {
  const taken = new Set<string>();
  return runs.map(({ images, runner, platforms }) => {
    const nameOf = (suffix: string) => shardName(images[0]?.name ?? '', platforms, suffix);
    let name = nameOf('');
    for (let i = 2; taken.has(name); i += 1) name = nameOf(`-${i}`);
    taken.add(name);
    return { name, images: images.map((image) => image.name), platforms, labels: runner.labels };
  });
}

/** `base-linux-amd64`: the first image with the platforms; at most 80 characters of [a-z0-9._-]. */
export function shardName(image: string, platforms: readonly Platform[], suffix = ''): string {
  const where = platforms.map((platform) => `-${platformSlug(platform)}`).join('');
  const end = `${where.slice(0, LONGEST_NAME / 2)}${suffix}`;
  return `${image.slice(0, LONGEST_NAME - end.length)}${end}`;
}

function unservedPlatforms(images: readonly Image[], runners: readonly Runner[]): readonly Problem[] {
  const served = runners.map(({ platform }) => platform);
  const unserved = new Map<string, string[]>();
  for (const { name, platforms } of images)
    for (const platform of platforms.filter((each) => !has(served, each))) {
      const text = formatPlatform(platform);
      unserved.set(text, [...(unserved.get(text) ?? []), name]);
    }
  return [...unserved].map(([platform, names]) =>
    problem(
      'INPUT_INVALID',
      `config \`runners\` has no runner for a platform of ${names.join(', ')}: ${platform}`,
      `Add ${platform} to \`runners\`, or take it from the platforms of the images.`,
    ),
  );
}

/** A parent is built in the job of its child, so it must have the child's platforms. */
function unequalParents(group: readonly Image[]): readonly Problem[] {
  const byName = new Map(group.map((image) => [image.name, image]));
  return group.flatMap(({ name, platforms, parents }) =>
    parents.flatMap((parentName) => {
      const parent = byName.get(parentName);
      if (parent === undefined) return [];
      const lacks = platforms.filter((platform) => !has(parent.platforms, platform)).map(formatPlatform);
      if (lacks.length === 0 && (platforms.length > 0 || parent.platforms.length === 0)) return [];
      const what =
        platforms.length === 0
          ? `the image ${name} names no platforms, but ${parentName}, which it stands on, does`
          : `the image ${name} has platforms that ${parentName}, which it stands on, has not: ${lacks.join(', ')}`;
      const hint =
        'With `runners`, give images that stand on each other the same platforms, or the parent more.';
      return [problem('INPUT_INVALID', what, hint)];
    }),
  );
}

function tooMany(shards: number): Problem {
  return problem(
    'INPUT_INVALID',
    `config \`runners\` makes more than the ${MOST_SHARDS} jobs that a matrix of GitHub may have: ${shards}`,
    'Set `jobs` of the platforms in `runners`, such as `linux/amd64: { labels: ubuntu-latest, jobs: 20 }`.',
  );
}
