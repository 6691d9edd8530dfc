import { toJSONSchema } from 'zod';
import * as z from 'zod/mini';
import { ARTIFACT_FIELDS } from '../../src/inputs/artifacts.ts';
import { CHANNEL_FIELDS, WHEN_FIELDS, WHEN_WORD } from '../../src/inputs/channels.ts';
import { gateKeys, PUBLISH_KEYS } from '../../src/inputs/config.ts';
import { GATE_SCOPE } from '../../src/inputs/fan-out.ts';
import type { Field } from '../../src/inputs/field.ts';
import { BAKE_NAMES, FIELDS, IMAGE_FIELDS, PUBLISH_WHEN } from '../../src/inputs/fields.ts';
import { INPUTS, type InputName, inputSpec, isInputName } from '../../src/inputs/names.ts';
import { RUNNER_FIELDS } from '../../src/inputs/runners.ts';

/** What README.md and the JSON Schema say of the keys that are no inputs. */
export const SECTIONS = {
  images: 'The image set: name → how it is built. Names are lower-case, such as `my-module`.',
  bake: 'The image set as targets of bake files; cannot stand beside `images`.',
  channels:
    'Channels: name → what moves it. Each is one moving tag on every image, moved for all or for none, forward only.',
  artifacts:
    'OCI artifacts of the release: name → what it is; the name is its repository in the namespace. This version knows the one with the records of the channels.',
  runners:
    'Runners of a release that is spread over several jobs: platform, such as `linux/arm64` → a label, a list of labels, or a map. Every platform of the images needs one. Default: none, a release is one job.',
  gate: 'The inputs of the gate and its tools, gathered; each may stand here or at the top, not at both.',
  identity: 'Who signs, when promoting or verifying runs in another workflow than releasing.',
} as const;

export const IMAGE_KEYS: Readonly<Record<keyof typeof IMAGE_FIELDS, string>> = {
  context: 'Build context: a folder, or a Git or http URL. Default: `.`.',
  file: 'Dockerfile, such as `docker/base/Dockerfile`. Default: `Dockerfile` in the context.',
  target: 'Stage of the Dockerfile. Default: the last one.',
  platforms: 'Platforms, such as `[linux/amd64, linux/arm64]`. Default: the input `platforms`.',
  args: 'Build arguments: name → value; added to the input `build-args`.',
  contexts: 'Named contexts: name → `target:IMAGE` (an image of this set), a path, an image or a URL.',
  labels: 'Labels of the image config: key → value.',
  from: 'Image built by another tool, in the form of the input `from`; no other key stands beside it.',
};

export const RUNNER_KEYS: Readonly<Record<keyof typeof RUNNER_FIELDS, string>> = {
  labels: 'Labels that the runner must have, such as `ubuntu-24.04-arm` or `[self-hosted, arm64]`.',
  jobs: 'Jobs at most for this platform (1 to 256). Default: one for each group of images that stand on each other.',
};

export const GATE_SCOPE_TEXT =
  'What a job of several waits for before it pushes by digest: `shard`, its own gate, or `set`, the gate of all images. Nothing is tagged before that in either case. Default: `shard`.';

export const BAKE_KEYS = {
  file: 'Bake files, such as `docker-bake.hcl`; the input `bake-file`.',
  targets: 'Targets or groups. Default: `[default]`; the input `bake-targets`.',
  names: 'Target → image name, where they differ.',
} as const;

export const PUBLISH_TEXTS = {
  ...mapValues(PUBLISH_KEYS, (input) => INPUTS[input].description),
  when: 'When it is published: `{ tag: "v*" }` for git tags with such a name. Default: never by itself.',
  prerelease: '`true` publishes prereleases too. Default: `false`.',
} as const;
export const CHANNEL_KEYS: Readonly<Record<'when' | keyof typeof CHANNEL_FIELDS, string>> = {
  when: 'What moves it: `{ branch: main }`, `{ tag: "v*" }`, `schedule`, or `manual` (`command: promote` alone). A star stands for any text; several names make a list. A `tag` means stable versions.',
  prerelease: 'Whether a prerelease may take it. Default: `false` for `tag` and `manual`, else `true`.',
  aliases:
    'Tags that follow its versions, forward only: `latest`, `major` (`1`), `minor` (`1.2`). Default: none.',
  history: 'How many of its latest moves the record in the registry keeps (1 to 1000). Default: 50.',
};

export const ARTIFACT_KEYS: Readonly<Record<keyof typeof ARTIFACT_FIELDS, string>> = {
  type: 'Artifact type, such as `application/vnd.acme.metadata.v1+json`. Default: `application/vnd.module-release.channel.v1+json`.',
  'layer-type': 'Media type of its one layer, `channels.json`. Default: `application/json`.',
  'channels-document':
    '`true`: it holds the record of each channel under the name of the channel, and all of them under `channels`.',
};

export const WHEN_KEYS: Readonly<Record<keyof typeof WHEN_FIELDS, string>> = {
  branch: 'Pushes to these branches.',
  tag: 'Releases of these git tags.',
};

/** The config file as one Zod schema, made of the very fields that the door reads with. */
export function configSchema() {
  const image = mapKeys(IMAGE_FIELDS, (key) => optional(IMAGE_FIELDS[key], IMAGE_KEYS[key]));
  const bake = {
    file: optional(FIELDS['bake-file'], BAKE_KEYS.file),
    targets: optional(FIELDS['bake-targets'], BAKE_KEYS.targets),
    names: optional(BAKE_NAMES, BAKE_KEYS.names),
  };
  const workflow = INPUTS['identity-workflow'].description;
  const identity = { workflow: optional(FIELDS['identity-workflow'], workflow) };
  const when = {
    tag: optional(PUBLISH_WHEN.tag, 'Pattern for names of git tags; a star stands for any text.'),
  };
  const publish = {
    ...mapKeys(PUBLISH_KEYS, (key) => optional(FIELDS[PUBLISH_KEYS[key]], PUBLISH_TEXTS[key])),
    when: section(z.strictObject(when), PUBLISH_TEXTS.when),
    prerelease: optional(PUBLISH_WHEN.prerelease, PUBLISH_TEXTS.prerelease),
  };
  const artifact = mapKeys(ARTIFACT_FIELDS, (key) => optional(ARTIFACT_FIELDS[key], ARTIFACT_KEYS[key]));
  const name = z.string().check(z.regex(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/));
  const channel = z.string().check(z.regex(/^[A-Za-z][\w.-]{0,99}$/));
  const platform = z.string().check(z.regex(/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/));
  return z.strictObject({
    ...inputs(configInputs()),
    images: section(z.record(name, z.strictObject(image)), SECTIONS.images),
    bake: section(z.strictObject(bake), SECTIONS.bake),
    channels: section(z.record(channel, channelSchema()), SECTIONS.channels),
    artifacts: section(z.record(name, z.strictObject(artifact)), SECTIONS.artifacts),
    runners: section(z.record(platform, runnerSchema()), SECTIONS.runners),
    gate: section(
      z.strictObject({ ...inputs(gateKeys()), scope: optional(GATE_SCOPE, GATE_SCOPE_TEXT) }),
      SECTIONS.gate,
    ),
    publish: section(z.union([FIELDS.publish.schema(), z.strictObject(publish)]), INPUTS.publish.description),
    identity: section(z.strictObject(identity), SECTIONS.identity),
  });
}

function runnerSchema() {
  const [labels, jobs] = [
    required(RUNNER_FIELDS.labels, RUNNER_KEYS.labels),
    optional(RUNNER_FIELDS.jobs, RUNNER_KEYS.jobs),
  ];
  return z.union([labels, z.strictObject({ labels, jobs })]);
}

function channelSchema() {
  const map = z.strictObject(mapKeys(WHEN_FIELDS, (key) => optional(WHEN_FIELDS[key], WHEN_KEYS[key])));
  const keys = mapKeys(CHANNEL_FIELDS, (key) => optional(CHANNEL_FIELDS[key], CHANNEL_KEYS[key]));
  const when = z.union([WHEN_WORD.schema(), map]).check(z.describe(CHANNEL_KEYS.when));
  return z.strictObject({ when, ...keys });
}

/** The JSON Schema of `.github/module-release.yml`, as text. */
export function configJsonSchema(): string {
  const { $schema, ...rest } = toJSONSchema(configSchema(), { io: 'input' });
  const head = { $schema, title: 'Config file of module-release', $comment: 'Made by `npm run generate`.' };
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`;
}

/** Inputs that may stand in the config file by their own name. */
export function configInputs(): InputName[] {
  return Object.keys(INPUTS)
    .filter(isInputName)
    .filter((name) => inputSpec(name).config);
}

function inputs(names: readonly InputName[]) {
  return Object.fromEntries(names.map((name) => [name, optional(FIELDS[name], INPUTS[name].description)]));
}

function mapValues<K extends string, V, T>(
  record: Readonly<Record<K, V>>,
  make: (value: V) => T,
): Record<K, T> {
  return Object.fromEntries(Object.keys(record).map((key) => [key, make(record[key as K])])) as Record<K, T>;
}

function mapKeys<K extends string, T>(
  record: Readonly<Record<K, unknown>>,
  make: (key: K) => T,
): Record<string, T> {
  return Object.fromEntries(Object.keys(record).map((key) => [key, make(key as K)]));
}

/** A field in all the ways that the config file may write it. */
function optional(field: Field<unknown>, description: string) {
  return z.optional(z.union(waysOf(field))).check(z.describe(description));
}

function required(field: Field<unknown>, description: string) {
  return z.union(waysOf(field)).check(z.describe(description));
}

function waysOf(field: Field<unknown>): [z.ZodMiniType, ...z.ZodMiniType[]] {
  const schema = field.schema();
  switch (field.form) {
    case 'text':
    case 'flag':
      return [schema];
    case 'word':
      return [schema, z.boolean()];
    case 'list':
    case 'lines':
      return [schema, z.string()];
    case 'pairs':
    case 'columns':
      return [schema, z.array(z.string()), z.string()];
    case 'entries':
      return [schema, z.record(z.string(), z.string()), z.string()];
  }
}

function section(schema: z.ZodMiniType, description: string) {
  return z.optional(schema).check(z.describe(description));
}
