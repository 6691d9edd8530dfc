import { type Problem, problem } from '../model/errors.ts';
import { ARTIFACT_FIELDS } from './artifacts.ts';
import { CHANNEL_FIELDS, WHEN_FIELDS, type WrittenChannel } from './channels.ts';
import { IMAGE_FIELDS } from './fields.ts';
import { INPUTS, type InputName, inputSpec, isInputName } from './names.ts';
import { GATE_INPUTS, TOOL_INPUTS } from './names-gate.ts';
import { problemAt, type Written } from './read.ts';
import { RUNNER_FIELDS, type WrittenRunner } from './runners.ts';
import { escapeUnseen, nearest, show } from './text.ts';
import type { ReadYaml } from './yaml.ts';

export type ConfigFile = {
  /** Relative to the workspace, for messages. */
  readonly file: string;
  readonly text: string;
};

/** The config file taken apart: nothing is checked yet but the keys. */
export type WrittenConfig = {
  readonly inputs: ReadonlyMap<InputName, Written>;
  /** What the section `publish` says beside inputs. */
  readonly publish?: { readonly tag?: Written; readonly prerelease?: Written };
  readonly bakeNames?: Written;
  /** Undefined when the file declares no `images`. */
  readonly images?: {
    readonly written: Written;
    readonly entries: readonly WrittenImage[];
  };
  readonly channels: readonly WrittenChannel[];
  /** Undefined when the file has none. */
  readonly artifacts?: readonly WrittenImage[];
  /** Undefined when the file has none. */
  readonly runners?: readonly WrittenRunner[];
  readonly gateScope?: Written;
};

export type WrittenImage = {
  readonly name: string;
  readonly written: Written;
  readonly keys: ReadonlyMap<string, Written>;
};

/** What the design has and this version has not. */
const LATER = ['pins', 'retention', 'pack', 'layers'];

const BAKE_KEYS = ['file', 'targets', 'names'] as const;
const IDENTITY_KEYS = ['workflow'] as const;

/** Keys of the section `publish`, with the inputs that they stand for. */
export const PUBLISH_KEYS = {
  env: 'publish-env',
  scope: 'publish-scope',
  org: 'publish-org',
  wait: 'publish-wait',
  timeout: 'publish-timeout',
  'generate-keys': 'generate-keys',
  webhook: 'publish-webhook',
  dispatch: 'publish-dispatch',
} as const satisfies Readonly<Record<string, InputName>>;

export function gateKeys(): InputName[] {
  return Object.keys({ ...GATE_INPUTS, ...TOOL_INPUTS })
    .filter(isInputName)
    .filter((name) => inputSpec(name).config);
}

export function topKeys(): string[] {
  const inputs = Object.keys(INPUTS).filter((name) => isInputName(name) && inputSpec(name).config);
  return [...inputs, 'images', 'bake', 'channels', 'artifacts', 'runners', 'gate', 'identity'];
}

/** Takes the config file apart. Never throws: what cannot be read is a problem. */
export function readConfig(config: ConfigFile, readYaml: ReadYaml, problems: Problem[]): WrittenConfig {
  const parsed = readYaml(config.text);
  if (!parsed.ok) {
    const where = { file: config.file, ...(parsed.line === undefined ? {} : { line: parsed.line }) };
    const message = `config file ${show(config.file)} is no YAML: ${escapeUnseen(parsed.message).slice(0, 300)}`;
    problems.push({ ...problem('INPUT_INVALID', message), at: where });
    return { inputs: new Map(), channels: [] };
  }
  const place = (path: readonly string[], value: unknown): Written => {
    const line = parsed.lineOf(path);
    const where =
      path.length === 0 ? 'config file' : `config \`${escapeUnseen(path.join('.')).slice(0, 120)}\``;
    return { value, where, at: { file: config.file, ...(line === undefined ? {} : { line }) } };
  };
  return takeApart(place([], parsed.value), place, problems);
}

type Place = (path: readonly string[], value: unknown) => Written;

function takeApart(root: Written, place: Place, problems: Problem[]): WrittenConfig {
  const inputs = new Map<InputName, Written>();
  const put = (name: InputName, written: Written) => {
    const other = inputs.get(name);
    if (other === undefined) inputs.set(name, written);
    else problems.push(problemAt(written, `it is given twice: also as ${other.where}`));
  };
  let bakeNames: Written | undefined;
  let images: WrittenConfig['images'];
  let publish: WrittenConfig['publish'];
  let channels: readonly WrittenChannel[] = [];
  let artifacts: readonly WrittenImage[] | undefined;
  let runners: readonly WrittenRunner[] | undefined;
  let gateScope: Written | undefined;
  for (const [key, value] of givenOf(root, problems)) {
    const written = place([key], value);
    if (key === 'images')
      images = { written, entries: readEntries(written, key, IMAGE_FIELDS, place, problems) };
    else if (key === 'artifacts') artifacts = readEntries(written, key, ARTIFACT_FIELDS, place, problems);
    else if (key === 'channels') channels = takeChannels(written, place, problems);
    else if (key === 'runners') runners = takeRunners(written, place, problems);
    else if (key === 'gate') {
      const keys = [...gateKeys(), 'scope'];
      for (const [inner, v] of known(written, keys, (k) => place(['gate', k], undefined), problems)) {
        if (isInputName(inner)) put(inner, place(['gate', inner], v));
        else gateScope = place(['gate', inner], v);
      }
    } else if (key === 'bake') {
      for (const [inner, v] of known(written, BAKE_KEYS, (k) => place(['bake', k], undefined), problems)) {
        if (inner === 'names') bakeNames = place(['bake', inner], v);
        else put(inner === 'file' ? 'bake-file' : 'bake-targets', place(['bake', inner], v));
      }
    } else if (key === 'identity') {
      const at = (inner: string, v?: unknown) => place(['identity', inner], v);
      for (const [inner, v] of known(written, IDENTITY_KEYS, at, problems)) {
        put('identity-workflow', at(inner, v));
      }
    } else if (key === 'publish' && isMap(value)) publish = readPublish(written, place, put, problems);
    else if (isInputName(key) && inputSpec(key).config) put(key, written);
    else problems.push(strangeKey(key, written, topKeys()));
  }
  return {
    inputs,
    channels,
    ...(bakeNames === undefined ? {} : { bakeNames }),
    ...(images === undefined ? {} : { images }),
    ...(artifacts === undefined ? {} : { artifacts }),
    ...(runners === undefined ? {} : { runners }),
    ...(gateScope === undefined ? {} : { gateScope }),
    ...(publish === undefined ? {} : { publish }),
  };
}

function readPublish(
  written: Written,
  place: Place,
  put: (name: InputName, written: Written) => void,
  problems: Problem[],
): NonNullable<WrittenConfig['publish']> {
  const names = [...Object.keys(PUBLISH_KEYS), 'when', 'prerelease'];
  let said: NonNullable<WrittenConfig['publish']> = {};
  for (const [key, v] of known(written, names, (k) => place(['publish', k], undefined), problems)) {
    const at = place(['publish', key], v);
    const input = Object.entries(PUBLISH_KEYS).find(([name]) => name === key)?.[1];
    if (input !== undefined) put(input, at);
    else if (key === 'prerelease') said = { ...said, prerelease: at };
    else
      for (const [, tag] of known(at, ['tag'], (k) => place(['publish', 'when', k], undefined), problems))
        said = { ...said, tag: place(['publish', 'when', 'tag'], tag) };
  }
  return said;
}

function readEntries(
  written: Written,
  section: string,
  fields: object,
  place: Place,
  problems: Problem[],
): WrittenImage[] {
  return membersOf(written, problems).map(([name, value]) => {
    const entry = place([section, name], value ?? {});
    const keys = known(entry, Object.keys(fields), (k) => place([section, name, k], undefined), problems);
    const entries = keys.map(([key, v]) => [key, place([section, name, key], v)] as const);
    return { name, written: entry, keys: new Map(entries) };
  });
}

function takeChannels(written: Written, place: Place, problems: Problem[]): WrittenChannel[] {
  const names = ['when', ...Object.keys(CHANNEL_FIELDS)];
  return membersOf(written, problems).map(([name, value]) => {
    const at =
      (...keys: string[]) =>
      (v?: unknown) =>
        place(['channels', name, ...keys], v);
    const channel = at()(value ?? {});
    const keys = known(channel, names, (key) => at(key)(), problems);
    const rule = keys.find(([key]) => key === 'when')?.[1];
    const isMap = typeof rule === 'object' && rule !== null && !Array.isArray(rule);
    const when = isMap
      ? known(at('when')(rule), Object.keys(WHEN_FIELDS), (key) => at('when', key)(), problems)
      : [];
    return {
      name,
      written: channel,
      keys: new Map(keys.map(([key, v]) => [key, at(key)(v)])),
      when: new Map(when.map(([key, v]) => [key, at('when', key)(v)])),
    };
  });
}

/** By platform: labels alone, or a map with more. */
function takeRunners(written: Written, place: Place, problems: Problem[]): WrittenRunner[] {
  return membersOf(written, problems).map(([name, value]) => {
    const at = (key: string, v?: unknown) => place(['runners', name, key], v);
    const runner = place(['runners', name], value ?? '');
    const keys = isMap(value) ? known(runner, Object.keys(RUNNER_FIELDS), at, problems) : [];
    return { name, written: runner, keys: new Map(keys.map(([key, v]) => [key, at(key, v)])) };
  });
}

/** The members with known keys; the others become problems. */
function known(
  section: Written,
  names: readonly string[],
  at: (key: string) => Written,
  problems: Problem[],
): [string, unknown][] {
  return givenOf(section, problems).filter(([key]) => {
    if (names.includes(key)) return true;
    problems.push(strangeKey(key, at(key), names));
    return false;
  });
}

function strangeKey(key: string, written: Written, names: readonly string[]): Problem {
  if (isInputName(key) && !inputSpec(key).config) {
    return problemAt(
      written,
      'it may not stand in the config file',
      `Set the input \`${key}\` in the workflow.`,
    );
  }
  if (LATER.includes(key))
    return problemAt(written, 'it is not supported by this version', 'Remove the key.');
  const near = nearest(key, names);
  const hint = near === undefined ? `Known keys: ${names.join(', ')}.` : `Did you mean \`${near}\`?`;
  return problemAt(written, 'there is no such key', hint);
}

/** Members of a map that are given: empty ones (null, empty text) count as not given. */
function givenOf(section: Written, problems: Problem[]): [string, unknown][] {
  return membersOf(section, problems).filter(([, value]) => value !== null && value !== '');
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(section: Written, problems: Problem[]): [string, unknown][] {
  const { value } = section;
  if (value === null || value === undefined) return [];
  if (isMap(value)) return Object.entries(Object(value));
  problems.push(problemAt(section, `${show(value)} is not a map`));
  return [];
}
