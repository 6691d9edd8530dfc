import { formatPlatform } from '../model/descriptor.ts';
import type { Problem } from '../model/errors.ts';
import type { Runner } from '../model/shard.ts';
import { list, text } from './field.ts';
import { problemAt, readField, type Written } from './read.ts';
import * as v from './values.ts';
import { wholeNumber } from './values-channels.ts';

/** https://docs.github.com/en/actions/reference/limits#existing-system-limits */
const MOST_JOBS = 256;

/** Keys of one platform under `runners:` in the config file. */
export const RUNNER_FIELDS = {
  labels: list('labels', label),
  jobs: text('jobs', () => wholeNumber(1, MOST_JOBS)),
};

/** The key of a runner under `runners:`. */
export const RUNNER_PLATFORM = text('platform', v.platform);

function label() {
  return v.matching(
    'the label of a runner such as ubuntu-latest (at most 256 visible characters)',
    /^(?=.{1,256}$)[^\s\p{C}]+(?: [^\s\p{C}]+)*$/u,
  );
}

/** A runner of the config file, taken apart. */
export type WrittenRunner = {
  /** The platform. */
  readonly name: string;
  readonly written: Written;
  /** Empty where the labels stand alone. */
  readonly keys: ReadonlyMap<string, Written>;
};

/** The runners of the config file, in its order: labels alone, or a map with labels and the number of jobs. */
export function readRunners(entries: readonly WrittenRunner[] = [], problems: Problem[]): readonly Runner[] {
  const runners: Runner[] = [];
  for (const { name, written, keys } of entries) {
    const platform = readField(RUNNER_PLATFORM, { ...written, value: name }, problems);
    const place: Written | undefined = isMap(written.value) ? keys.get('labels') : written;
    const labels = readField(RUNNER_FIELDS.labels, place, problems);
    const jobs = readField(RUNNER_FIELDS.jobs, keys.get('jobs'), problems);
    if (place === undefined || labels?.length === 0)
      problems.push(problemAt(place ?? written, 'it needs a label, such as `ubuntu-latest`'));
    if (platform === undefined || labels === undefined) continue;
    const text = formatPlatform(platform);
    if (runners.some((other) => formatPlatform(other.platform) === text))
      problems.push(problemAt(written, `the platform ${text} is there already`));
    runners.push({ platform, labels: [...new Set(labels)], ...(jobs === undefined ? {} : { jobs }) });
  }
  return runners;
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
