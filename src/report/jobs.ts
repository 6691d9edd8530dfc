import { formatPlatform } from '../model/descriptor.ts';
import type { Plan } from '../model/plan.ts';

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
