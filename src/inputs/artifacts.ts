import type { ChannelInputs } from '../model/inputs.ts';
import { CHANNEL_DEFAULTS } from '../model/promotion.ts';
import type { Door } from './door.ts';
import { flag, text } from './field.ts';
import { IMAGE_NAME } from './fields.ts';
import { readField, type Written } from './read.ts';
import { show } from './text.ts';
import { mediaType } from './values-channels.ts';

/** Keys of one artifact under `artifacts:` in the config file. */
export const ARTIFACT_FIELDS = {
  type: text('type', mediaType),
  'layer-type': text('layer-type', mediaType),
  'channels-document': flag('channels-document'),
};

type WrittenArtifact = {
  readonly name: string;
  readonly written: Written;
  readonly keys: ReadonlyMap<string, Written>;
};

/** The config file, as far as artifacts are concerned. */
type WrittenSet = {
  readonly artifacts?: readonly WrittenArtifact[];
  readonly images?: { readonly entries: readonly { readonly name: string }[] };
  readonly channels: readonly { readonly name: string }[];
};

/** The artifact that holds the records of channels. Others are not made by this version. */
export function readChannelsDocument(
  { artifacts = [], images, channels }: WrittenSet,
  door: Door,
): ChannelInputs['document'] {
  const [document, ...more] = artifacts.map(({ name, written, keys }) => {
    readField(IMAGE_NAME, { ...written, value: name }, door.problems);
    const isDocument = readField(
      ARTIFACT_FIELDS['channels-document'],
      keys.get('channels-document'),
      door.problems,
    );
    if (isDocument !== true)
      door.refuseAt(
        written,
        'an artifact without `channels-document: true` is not supported by this version',
      );
    if (images?.entries.some((image) => image.name === name) === true)
      door.refuseAt(written, `${show(name)} is an image, and the records need a repository of their own`);
    return {
      written,
      name,
      artifactType:
        readField(ARTIFACT_FIELDS.type, keys.get('type'), door.problems) ?? CHANNEL_DEFAULTS.artifactType,
      documentType:
        readField(ARTIFACT_FIELDS['layer-type'], keys.get('layer-type'), door.problems) ?? 'application/json',
    };
  });
  for (const { written } of more) door.refuseAt(written, 'one artifact holds the records of all channels');
  if (document === undefined) return undefined;
  const { written, ...rest } = document;
  if (channels.some(({ name }) => name === DOCUMENT_OF_ALL))
    door.refuseAt(
      written,
      `its tag ${show(DOCUMENT_OF_ALL)} is of all channels, and one channel has this name`,
    );
  return rest;
}

const DOCUMENT_OF_ALL = 'channels';
