import { ALIASES, type ChannelRule, DEFAULT_HISTORY } from '../model/channel.ts';
import type { Problem } from '../model/errors.ts';
import { flag, list, text } from './field.ts';
import { problemAt, readField, type Written } from './read.ts';
import { show } from './text.ts';
import * as v from './values.ts';
import { channelName, environmentName, refPattern, wholeNumber } from './values-channels.ts';

/** Keys of one channel under `channels:` in the config file, but `when`. */
export const CHANNEL_FIELDS = {
  prerelease: flag('prerelease'),
  aliases: list('aliases', () => v.oneOf(ALIASES)),
  history: text('history', () => wholeNumber(1, 1000)),
  environment: text('environment', environmentName),
};

/** `when:` as a word. */
export const WHEN_WORD = text('when', () => v.oneOf(['schedule', 'manual']));

/** Keys of `when:` as a map. */
export const WHEN_FIELDS = {
  branch: list('branch', () => refPattern('main')),
  tag: list('tag', () => refPattern('v*')),
};

/** The key of a channel under `channels:`. */
export const CHANNEL_NAME = text('name', channelName);

/** A channel of the config file, taken apart. */
export type WrittenChannel = {
  readonly name: string;
  readonly written: Written;
  readonly keys: ReadonlyMap<string, Written>;
  /** The keys of `when`, where it is a map. */
  readonly when: ReadonlyMap<string, Written>;
};

/** The channels of the config file, in its order. */
export function readChannels(
  channels: readonly WrittenChannel[],
  problems: Problem[],
): readonly ChannelRule[] {
  const rules = channels.map((channel) => readChannel(channel, problems));
  const owners = new Map<string, string>(
    rules.some(({ name }) => name === 'latest') ? [['latest', 'latest']] : [],
  );
  for (const [index, { name, aliases }] of rules.entries()) {
    const written = channels[index]?.keys.get('aliases');
    for (const alias of aliases) {
      const owner = owners.get(alias);
      if (owner !== undefined && written !== undefined)
        problems.push(problemAt(written, `${show(alias)} belongs to the channel ${show(owner)} already`));
      owners.set(alias, name);
    }
  }
  refuseShared(rules, channels, problems);
  return rules;
}

/** A record says what an environment is at: of two channels each would undo what the other says. GitHub ignores their case. */
function refuseShared(
  rules: readonly ChannelRule[],
  channels: readonly WrittenChannel[],
  problems: Problem[],
): void {
  const owners = new Map<string, string>();
  for (const [index, { name, environment }] of rules.entries()) {
    if (environment === undefined) continue;
    const owner = owners.get(environment.toLowerCase());
    const written = channels[index]?.keys.get('environment');
    if (owner !== undefined && written !== undefined)
      problems.push(problemAt(written, `${show(environment)} belongs to the channel ${show(owner)} already`));
    owners.set(environment.toLowerCase(), name);
  }
}

function readChannel({ name, written, keys, when }: WrittenChannel, problems: Problem[]): ChannelRule {
  readField(CHANNEL_NAME, { ...written, value: name }, problems);
  const rule = keys.get('when');
  const word = hasKeys(rule?.value) ? undefined : readField(WHEN_WORD, rule, problems);
  const branches = readField(WHEN_FIELDS.branch, when.get('branch'), problems) ?? [];
  const tags = readField(WHEN_FIELDS.tag, when.get('tag'), problems) ?? [];
  if (rule === undefined)
    problems.push(problemAt(written, 'it needs a `when`: a branch, a tag, schedule or manual'));
  // What only branches and schedules move has no versions to order by.
  const isStable = tags.length > 0 || (branches.length === 0 && word !== 'schedule');
  const environment = readField(CHANNEL_FIELDS.environment, keys.get('environment'), problems);
  return {
    name,
    when: { branches, tags, schedule: word === 'schedule' },
    prerelease: readField(CHANNEL_FIELDS.prerelease, keys.get('prerelease'), problems) ?? !isStable,
    aliases: [...new Set(readField(CHANNEL_FIELDS.aliases, keys.get('aliases'), problems) ?? [])],
    history: readField(CHANNEL_FIELDS.history, keys.get('history'), problems) ?? DEFAULT_HISTORY,
    ...(environment === undefined ? {} : { environment }),
  };
}

function hasKeys(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
