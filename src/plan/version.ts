import type { RunContext } from '../model/context.ts';
import { type Problem, problem } from '../model/errors.ts';
import type { Facts, ManifestFacts } from '../model/facts.ts';
import type { VersionInputs } from '../model/inputs.ts';
import type { Plan } from '../model/plan.ts';
import { parseVersion, type Version } from '../model/version.ts';
import { tagOf } from './event.ts';
import { nearestVersion, readVersionTag } from './version-tag.ts';

/** The version of this release, where the event has one. */
export type VersionReading = {
  readonly version?: Version;
  /** The version with its prefix, as the tag or the input has it. */
  readonly written?: string;
  /** The image named by the tag, for a prefix with a star. */
  readonly image?: string;
  readonly problems: readonly Problem[];
};

/**
 * Only tags and dispatches release a version: a `version` that stands in the config must not make every push to a branch
 * an immutable release. The input wins over the tag; a dispatch without one takes that of manifest.json.
 */
export function readVersion(
  inputs: VersionInputs,
  kind: Plan['kind'],
  context: RunContext,
  facts: Facts,
): VersionReading {
  const manifest = inputs.manifest === 'false' ? undefined : facts.manifest;
  // Then each image has a version of its own.
  const isSet = manifest === undefined && (facts.modules?.size ?? 0) > 0;
  const isReleased = kind === 'tag' || kind === 'dispatch';
  const read = isReleased ? readReleased(inputs, context, manifest, isSet) : { problems: [] };
  return { ...read, problems: [...read.problems, ...(isSet ? [] : checkManifest(inputs, manifest, read))] };
}

/** The version of one image: that of the event, and on a dispatch without one that of the module that the image is. */
export function readImageVersion(
  inputs: VersionInputs,
  kind: Plan['kind'],
  released: VersionReading,
  { name, manifest }: { readonly name: string; readonly manifest?: ManifestFacts },
): VersionReading {
  const isKnown = released.version !== undefined || released.problems.length > 0;
  if (isKnown || kind !== 'dispatch')
    return { ...released, problems: manifest === undefined ? [] : checkManifest(inputs, manifest, released) };
  if (manifest?.version !== undefined) return readManifestVersion(manifest, manifest.version);
  const problems = manifest === undefined ? [] : checkManifest(inputs, manifest, released);
  return {
    problems: [...problems, problem('VERSION_MISSING', `the image ${name} has no version of its own`)],
  };
}

function readReleased(
  inputs: VersionInputs,
  context: RunContext,
  manifest: ManifestFacts | undefined,
  isSet: boolean,
): VersionReading {
  if (inputs.version !== undefined) return readInput(inputs.version, inputs.tagPrefix);
  const tag = tagOf(context);
  if (tag !== undefined) return readTag(tag, inputs.tagPrefix);
  if (manifest?.version !== undefined) return readManifestVersion(manifest, manifest.version);
  return manifest?.fault === undefined && !isSet
    ? { problems: [problem('VERSION_MISSING', `no version for ${context.eventName} on ${context.ref}`)] }
    : { problems: [] };
}

function readTag(tag: string, prefix: string): VersionReading {
  const reading = readVersionTag(tag, prefix);
  if ('version' in reading) return { ...reading, written: tag, problems: [] };
  const what =
    reading.fault === 'prefix'
      ? `the git tag does not start with the tag-prefix ${prefix}: ${tag}`
      : `the git tag is no strict SemVer version after its prefix: ${tag}`;
  return {
    problems: [problem('TAG_NOT_SEMVER', ...withCorrection(what, reading.corrected, 'Tag the commit as'))],
  };
}

/** The input may carry the prefix of the tag or a plain v, or be the bare version. */
function readInput(text: string, prefix: string): VersionReading {
  const reading = readVersionTag(text, prefix);
  if ('version' in reading) return { ...reading, written: text, problems: [] };
  const version = parseVersion(text.replace(/^v/, ''));
  if (version !== undefined) return { version, written: text, problems: [] };
  const what = `the input version is no strict SemVer version: ${text}`;
  const corrected = reading.fault === 'prefix' ? nearestVersion(text) : reading.corrected;
  return { problems: [problem('INPUT_INVALID', ...withCorrection(what, corrected, 'Set `version` to'))] };
}

function readManifestVersion(manifest: ManifestFacts, text: string): VersionReading {
  const version = parseVersion(text);
  if (version !== undefined) return { version, written: text, problems: [] };
  const what = `the version of ${manifest.path} is no strict SemVer version: ${text}`;
  return {
    problems: [
      inManifest('MANIFEST_INVALID', manifest, ...withCorrection(what, nearestVersion(text), 'Write')),
    ],
  };
}

function checkManifest(
  inputs: VersionInputs,
  manifest: ManifestFacts | undefined,
  read: VersionReading,
): readonly Problem[] {
  if (inputs.manifest === 'false') return [];
  if (manifest === undefined) {
    return inputs.manifest === 'true'
      ? [problem('MANIFEST_NOT_FOUND', 'there is no manifest.json in the working directory')]
      : [];
  }
  if (manifest.fault !== undefined)
    return [inManifest('MANIFEST_INVALID', manifest, `${manifest.path} cannot be read: ${manifest.fault}`)];
  if (manifest.version === undefined) {
    return inputs.manifest === 'true'
      ? [inManifest('MANIFEST_INVALID', manifest, `${manifest.path} has no version`)]
      : [];
  }
  if (read.version === undefined || read.version.raw === manifest.version) return [];
  const what = `${manifest.path} has the version ${manifest.version}, and ${read.written ?? ''} has ${read.version.raw}`;
  return [inManifest('VERSION_MISMATCH', manifest, what)];
}

function inManifest(
  code: 'MANIFEST_INVALID' | 'VERSION_MISMATCH',
  manifest: ManifestFacts,
  message: string,
  hint?: string,
): Problem {
  const line = manifest.line;
  return {
    ...problem(code, message, hint),
    at: { file: manifest.path, ...(line === undefined ? {} : { line }) },
  };
}

/** Message and hint; without a correction the catalogue's hint stays. */
function withCorrection(what: string, corrected: string | undefined, act: string): [string, string?] {
  return corrected === undefined ? [what] : [`${what} (corrected: ${corrected})`, `${act} ${corrected}.`];
}
