import { COMMANDS, type Command } from '../model/inputs.ts';
import type { WrittenConfig } from './config.ts';
import type { Door } from './door.ts';
import { type InputName, isInputName } from './names.ts';
import { BUILD_INPUTS } from './names-build.ts';
import { CHANNEL_INPUTS } from './names-channels.ts';
import { FAN_OUT_INPUTS } from './names-fan-out.ts';
import { GATE_INPUTS, TOOL_INPUTS } from './names-gate.ts';
import { PUBLISH_INPUTS } from './names-publish.ts';

/** Moving a channel makes no image, and nothing that is attached to one. */
const NOT_MOVED: readonly InputName[] = [
  'tags',
  'labels',
  'annotations',
  'pull-request',
  'attest-store',
  'record',
  'subject',
  'sbom',
  'sbom-generator',
  'scan-timeout',
  'source-secrets',
];

/** Inputs that change nothing under a command. Whoever gives one expects something that will not happen. */
const WITHOUT_MEANING: Readonly<Record<Command, readonly InputName[]>> = {
  release: ['subject', 'record', 'to', 'shard'],
  plan: ['subject', 'record', 'to', 'shard'],
  // A shard sets no tag, moves no channel and tells no platform.
  build: [...namesOf(CHANNEL_INPUTS), ...namesOf(PUBLISH_INPUTS), 'subject', 'record', 'digests', 'require'],
  attest: [
    ...namesOf(BUILD_INPUTS),
    ...namesOf(FAN_OUT_INPUTS),
    ...namesOf(PUBLISH_INPUTS),
    ...namesOf(CHANNEL_INPUTS),
    'namespace',
    'image',
    'version',
    'tag-prefix',
    'manifest',
    'tags',
    'labels',
    'annotations',
    'pull-request',
    'source-secrets',
    'require',
  ],
  verify: [
    // A bake file's targets are the images of this event.
    ...namesOf(BUILD_INPUTS, ['bake-file', 'bake-targets']),
    ...namesOf(GATE_INPUTS),
    ...namesOf(FAN_OUT_INPUTS),
    ...namesOf(TOOL_INPUTS, ['offline']),
    ...namesOf(PUBLISH_INPUTS),
    ...namesOf(CHANNEL_INPUTS),
    'labels',
    'annotations',
    'pull-request',
    'attest',
    'attest-store',
    'sigstore-signing-config',
    'record',
  ],
  promote: [
    ...namesOf(BUILD_INPUTS, ['bake-file', 'bake-targets', 'from']),
    ...namesOf(FAN_OUT_INPUTS),
    ...namesOf(TOOL_INPUTS, ['offline']),
    ...namesOf(PUBLISH_INPUTS),
    ...NOT_MOVED,
    'to',
  ],
  rollback: [
    ...namesOf(BUILD_INPUTS, ['bake-file', 'bake-targets']),
    ...namesOf(TOOL_INPUTS, ['offline']),
    ...namesOf(FAN_OUT_INPUTS),
    ...namesOf(GATE_INPUTS),
    ...namesOf(PUBLISH_INPUTS),
    ...NOT_MOVED,
    'version',
    'aliases',
  ],
};

/** `attest` signs the records of channels where no images are named: then it makes nothing that is said of an image. */
const NOT_SIGNED: readonly InputName[] = [
  ...namesOf(FAN_OUT_INPUTS),
  ...namesOf(BUILD_INPUTS, ['bake-file', 'bake-targets']),
  ...namesOf(TOOL_INPUTS, ['offline']),
  ...namesOf(GATE_INPUTS),
  ...namesOf(PUBLISH_INPUTS),
  ...namesOf(CHANNEL_INPUTS, ['channel']),
  ...NOT_MOVED,
  'version',
];

/** Which images an event has released: of no use beside images that are named. */
const NAMING: readonly InputName[] = ['namespace', 'image', 'version', 'tags', 'bake-file', 'bake-targets'];

function namesOf(specs: object, but: readonly string[] = []): InputName[] {
  return Object.keys(specs)
    .filter(isInputName)
    .filter((name) => !but.includes(name));
}

/**
 * Refuses inputs of the workflow that have no meaning for the command. The config file is one for all commands: what stands
 * there and is not for this one is passed over.
 */
export function checkCommand(door: Door, { channels }: Pick<WrittenConfig, 'channels'>): void {
  const text = String(door.written.get('command')?.value ?? 'release');
  const command = COMMANDS.find((each) => each === text);
  if (command === undefined) return;
  const isByWorkflow = (name: InputName) => door.written.get(name)?.at === undefined;
  const isNamed = door.given('subject') || door.given('record');
  const hasChannel = door.given('channel') || channels.length > 0;
  const signsRecords = command === 'attest' && !isNamed && hasChannel;
  const useless = signsRecords ? NOT_SIGNED : WITHOUT_MEANING[command];
  for (const name of useless.filter(isByWorkflow))
    door.refuse(name, `it has no meaning for \`command: ${command}\``);
  if (signsRecords) checkRecords(door);
  if (command === 'attest') checkAttestCommand(door, isNamed || hasChannel);
  if (command === 'verify') checkVerify(door, isByWorkflow);
}

function checkAttestCommand(door: Door, isAsked: boolean): void {
  if (!isAsked) door.refuse('command', '"attest" needs a `subject`, a `record` or a `channel`');
  if (door.given('subject') && door.given('record'))
    door.refuse('record', 'it cannot stand beside `subject`: a record names its images');
  if (/^false$/i.test(String(door.written.get('attest')?.value)))
    door.refuse('attest', '"false" cannot stand beside `command: attest`');
}

/** Records of channels: whose images are proven, always. */
function checkRecords(door: Door): void {
  if (String(door.written.get('require')?.value ?? '') === 'none')
    door.refuse(
      'require',
      '"none" cannot stand here: the record of a channel is signed when its images are proven',
    );
}

function checkVerify(door: Door, isByWorkflow: (name: InputName) => boolean): void {
  if (door.given('subject'))
    for (const name of NAMING.filter(isByWorkflow))
      door.refuse(name, 'it has no meaning beside `subject`, which names the images');
  const isOffline = /^true$/i.test(String(door.written.get('offline')?.value));
  const nothingAsked = String(door.written.get('require')?.value ?? '') === 'none';
  if (isOffline && !nothingAsked && !door.given('sigstore-trusted-root') && !door.given('cosign-key'))
    door.refuse(
      'offline',
      'to verify without fetching it, a `sigstore-trusted-root` or `cosign-key` must be given',
    );
}
