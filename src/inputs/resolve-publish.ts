import type { PublishInputs } from '../model/inputs.ts';
import type { PublishTarget } from '../model/publish.ts';
import type { WrittenConfig } from './config.ts';
import type { Door } from './door.ts';
import { FIELDS, PUBLISH_WHEN } from './fields.ts';
import type { InputName } from './names.ts';
import { readField } from './read.ts';
import { show } from './text.ts';

const TIMEOUT_SECONDS = 1800;

/** Whether, where to, and as whom. What lacks is no problem here: pull requests of forks have no secrets, and publish nothing. */
export function resolvePublish(door: Door, { publish }: WrittenConfig): PublishInputs {
  const mode = door.read(FIELDS.publish);
  const tag = readField(PUBLISH_WHEN.tag, publish?.tag, door.problems);
  const prerelease = readField(PUBLISH_WHEN.prerelease, publish?.prerelease, door.problems) ?? false;
  const target = readTarget(door);
  const scope = door.read(FIELDS['publish-scope']) ?? 'org';
  const token = door.read(FIELDS['publish-token']);
  const org = door.read(FIELDS['publish-org']);
  const key = door.read(FIELDS['publish-key']);
  return {
    // A plain `false` is the default; beside `when` it says something.
    ...(mode === undefined || (!mode && tag === undefined) ? {} : { asked: mode }),
    ...(tag === undefined ? {} : { when: { tag, prerelease } }),
    target,
    scope,
    generateKeys: door.read(FIELDS['generate-keys']) ?? false,
    wait: door.read(FIELDS['publish-wait']) ?? scope === 'org',
    timeoutSeconds: door.read(FIELDS['publish-timeout']) ?? TIMEOUT_SECONDS,
    ...(token === undefined ? {} : { token }),
    ...(org === undefined ? {} : { org }),
    ...(key === undefined ? {} : { key }),
  };
}

function readTarget(door: Door): PublishTarget {
  const env = door.read(FIELDS['publish-env']) ?? 'dev';
  const url = door.read(FIELDS['publish-url']);
  const webhook = door.read(FIELDS['publish-webhook']);
  const repository = door.read(FIELDS['publish-dispatch']);
  if (webhook !== undefined) return { kind: 'webhook', url: webhook };
  if (repository !== undefined) return { kind: 'dispatch', repository };
  return { kind: 'hla-compass', env, ...(url === undefined ? {} : { url }) };
}

/** What only HLA-Compass knows. */
const OF_COMPASS: readonly InputName[] = [
  'publish-env',
  'publish-url',
  'publish-key',
  'generate-keys',
  'publish-wait',
  'publish-timeout',
];

/** Inputs of publishing that contradict each other. Looks only at what is given. */
export function checkPublish(door: Door): void {
  const isTrue = (name: InputName) => /^true$/i.test(String(door.written.get(name)?.value ?? ''));
  if (door.given('publish-key') && isTrue('generate-keys'))
    door.refuse('generate-keys', '"true" cannot stand beside `publish-key`: the given key signs');
  if (door.given('publish-webhook') && door.given('publish-dispatch'))
    door.refuse('publish-dispatch', 'it cannot stand beside `publish-webhook`: one of them is told');
  const other = (['publish-webhook', 'publish-dispatch'] as const).find((name) => door.given(name));
  if (other !== undefined)
    for (const name of OF_COMPASS) door.refuse(name, `it has no meaning beside \`${other}\``);
  if (isTrue('publish') && isTrue('offline'))
    door.refuse('publish', `${show(door.written.get('publish')?.value)} cannot be used with \`offline\``);
}
