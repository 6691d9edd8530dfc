import { ReleaseError } from '../model/errors.ts';
import type { ChannelDocument } from '../model/promotion.ts';
import { formatRepository, isTag } from '../model/reference.ts';
import { parseVersion, versionTag } from '../model/version.ts';
import { datedBy } from './channel-look.ts';
import { homesOf } from './channel-trust.ts';
import { requireOneRelease, type SourceImage } from './move-source.ts';
import type { Start } from './start.ts';

/** An unsigned record may name any repositories: those of this run alone are looked at. Throws VERIFY_FAILED. */
export function requireOwnPlaces(start: Start, document: ChannelDocument): void {
  const { channel, images, artifacts, moving_tags } = document;
  for (const { image, repository, mirrors = [] } of images) {
    const said = [repository, ...mirrors].join(', ');
    const own = homesOf(start, image).map(formatRepository).join(', ');
    if (said !== own)
      throw unproven(channel, `the image ${image} is kept at ${said}`, `by this run's names at ${own}`);
  }
  if (artifacts.length > 0) throw unproven(channel, 'it has artifacts', 'nothing proves them here');
  if (!moving_tags.includes(channel))
    throw unproven(channel, `its tags are ${moving_tags.join(', ')}`, 'its own is none of them');
}

/**
 * Version, commit and immutable tag as the images carry them, whose bytes are signed; that the tags point at them is for the
 * step to see. Throws VERIFY_FAILED.
 */
export function requireOwnRelease(document: ChannelDocument, sources: readonly SourceImage[]): void {
  const { channel, version: name, immutable_tag, revision } = document;
  const version = parseVersion(name);
  if (version === undefined && name !== channel)
    throw unproven(channel, `it is at ${name}`, 'this is no version');
  if (version !== undefined) requireOneRelease(sources, { kind: 'name', name });
  const carried = sources.map(({ annotations }) => datedBy(annotations));
  const other = carried.find((each) => (each.revision ?? '') !== revision);
  if (other !== undefined)
    throw unproven(
      channel,
      `its commit is ${revision}`,
      `an image of it carries ${other.revision ?? 'none'}`,
    );
  const isFree = isTag(immutable_tag) || immutable_tag === sources[0]?.ref.digest;
  if (version === undefined ? isFree : immutable_tag === versionTag(version)) return;
  throw unproven(channel, `its immutable tag is ${immutable_tag}`, `it is at ${name}`);
}

function unproven(channel: string, said: string, shown: string): ReleaseError {
  const message = `the record of the channel ${channel} is not signed: it says that ${said}, and ${shown}`;
  return new ReleaseError('VERIFY_FAILED', message, {
    hint: 'Promote or roll back the channel: its record is then written anew, from what is proven.',
  });
}
