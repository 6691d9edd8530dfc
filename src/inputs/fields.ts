import { ALIASES } from '../model/channel.ts';
import { COMMANDS } from '../model/inputs.ts';
import { PUBLISH_ENVS, PUBLISH_SCOPES } from '../model/publish.ts';
import { SEVERITIES } from '../model/scan.ts';
import { REQUIREMENTS } from '../model/verification.ts';
import type { Field } from './field.ts';
import { columns, entries, flag, lines, list, pairs, secretPairs, secretText, text, word } from './field.ts';
import { FROM_FORM, parseFrom } from './from.ts';
import type { InputName } from './names.ts';
import { parseDigests, parseSelector, SELECTOR_FORM } from './selector.ts';
import { parseAnnotation, parseTagRule } from './tag-rules.ts';
import * as v from './values.ts';
import { channelName, sentence } from './values-channels.ts';

const BAKE_TARGET = /^\w[\w.-]{0,127}$/;
const SHARD = /^[a-z0-9][a-z0-9._-]{0,79}$/;
const DIGESTS_FORM =
  'a JSON object of image names with 64 hex digits each, such as {"app":"…"} of the output `digests`';
const SHA256 = /^[0-9a-f]{64}$/;

/** How each input is written and what may stand in it. The compiler compares the keys with the list of names. */
export const FIELDS = {
  command: text('command', () => v.oneOf(COMMANDS)),
  config: text('config', v.path),
  'working-directory': text('working-directory', v.path),
  'dry-run': flag('dry-run'),
  'github-token': secretText('github-token', () => v.matching('a token without blanks', /^[\x21-\x7e]+$/)),

  registry: list('registry', v.registryHost),
  namespace: text('namespace', v.repositoryPath),
  image: text('image', v.imageName),

  version: text('version', v.anyText),
  'tag-prefix': text('tag-prefix', v.tagPrefix),
  manifest: word('manifest', () => v.oneOf(['auto', 'true', 'false'])),
  tags: lines('tags', () => v.explained(parseTagRule)),
  'pull-request': text('pull-request', () => v.oneOf(['gate', 'push'])),
  labels: pairs('labels'),
  annotations: entries('annotations', () => v.explained(parseAnnotation)),

  channel: text('channel', channelName),
  aliases: list('aliases', () => v.oneOf(ALIASES)),
  to: text('to', () => v.parsed(SELECTOR_FORM, parseSelector)),
  force: flag('force'),
  reason: text('reason', sentence),

  username: text('username', v.username),
  password: secretText('password', v.anyText),
  'registry-auth': secretText('registry-auth', v.anyText),
  'registry-insecure': list('registry-insecure', v.registryHost),

  context: text('context', v.path),
  file: text('file', v.path),
  target: text('target', v.stageName),
  platforms: list('platforms', v.platform),
  'build-args': pairs('build-args'),
  'build-contexts': pairs('build-contexts'),
  secrets: secretPairs('secrets'),
  'secret-files': pairs('secret-files', v.path),
  ssh: list('ssh', v.anyText),
  'cache-from': lines('cache-from', v.anyText),
  'cache-to': lines('cache-to', v.anyText),
  'no-cache': flag('no-cache'),
  pull: flag('pull'),
  network: text('network', () => v.oneOf(['default', 'host', 'none'])),
  builder: text('builder', () =>
    v.matching('the name of a builder such as mybuilder', /^[A-Za-z0-9][\w.-]{0,127}$/),
  ),
  'builder-image': text('builder-image', v.reference),
  'bake-file': list('bake-file', v.path),
  'bake-targets': list('bake-targets', () =>
    v.matching('the name of a bake target such as app', BAKE_TARGET),
  ),
  'module-base-image': text('module-base-image', v.reference),
  from: text('from', () => v.parsed(FROM_FORM, parseFrom)),

  shard: text('shard', () => v.matching('the name of a shard such as base-linux-amd64', SHARD)),
  handoff: list('handoff', v.path),
  digests: text('digests', () => v.parsed(DIGESTS_FORM, parseDigests)),

  scanners: list('scanners', () => v.oneOf(['vuln', 'secret'])),
  severity: list('severity', () => v.oneOf(SEVERITIES)),
  'ignore-unfixed': flag('ignore-unfixed'),
  waivers: text('waivers', v.path),
  'skip-dirs': list('skip-dirs', v.path),
  'skip-files': list('skip-files', v.path),
  'scan-timeout': text('scan-timeout', v.duration),
  'source-secrets': list('source-secrets', v.path),
  sbom: list('sbom', () => v.oneOf(['cyclonedx', 'spdx', 'both', 'none'])),
  'sbom-generator': text('sbom-generator', () => v.oneOf(['trivy', 'syft'])),

  'trivy-version': text('trivy-version', () => v.toolVersion('0.69.3')),
  'trivy-path': text('trivy-path', v.path),
  'syft-version': text('syft-version', () => v.toolVersion('1.44.0')),
  'syft-path': text('syft-path', v.path),
  'tools-mirror': text('tools-mirror', v.baseUrl),
  'tool-checksums': columns('tool-checksums', () =>
    v.matching('a SHA-256 of 64 lower-case hex digits', SHA256),
  ),
  'trivy-db-repository': list('trivy-db-repository', v.databaseRepository),
  'trivy-cache-dir': text('trivy-cache-dir', v.path),
  offline: flag('offline'),

  attest: word('attest', () => v.oneOf(['auto', 'true', 'false'])),
  sigstore: text('sigstore', () => v.oneOf(['auto', 'public-good', 'github', 'private'])),
  'sigstore-signing-config': text('sigstore-signing-config', v.path),
  'sigstore-trusted-root': text('sigstore-trusted-root', v.path),
  'cosign-key': secretText('cosign-key', v.privateKey),
  'cosign-password': secretText('cosign-password', v.anyText),
  'attest-store': list('attest-store', () => v.oneOf(['registry', 'github', 'file'])),

  record: text('record', v.path),

  publish: flag('publish'),
  'publish-env': text('publish-env', () => v.oneOf(PUBLISH_ENVS)),
  'publish-scope': text('publish-scope', () => v.oneOf(PUBLISH_SCOPES)),
  'publish-url': text('publish-url', v.safeUrl),
  'publish-token': secretText('publish-token', () =>
    v.matching('a token without blanks', /^[\x21-\x7e]{1,8192}$/),
  ),
  'publish-org': text('publish-org', () => v.matching('the id of an organization', /^[\w.:-]{1,128}$/)),
  'publish-key': secretText('publish-key', v.privateKey),
  'generate-keys': flag('generate-keys'),
  'publish-wait': flag('publish-wait'),
  'publish-timeout': text('publish-timeout', v.duration),
  'publish-webhook': text('publish-webhook', v.safeUrl),
  'publish-dispatch': text('publish-dispatch', () =>
    v.matching('a repository such as acme/deploy', /^[\w-]{1,100}\/[\w.-]{1,100}$/),
  ),

  subject: list('subject', v.reference),
  'identity-repository': text('identity-repository', v.githubRepository),
  'identity-repository-regexp': text('identity-repository-regexp', v.regexp),
  'identity-workflow': text('identity-workflow', v.signerWorkflow),
  'identity-workflow-regexp': text('identity-workflow-regexp', v.regexp),
  'identity-ref': text('identity-ref', v.gitRef),
  'identity-ref-regexp': text('identity-ref-regexp', v.regexp),
  'identity-issuer': text('identity-issuer', v.baseUrl),
  'identity-issuer-regexp': text('identity-issuer-regexp', v.regexp),
  require: list('require', () => v.oneOf([...REQUIREMENTS, 'none'])),
} as const satisfies Record<InputName, Field<unknown>>;

/** The input `from` of `command: promote`. */
export const PROMOTED_FROM = text('from', () => v.parsed(SELECTOR_FORM, parseSelector));

/** Keys of one image under `images:` in the config file. */
export const IMAGE_FIELDS = {
  context: text('context', v.path),
  file: text('file', v.path),
  target: text('target', v.stageName),
  platforms: list('platforms', v.platform),
  args: pairs('args'),
  contexts: pairs('contexts'),
  labels: pairs('labels'),
  from: text('from', () => v.parsed(FROM_FORM, parseFrom)),
} as const satisfies Record<string, Field<unknown>>;

/** `bake.names` of the config file: target → image name. */
export const BAKE_NAMES = pairs('names', v.imageName);

/** Keys of `publish:` in the config file that are no inputs: when it is on, unless the input `publish` says it. */
export const PUBLISH_WHEN = {
  tag: text('tag', () =>
    v.matching('a pattern for names of git tags such as v*', /^[^\s~^:?[\\\p{Cc}]{1,200}$/u),
  ),
  prerelease: flag('prerelease'),
} as const;

/** The key of an image under `images:`. */
export const IMAGE_NAME = text('name', v.imageName);
