/** A strict SemVer 2.0.0 version. https://semver.org/#backusnaur-form-grammar-for-valid-semver-versions */
export type Version = {
  /** As written, without any prefix: `1.3.0-rc.1+build.5`. */
  readonly raw: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: readonly string[];
  readonly build: readonly string[];
};

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

/** Undefined when the text is not strict SemVer, or a number does not fit. */
export function parseVersion(text: string): Version | undefined {
  if (text.length > 200) return undefined;
  const match = SEMVER.exec(text);
  if (match === null) return undefined;
  const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (![major, minor, patch].every(Number.isSafeInteger)) return undefined;
  return {
    raw: text,
    major,
    minor,
    patch,
    prerelease: match[4]?.split('.') ?? [],
    build: match[5]?.split('.') ?? [],
  };
}

export function isPrerelease(version: Version): boolean {
  return version.prerelease.length > 0;
}

/** The version as a tag: `+` is not allowed in tags and becomes `-`, as docker/metadata-action does. */
export function versionTag(version: Version): string {
  return version.raw.replaceAll('+', '-');
}

/** Negative when a comes before b. Build metadata does not count. https://semver.org/#spec-item-11 */
export function compareVersions(a: Version, b: Version): number {
  const core = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  return core !== 0 ? core : comparePrerelease(a.prerelease, b.prerelease);
}

function comparePrerelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right === undefined) return 1;
    const order = compareIdentifier(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifier(a: string, b: string): number {
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (x && y) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  if (x !== y) return x ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
