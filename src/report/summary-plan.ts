import { formatPlatform } from '../model/descriptor.ts';
import type { Release, StepResult } from '../model/release.ts';
import { formatDuration } from './format.ts';
import { code, table, text } from './markdown.ts';
import { sourceWords, tagWords } from './plan-text.ts';
import { repositoryWords } from './summary-images.ts';

/** What was planned for each image: where it comes from, where it goes, and its tags. */
export function planSection({ plan }: Release): string {
  if (plan === undefined) return '';
  // A shard sets none.
  const hasTags = plan.command !== 'build';
  const rows = plan.images.map((image) => [
    `**${text(image.name)}**`,
    text(sourceWords(image.source)),
    text(image.platforms.map(formatPlatform).join(', ') || 'default of the builder'),
    code(repositoryWords(image)),
    ...(hasTags
      ? [image.tags.map((tag) => `${code(tag.tag)} (${text(tagWords(tag))})`).join('<br>') || 'none']
      : []),
  ]);
  const head = ['Image', 'Source', 'Platforms', 'Repository', ...(hasTags ? ['Tags'] : [])];
  return table({ head, rows }, 100_000, 'the output `plan` has all of them.');
}

/** Each step: what the plan decided, what came of it, and why. */
export function stepsSection({ plan, steps }: Release): string {
  if (plan === undefined) return '';
  const rows = plan.steps.map(({ id, do: decision, reason }) => {
    const result = steps.find((step) => step.id === id);
    const why = result?.reason ?? reason;
    return [id, decision, result?.status ?? '–', took(result), text(why)];
  });
  return table({ head: ['Step', 'Plan', 'Result', 'Time', 'Reason'], rows }, 20_000, 'release.json has all.');
}

function took(result: StepResult | undefined): string {
  return result === undefined || result.status === 'skipped' ? '–' : formatDuration(result.durationMs);
}

/** The tools that made and judged the images, and how old the judge's knowledge was. */
export function toolsSection({ tools, scanner }: Release): string {
  const rows = tools.map(({ name, version, from }) => [text(name), code(version), text(from)]);
  const list = table({ head: ['Tool', 'Version', 'From'], rows }, 20_000, 'release.json has all of them.');
  const database = scanner?.database;
  if (database === undefined) return list;
  const digest = database.digest === undefined ? '' : `, digest ${code(database.digest)}`;
  return `${list}\nThe vulnerability database is of ${text(database.updatedAt)}, from ${code(database.source)}${digest}.\n`;
}
