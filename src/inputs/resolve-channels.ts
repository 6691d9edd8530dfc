import type { ReleaseSelector } from '../model/channel.ts';
import type { RunContext } from '../model/context.ts';
import type { ChannelInputs } from '../model/inputs.ts';
import { parseVersion } from '../model/version.ts';
import { readChannelsDocument } from './artifacts.ts';
import { readChannels } from './channels.ts';
import type { WrittenConfig } from './config.ts';
import type { Door } from './door.ts';
import type { Field } from './field.ts';
import { FIELDS, PROMOTED_FROM } from './fields.ts';
import { readField, type Written } from './read.ts';

/** `from`: the input of `promote`, which is no source of a build. */
export function resolveChannels(
  door: Door,
  config: WrittenConfig,
  about: { readonly tagPrefix: string; readonly from?: Written },
): ChannelInputs {
  const channel = door.read(FIELDS.channel);
  const aliases = door.read(FIELDS.aliases);
  const from = readSelector(PROMOTED_FROM, about.from, about.tagPrefix, door);
  const to = readSelector(FIELDS.to, door.written.get('to'), about.tagPrefix, door);
  const reason = door.read(FIELDS.reason);
  const document = readChannelsDocument(config, door);
  const place = door.written.get('aliases');
  if (place?.at !== undefined && config.channels.length > 0)
    door.refuseAt(place, 'it cannot stand beside `channels`: each channel says it there');
  if (to?.kind === 'handoff')
    door.refuse('to', 'a handoff is what `promote` goes to, never what `rollback` goes back to');
  if (from?.kind === 'previous') door.refuseAt(about.from, '"previous" is what `rollback` goes back to');
  return {
    rules: readChannels(config.channels, door.problems),
    to: to ?? { kind: 'previous' },
    force: door.read(FIELDS.force) ?? false,
    ...(channel === undefined ? {} : { channel }),
    ...(aliases === undefined ? {} : { aliases: [...new Set(aliases)] }),
    ...(from === undefined ? {} : { from }),
    ...(reason === undefined ? {} : { reason }),
    ...(document === undefined ? {} : { document }),
  };
}

/** A version may carry the prefix of its tag, which may have slashes. */
function readSelector(
  field: Field<ReleaseSelector>,
  written: Written | undefined,
  tagPrefix: string,
  door: Door,
): ReleaseSelector | undefined {
  const text = typeof written?.value === 'string' ? written.value : '';
  const bare = [tagPrefix, 'v']
    .filter((prefix) => prefix !== '' && text.startsWith(prefix))
    .map((prefix) => text.slice(prefix.length))
    .find((rest) => parseVersion(rest) !== undefined);
  const value = bare === undefined || written === undefined ? written : { ...written, value: bare };
  return readField(field, value, door.problems);
}

/** Inputs of channels that lack each other, or come by the wrong event. Looks only at what is given. */
export function checkChannels(
  door: Door,
  { eventName }: Pick<RunContext, 'eventName'>,
  from: Written | undefined,
): void {
  const textOf = (name: 'command' | 'force') => String(door.written.get(name)?.value ?? '');
  const command = textOf('command');
  if ((command === 'promote' || command === 'rollback') && !door.given('channel'))
    door.refuse('command', `"${command}" needs a \`channel\``);
  if (command === 'promote' && from === undefined)
    door.refuse('command', '"promote" needs a `from`: the release to promote');
  if (!/^true$/i.test(textOf('force'))) return;
  if (eventName !== 'workflow_dispatch')
    door.refuse('force', `"true" is allowed only by workflow_dispatch, and this event is ${eventName}`);
  if (!door.given('reason')) door.refuse('force', '"true" needs a `reason`');
}
