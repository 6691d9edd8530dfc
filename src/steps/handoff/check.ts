import { formatPlatform, type Platform, samePlatform } from '../../model/descriptor.ts';
import { type Problem, problem } from '../../model/errors.ts';
import type { HandedImage, HandedSet, Handoff, HandoffTrust, SetPlatform } from '../../model/handoff.ts';
import type { Plan, PlannedImage } from '../../model/plan.ts';
import { formatRepository, parseRepository, type Repository } from '../../model/reference.ts';

/** A handoff with what may be taken from it. */
export type JudgedHandoff = {
  readonly folder: string;
  readonly handoff: Handoff;
  readonly trust: HandoffTrust;
};

/** What this run is of: its plan, and `Owner/Name`. */
export type Wanted = {
  readonly plan: Pick<Plan, 'command' | 'images' | 'revision' | 'shards'>;
  readonly repository: string;
};

/** One platform of an image as one handoff has it. */
type Offer = SetPlatform & { readonly attempt: number; readonly runId: string };

/**
 * Whether the handoffs are for this release, and whole: every platform of every image of the plan once, each on the parents of
 * the same set. All problems at once; the set is whole only when there are none. A `build` takes what is of use to it: images
 * that nobody hands over it makes itself, and what it is not to make is left alone.
 */
export function checkHandoffs(
  wanted: Wanted,
  given: readonly JudgedHandoff[],
): { readonly set: HandedSet; readonly problems: readonly Problem[] } {
  const origin = given.flatMap((each) => originProblems(each, wanted));
  const own = given.filter(({ handoff }) => isOwn(handoff, wanted));
  const latest = latestAttempts(own);
  const wrong = latest.flatMap((each) => imageProblems(each, wanted.plan));
  const set = new Map<string, readonly SetPlatform[]>();
  const gaps: Problem[] = [];
  for (const planned of wanted.plan.images) {
    const offers = latest.flatMap((each) => offersOf(each, planned));
    if (offers.length === 0 && wanted.plan.command === 'build') continue;
    const { platforms, problems } = choose(planned, offers, wanted);
    set.set(planned.name, platforms);
    gaps.push(...problems);
  }
  const strays = wanted.plan.images.flatMap((planned) => parentProblems(planned, set));
  return { set, problems: [...origin, ...wrong, ...gaps, ...strays] };
}

/** Whether a handoff has an image of the plan, at no other place than where the plan pushes it. */
export function concerns({ images }: Handoff, plan: Pick<Plan, 'images'>): boolean {
  return images.some((image) => {
    const planned = plan.images.find(({ name }) => name === image.name);
    return planned !== undefined && image.repositories.every((text) => isPlanned(text, planned));
  });
}

function isOwn({ repository, revision }: Handoff, wanted: Wanted): boolean {
  return repository === wanted.repository && revision === wanted.plan.revision;
}

function originProblems({ folder, handoff }: JudgedHandoff, wanted: Wanted): readonly Problem[] {
  const { repository, revision, shard } = handoff;
  if (repository !== wanted.repository)
    return [
      problem(
        'HANDOFF_INVALID',
        `the handoff ${folder} is of the repository ${repository}, and this release is of ${wanted.repository}`,
      ),
    ];
  if (revision === wanted.plan.revision) return [];
  return [
    problem(
      'COMMIT_MISMATCH',
      `the handoff ${folder} of the shard ${shard} is of the commit ${revision}, and this release is of ${wanted.plan.revision}`,
      'Hand over what the build jobs of this commit have left; an older run leaves nothing for this one.',
    ),
  ];
}

/** Of one shard of one run the last attempt: it has made everything of its own again. Jobs of a matrix of one's own may share a name. */
function latestAttempts(given: readonly JudgedHandoff[]): readonly JudgedHandoff[] {
  const attempts = new Map<string, number>();
  const key = ({ handoff: { shard, run, images } }: JudgedHandoff): string =>
    [shard, run.id, ...images.map(({ name }) => name)].join(' ');
  for (const each of given)
    attempts.set(key(each), Math.max(attempts.get(key(each)) ?? 0, Number(each.handoff.run.attempt)));
  return given.filter((each) => Number(each.handoff.run.attempt) === attempts.get(key(each)));
}

function imageProblems(
  { folder, handoff }: JudgedHandoff,
  { command, images, shards }: Wanted['plan'],
): readonly Problem[] {
  const isPart = command === 'build';
  return handoff.images.flatMap((image) => {
    const planned = images.find(({ name }) => name === image.name);
    const invalid = (why: string): readonly Problem[] => [
      problem('HANDOFF_INVALID', `the image ${image.name} of the handoff ${folder} ${why}`, REBUILD),
    ];
    if (planned === undefined)
      return isPart && isMadeElsewhere(image.name, shards)
        ? []
        : invalid('is not in the plan of this release');
    if (image.definition !== planned.definitionHash)
      return invalid(
        `was built with other inputs than those of this release (${image.definition ?? 'none'}, expected ${planned.definitionHash ?? 'none'})`,
      );
    const stray = image.repositories.find((text) => !isPlanned(text, planned));
    if (stray !== undefined)
      return invalid(
        `is said to be at ${stray}, and this release pushes it to ${planned.repositories.map(formatRepository).join(', ')}`,
      );
    const extra = image.platforms.find(({ platform }) => !isWanted(platform, planned));
    return extra === undefined || isPart
      ? []
      : invalid(`has the platform ${formatPlatform(extra.platform)}, which the plan does not ask for`);
  });
}

const REBUILD =
  'Give the build jobs and the release the same inputs and config file, and re-run the build jobs.';

function isMadeElsewhere(name: string, shards: Wanted['plan']['shards'] = []): boolean {
  return shards.some(({ images }) => images.includes(name));
}

function isPlanned(text: string, { repositories }: PlannedImage): boolean {
  return repositories.some((each) => formatRepository(each) === text);
}

/** A plan without platforms takes what the builder has made. */
function isWanted(platform: Platform, { platforms }: PlannedImage): boolean {
  return platforms.length === 0 || platforms.some((each) => samePlatform(each, platform));
}

function offersOf({ folder, handoff, trust }: JudgedHandoff, planned: PlannedImage): readonly Offer[] {
  const image = handoff.images.find(({ name }) => name === planned.name);
  if (image === undefined) return [];
  const { shard, bytes, gate, scanner, startedOn, scanned, run } = handoff;
  const repositories = repositoriesOf(image);
  return image.platforms
    .filter(({ platform }) => isWanted(platform, planned))
    .map((each) => ({
      ...each,
      handoff: { shard, bytes, gate, scanner, startedOn, scanned },
      folder,
      repositories,
      trust,
      runId: run.id,
      attempt: Number(run.attempt),
    }));
}

function repositoriesOf({ repositories }: HandedImage): readonly Repository[] {
  return repositories.flatMap((text) => parseRepository(text) ?? []);
}

function choose(
  planned: PlannedImage,
  offers: readonly Offer[],
  wanted: Wanted,
): { readonly platforms: readonly SetPlatform[]; readonly problems: readonly Problem[] } {
  const asked = planned.platforms.length > 0 ? planned.platforms : distinctPlatforms(offers);
  if (asked.length === 0) return { platforms: [], problems: [missing(planned.name, undefined, wanted)] };
  const platforms: SetPlatform[] = [];
  const problems: Problem[] = [];
  for (const platform of asked) {
    const own = offers.filter((each) => samePlatform(each.platform, platform));
    const [first, ...others] = own.filter((each) => !isOutdated(each, own)).sort(byWorth);
    if (first === undefined) {
      problems.push(missing(planned.name, platform, wanted));
      continue;
    }
    const other = others.find(({ descriptor }) => descriptor.digest !== first.descriptor.digest);
    if (other !== undefined) problems.push(twice(planned.name, first, other));
    const { attempt: _, runId: __, ...taken } = first;
    platforms.push(taken);
  }
  return { platforms, problems };
}

/** A later attempt of the same run has come to other bytes: what was made of the earlier ones is made again, too. */
function isOutdated({ runId, attempt, descriptor }: Offer, offers: readonly Offer[]): boolean {
  const later = offers.filter((each) => each.runId === runId && each.attempt > attempt);
  const last = Math.max(...later.map((each) => each.attempt));
  const newest = later.filter((each) => each.attempt === last);
  return later.length > 0 && newest.every((each) => each.descriptor.digest !== descriptor.digest);
}

function distinctPlatforms(offers: readonly Offer[]): readonly Platform[] {
  return [...new Map(offers.map(({ platform }) => [formatPlatform(platform), platform])).values()];
}

const WORTH: Readonly<Record<HandoffTrust, number>> = { built: 2, verdict: 1, digests: 0 };

/** Equal bytes are taken from where most is known of them, and from a registry rather than from a folder. */
function byWorth(a: Offer, b: Offer): number {
  const isThere = ({ handoff }: Offer): number => Number(handoff.bytes === 'registry');
  return WORTH[b.trust] - WORTH[a.trust] || isThere(b) - isThere(a) || b.attempt - a.attempt;
}

function missing(image: string, platform: Platform | undefined, { plan }: Wanted): Problem {
  const shard = plan.shards?.find(
    ({ images, platforms }) =>
      images.includes(image) &&
      (platform === undefined ||
        platforms.length === 0 ||
        platforms.some((each) => samePlatform(each, platform))),
  );
  const what = platform === undefined ? image : `${image} (${formatPlatform(platform)})`;
  return problem(
    'HANDOFF_INCOMPLETE',
    `nobody has handed over ${what}${shard === undefined ? '' : `, which the shard ${shard.name} makes`}`,
    shard === undefined
      ? 'Hand over what every build job has left, or re-run the one that failed, and then this one.'
      : `Re-run the build job of the shard ${shard.name}, and then this one: the others need not run again.`,
  );
}

function twice(image: string, one: Offer, other: Offer): Problem {
  const who = ({ handoff, runId, attempt }: Offer): string =>
    `${handoff.shard} (run ${runId}, attempt ${attempt})`;
  return problem(
    'HANDOFF_INVALID',
    `the shards ${who(one)} and ${who(other)} have made different bytes for ${image} (${formatPlatform(one.platform)}): ${one.descriptor.digest} in ${one.folder}, ${other.descriptor.digest} in ${other.folder}`,
    'Hand over the result of one of them: one image and platform belongs to one shard.',
  );
}

/** That each platform stands on what the set itself has: else a parent was built again in between. */
function parentProblems(planned: PlannedImage, set: HandedSet): readonly Problem[] {
  return (set.get(planned.name) ?? []).flatMap((child) =>
    planned.parents.flatMap((name) => {
      const parent = set.get(name)?.find(({ platform }) => samePlatform(platform, child.platform));
      const named = Object.hasOwn(child.parents, name) ? child.parents[name] : undefined;
      // That it is missing is told already.
      if (parent === undefined || named === parent.descriptor.digest) return [];
      const of = `${planned.name} (${formatPlatform(child.platform)})`;
      return [
        problem(
          'DIGEST_MISMATCH',
          `${of} of the shard ${child.handoff.shard} stands on ${name} ${named ?? 'of nowhere'}, and the shard ${parent.handoff.shard} has made ${parent.descriptor.digest}`,
          `${name} was built again in between: re-run the build job of the shard ${child.handoff.shard}, and then this one.`,
        ),
      ];
    }),
  );
}
