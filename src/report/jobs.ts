import { formatPlatform } from '../model/descriptor.ts';
import type { Plan } from '../model/plan.ts';
import type { Release } from '../model/release.ts';
import { code, table, text } from './markdown.ts';

/** One job of a fan-out, as `strategy.matrix.include` of a workflow takes it. */
export type Job = {
  readonly shard: string;
  /** For `runs-on`: a text, or a list where a runner must have several labels. */
  readonly runner: string | readonly string[];
  /** For people. */
  readonly images: string;
  readonly platforms: string;
};

/** The jobs that the builds of a plan can be spread over; none for a job that is a shard itself. */
export function jobsOf({ shards = [], shard, images }: Plan): readonly Job[] {
  if (shard !== undefined) return [];
  return shards.map(({ name, images: names, platforms, labels }) => {
    const own = images.filter((image) => names.includes(image.name)).flatMap((image) => image.platforms);
    const made = (platforms.length > 0 ? platforms : own).map(formatPlatform);
    const [label, ...more] = labels;
    return {
      shard: name,
      runner: more.length === 0 && label !== undefined ? label : labels,
      images: names.join(', '),
      platforms: [...new Set(made)].join(', '),
    };
  });
}

/** `ubuntu-latest`, `self-hosted + arm64`. */
export function runnerWords(runner: Job['runner']): string {
  return typeof runner === 'string' ? runner : runner.join(' + ');
}

/** The jobs of a plan, where there is more than one. */
export function jobsSection({ plan }: Release): string {
  const jobs = plan === undefined ? [] : jobsOf(plan);
  if (jobs.length < 2) return '';
  const rows = jobs.map(({ shard, runner, images, platforms }) => [
    code(shard),
    code(runnerWords(runner)),
    text(images),
    text(platforms || 'default of the builder'),
  ]);
  const head = ['Shard', 'Runner', 'Images', 'Platforms'];
  return table({ head, rows }, 60_000, 'the output `matrix` has all of them.');
}

/** Where a shard has left what the release goes on with. */
export function handoffSection({ handoff, plan }: Release): string {
  if (handoff === undefined) return '';
  const shard = plan?.shard === undefined ? '' : ` of the shard ${code(plan.shard)}`;
  const artifact =
    handoff.artifact === undefined ? '' : `, and the artifact ${code(handoff.artifact)} of this run`;
  return `The handoff${shard} is the folder ${code(handoff.folder)}${artifact}. A release takes it by its input ${code('handoff')}; until then nothing has a tag.`;
}
