import type { ResolvedBuild } from '../../model/build.ts';
import type { ImageInput, Inputs } from '../../model/inputs.ts';
import { publicUri } from '../../model/material.ts';
import type { PlannedImage } from '../../model/plan.ts';

/**
 * What the user asked for, as far as it shapes bytes and may be read by everybody. A list of what is shown, not of what is
 * hidden: a new input is a secret until it stands here. Build arguments by name; caches, logins, secrets and SSH not at all.
 */
export function publicInputs({
  command,
  names,
  version,
  build,
  gate,
}: Inputs): Readonly<Record<string, unknown>> {
  return {
    command,
    registry: names.registries,
    ...optional('namespace', names.namespace),
    ...optional('image', names.image),
    ...optional('version', version.version),
    'tag-prefix': version.tagPrefix,
    ...(build.definition.kind === 'bake-file'
      ? { 'bake-file': build.definition.files, 'bake-targets': build.definition.targets }
      : { images: build.definition.images.map(publicImage) }),
    secrets: [...Object.keys(build.secrets), ...Object.keys(build.secretFiles)].sort(),
    'no-cache': build.noCache,
    pull: build.pull,
    ...optional('network', build.network),
    scanners: gate.scanners,
    severity: gate.severities,
    'ignore-unfixed': gate.ignoreUnfixed,
    sbom: gate.sbom,
    'sbom-generator': gate.sbomGenerator,
  };
}

function publicImage(image: ImageInput): Readonly<Record<string, unknown>> {
  return {
    ...optional('name', image.name),
    ...(image.from === undefined ? {} : { from: image.from.kind }),
    context: publicPlace(image.context),
    ...optional('file', image.file),
    ...optional('target', image.target),
    'build-args': Object.keys(image.args).sort(),
    'build-contexts': Object.fromEntries(
      Object.entries(image.contexts).map(([name, place]) => [name, publicPlace(place)]),
    ),
  };
}

const IMAGE = /^docker-image:\/\/[\w./:-]+(?:@sha256:[0-9a-f]{64})?$/;

/** Paths, `target:NAME` and images as they are, addresses without what could be a token. */
function publicPlace(text: string): string {
  const isPlain = !text.includes('://') && !text.includes('@');
  return isPlain || IMAGE.test(text) ? text : (publicUri(text) ?? '(not shown)');
}

/** What shaped one image, with the build arguments of its target by name. */
export function imageParameters(
  planned: PlannedImage,
  build: ResolvedBuild | undefined,
): Readonly<Record<string, unknown>> {
  const { source, name } = planned;
  if (source.kind !== 'bake') return { name, source: source.kind };
  const args = build?.targets[source.target]?.definition.args;
  const names = typeof args === 'object' && args !== null ? Object.keys(args).sort() : [];
  return { name, target: source.target, 'build-args': names, ...optional('plan-hash', planned.planHash) };
}

function optional(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [name]: value };
}
