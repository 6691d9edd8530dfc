import {
  type Alias,
  aliasTag,
  type ChannelPlan,
  type ChannelRule,
  DEFAULT_HISTORY,
  type PlannedPromotion,
} from '../model/channel.ts';
import type { RunContext } from '../model/context.ts';
import type { Inputs } from '../model/inputs.ts';
import type { Plan, PlannedTag } from '../model/plan.ts';
import { isPrerelease, type Version } from '../model/version.ts';
import { branchOf, tagOf } from './event.ts';

type Asked = Pick<Inputs, 'channels'>;

/** Channels of this event with their tags; a channel's rule is undefined where only an input names it. */
export function planChannels(
  { channels }: Asked,
  kind: Plan['kind'],
  context: RunContext,
  version: Version | undefined,
): ChannelPlan {
  if (kind === 'pull-request' || kind === 'fork')
    return sparedAll(channels, 'a pull request moves no channel');
  const chosen = chosenRules(channels, kind, context);
  const refused = (rule: ChannelRule) =>
    version !== undefined && isPrerelease(version) && !rule.prerelease
      ? [
          {
            channel: rule.name,
            reason: `${version.raw} is a prerelease, and ${rule.name} takes stable versions`,
          },
        ]
      : [];
  return {
    promotions: chosen
      .filter(({ rule }) => refused(rule).length === 0)
      .map(({ rule, reason }) => ({
        channel: rule.name,
        aliases: version === undefined || isPrerelease(version) ? [] : (channels.aliases ?? rule.aliases),
        history: rule.history,
        reason,
        ...deploymentOf(rule),
      })),
    spared: chosen.flatMap(({ rule }) => refused(rule)),
  };
}

/** Aliases of a release that moves no channel: tags like any other, forward only. */
export function aliasTags(
  { channels }: Asked,
  { promotions, spared }: ChannelPlan,
  version: Version | undefined,
): readonly PlannedTag[] {
  if (promotions.length + spared.length > 0 || version === undefined || isPrerelease(version)) return [];
  return (channels.aliases ?? []).flatMap((alias: Alias): readonly PlannedTag[] => {
    const tag = aliasTag(alias, version);
    return tag === undefined ? [] : [{ tag, kind: 'moving', rule: 'forward', from: `the alias ${alias}` }];
  });
}

/** The rule of a channel that is named; one that is not declared has only this name. */
export function ruleOf({ rules }: Inputs['channels'], name: string, prerelease: boolean): ChannelRule {
  const declared = rules.find((rule) => rule.name === name);
  const when = { branches: [], tags: [], schedule: false };
  return declared ?? { name, when, prerelease, aliases: [], history: DEFAULT_HISTORY };
}

/** The record at GitHub that a move of the channel makes. */
export function deploymentOf({ environment, prerelease }: ChannelRule): Pick<PlannedPromotion, 'deployment'> {
  return environment === undefined ? {} : { deployment: { environment, isProduction: !prerelease } };
}

type Chosen = { readonly rule: ChannelRule; readonly reason: string };

function chosenRules(
  channels: Inputs['channels'],
  kind: Plan['kind'],
  context: RunContext,
): readonly Chosen[] {
  if (channels.channel !== undefined) {
    // Whoever starts a dispatch has named version and channel; a workflow on tags names the same for all of them.
    const rule = ruleOf(channels, channels.channel, kind !== 'tag');
    return [{ rule, reason: 'the input `channel` names it' }];
  }
  return channels.rules.flatMap((rule) => {
    const reason = matchOf(rule, kind, context);
    return reason === undefined ? [] : [{ rule, reason }];
  });
}

function matchOf({ when }: ChannelRule, kind: Plan['kind'], context: RunContext): string | undefined {
  switch (kind) {
    case 'tag':
      return matched('tag', when.tags, tagOf(context));
    case 'branch':
      return matched('branch', when.branches, branchOf(context));
    case 'schedule':
      return when.schedule ? 'its rule is `schedule`' : undefined;
    case 'dispatch':
    case 'pull-request':
    case 'fork':
      return undefined;
  }
}

function matched(what: string, patterns: readonly string[], name: string | undefined): string | undefined {
  const pattern = patterns.find((each) => name !== undefined && matchesPattern(each, name));
  return pattern === undefined ? undefined : `its rule is \`${what}: ${pattern}\``;
}

/** The star stands for any text; the rest is taken as it is. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...parts] = pattern.split(/\*+/);
  if (parts.length === 0) return pattern === name;
  const last = parts.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return at <= end;
}

function sparedAll({ channel }: Inputs['channels'], reason: string): ChannelPlan {
  return { promotions: [], spared: channel === undefined ? [] : [{ channel, reason }] };
}
