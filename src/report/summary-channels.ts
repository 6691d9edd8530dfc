import type { ChannelMove } from '../model/channel.ts';
import type { Deployment } from '../model/deployment.ts';
import { type Digest, shortDigest } from '../model/digest.ts';
import type { MovedTag } from '../model/promotion.ts';
import { formatReference } from '../model/reference.ts';
import type { Release } from '../model/release.ts';
import { code, link, table, text } from './markdown.ts';

/** What became of each channel, then every tag from → to. */
export function channelsSection({ promotions = [] }: Release): string {
  const rows = promotions.flatMap(({ channel, tags, kept }) => [
    ...tags.map((tag) => [code(channel), code(formatReference(tag.ref)), from(tag), to(tag)]),
    ...kept.map(({ tag, reason }) => [code(channel), code(tag), '', `left alone: ${text(reason)}`]),
  ]);
  const list = table(
    { head: ['Channel', 'Tag', 'From', 'To'], rows },
    120_000,
    'release.json has all of them.',
  );
  return promotions.length === 0 ? '' : `${promotions.map(sentence).join('\n')}\n\n${list}`;
}

function sentence({
  channel,
  status,
  version,
  reason,
  evidence,
  forced,
  record,
  deployment,
}: ChannelMove): string {
  const what = version === undefined ? 'this release' : text(version);
  const moved = {
    moved: `is at ${what} now`,
    unchanged: `was at ${what} already`,
    stayed: `does not go to ${what}`,
    failed: `was to go to ${what}`,
  }[status];
  const proof = evidence === 'unattested' ? ' The release is **unattested**.' : '';
  const force = forced ? ' It was **forced**.' : '';
  const signed = record === undefined || record.signed ? '' : ' Its record is not signed.';
  return `- ${code(channel)} ${moved}: ${text(reason)}.${proof}${force}${signed}${deployed(deployment)}`;
}

function deployed(deployment: Deployment | undefined): string {
  if (deployment === undefined) return '';
  const { environment, url, state } = deployment;
  const how = { in_progress: ', whose end could not be told', success: '', failure: ', as a failure' }[state];
  return ` Deployment: ${link(environment, url)}${how}.`;
}

function from({ from: digest }: MovedTag): string {
  return digest === undefined ? 'nothing' : short(digest);
}

function to({ to: digest, outcome }: MovedTag): string {
  switch (outcome) {
    case 'unchanged':
      return 'unchanged';
    case 'restored':
      return 'put back';
    case 'waiting':
      return 'not moved';
    case 'created':
    case 'moved':
      return short(digest);
  }
}

function short(digest: Digest): string {
  return code(shortDigest(digest));
}
