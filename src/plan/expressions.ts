import type { RunContext } from '../model/context.ts';
import type { Facts } from '../model/facts.ts';
import { formatDate } from './date-format.ts';
import { branchOf, tagOf } from './event.ts';
import type { Helpers } from './template.ts';

/** What `{{…}}` may name in tags, labels and annotations. https://github.com/docker/metadata-action#global-expressions */
export function globalHelpers(context: RunContext, facts: Facts, revision: string): Helpers {
  const branch = branchOf(context);
  const defaultBranch = context.defaultBranch ?? facts.about.defaultBranch;
  const isDefault = branch !== undefined && branch === defaultBranch;
  const committed = facts.commitEpoch === undefined ? facts.now : new Date(facts.commitEpoch * 1000);
  return {
    branch: () => branch ?? '',
    tag: () => tagOf(context) ?? '',
    sha: () => shortSha(revision),
    base_ref: () => baseRef(context),
    is_default_branch: () => String(isDefault),
    is_not_default_branch: () => String(!isDefault),
    date: (format, options) => formatDate(facts.now, format ?? '', options.tz ?? 'UTC'),
    commit_date: (format, options) => formatDate(committed, format ?? '', options.tz ?? 'UTC'),
  };
}

export function shortSha(revision: string): string {
  return revision.slice(0, 7);
}

function baseRef(context: RunContext): string {
  if (tagOf(context) !== undefined) return context.baseRef?.replace(/^refs\/heads\//, '') ?? '';
  return branchOf(context) === undefined ? (context.pullRequest?.baseRef ?? '') : '';
}
