import { ReleaseError } from '../../model/errors.ts';
import { CHANNEL_DEFAULTS, type ChannelHome } from '../../model/promotion.ts';
import { isTag, type Repository } from '../../model/reference.ts';

/** What a config may say about the place and the shape of the records. */
export type HomeShape = Partial<Pick<ChannelHome, 'artifactType' | 'documentType' | 'title'>> & {
  /** A repository for the records alone: its tags are the names of the channels, and `channels` for all of them. */
  readonly repository?: Repository;
};

/** Where the record of a channel stands. `first`: the repository of the first image. Throws INPUT_INVALID. */
export function channelHome(channel: string, first: Repository, shape: HomeShape = {}): ChannelHome {
  const { repository, ...types } = shape;
  const tag = repository === undefined ? `_channel-${channel}` : channel;
  if (!isTag(tag))
    throw new ReleaseError('INPUT_INVALID', `the name of a channel is too long to be a tag: ${channel}`);
  const home = repository ?? first;
  return {
    artifactType: CHANNEL_DEFAULTS.artifactType,
    documentType: CHANNEL_DEFAULTS.documentType,
    title: CHANNEL_DEFAULTS.title,
    ...types,
    record: { repository: home, tag },
    aggregate: {
      repository: home,
      tag: repository === undefined ? CHANNEL_DEFAULTS.aggregateTag : 'channels',
    },
  };
}
