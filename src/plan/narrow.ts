import { formatPlatform, type Platform, samePlatform } from '../model/descriptor.ts';
import { type Problem, problem } from '../model/errors.ts';
import type { FanOutInputs, Inputs } from '../model/inputs.ts';
import type { PlannedImage } from '../model/plan.ts';
import type { Shard } from '../model/shard.ts';
import { shardName } from './shards.ts';

export type Narrowed = {
  readonly images: readonly PlannedImage[];
  /** Undefined: there is no such shard. */
  readonly shard?: string;
  readonly problems: readonly Problem[];
};

/** Whether a job is about its shard alone. One that has the handoffs of the others is about the whole set. */
export function isPart({ command, fanOut }: Pick<Inputs, 'command' | 'fanOut'>): boolean {
  return command === 'build' && (fanOut.shard !== undefined || fanOut.handoffs.length === 0);
}

/**
 * What one job builds of the planned images: those of its shard, with the platforms of its shard. Hashes and annotations stay
 * those of the whole, so that what is made here is equal to what one job would make of all.
 */
export function narrowImages(
  images: readonly PlannedImage[],
  shards: readonly Shard[],
  { shard, platforms = [] }: Pick<FanOutInputs, 'shard' | 'platforms'>,
): Narrowed {
  if (shard === undefined) return ofPlatforms(images, platforms);
  const mine = shards.find(({ name }) => name === shard);
  if (mine === undefined) return { images, problems: [unknownShard(shard, shards)] };
  const own = images.filter(({ name }) => mine.images.includes(name));
  return { images: closed(own.flatMap((image) => part(image, mine.platforms))), shard, problems: [] };
}

/** Without a shard the job is named by what it makes. */
function ofPlatforms(images: readonly PlannedImage[], platforms: readonly Platform[]): Narrowed {
  const own = closed(images.flatMap((image) => part(image, platforms)));
  const [first] = own;
  if (first === undefined) {
    const problems = images.length === 0 ? [] : [noImage(platforms)];
    return { images: own, problems };
  }
  const isPart = own.some(({ partial }) => partial === true) || own.length < images.length;
  return { images: own, shard: shardName(first.name, isPart ? platforms : []), problems: [] };
}

function noImage(platforms: readonly Platform[]): Problem {
  const wanted = platforms.map(formatPlatform).join(', ');
  return problem(
    'INPUT_INVALID',
    `input \`platforms\`: no image is declared for any of these: ${wanted}`,
    'Name platforms that the images of the config have.',
  );
}

/** Brought bytes are not taken apart, and without platforms there is nothing to narrow. */
function part(image: PlannedImage, wanted: readonly Platform[]): readonly PlannedImage[] {
  if (wanted.length === 0 || image.platforms.length === 0 || image.source.kind !== 'bake') return [image];
  const platforms = image.platforms.filter((each) => wanted.some((one) => samePlatform(each, one)));
  if (platforms.length === 0) return [];
  return [platforms.length === image.platforms.length ? image : { ...image, platforms, partial: true }];
}

function closed(images: readonly PlannedImage[]): readonly PlannedImage[] {
  const names = new Set(images.map(({ name }) => name));
  return images.map((image) => ({ ...image, parents: image.parents.filter((parent) => names.has(parent)) }));
}

function unknownShard(shard: string, shards: readonly Shard[]): Problem {
  const shown = shards.slice(0, 50).map(({ name }) => name);
  const more = shards.length - shown.length;
  const known = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return problem(
    'INPUT_INVALID',
    `input \`shard\`: the plan has no shard of this name: ${shard}`,
    shards.length === 0
      ? 'The plan has no images.'
      : `Take it from the output \`matrix\` of \`command: plan\` on the same commit: ${known}.`,
  );
}
