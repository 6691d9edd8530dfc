import { parseVersion, type Version } from '../model/version.ts';

/** A version read from a tag, or why there is none, with the tag as it should be written where that can be guessed. */
export type TagReading =
  | {
      readonly version: Version;
      /** What stood in place of the star in the prefix. */
      readonly image?: string;
    }
  | { readonly fault: 'prefix' | 'semver'; readonly corrected?: string };

type Split = { readonly head: string; readonly rest: string; readonly image?: string };

/**
 * Reads `v1.2.3`, `my-module/v1.2.3` (prefix `my-module/v`) or, with a star in the prefix, the image's name and the
 * version. An unprefixed version passes where the prefix is the plain `v`: an empty input cannot be told from none.
 */
export function readVersionTag(tag: string, prefix: string): TagReading {
  const splits = splitTag(tag, prefix);
  for (const { rest, image } of splits) {
    const version = parseVersion(rest);
    if (version !== undefined) return { version, ...(image === undefined ? {} : { image }) };
  }
  const first = splits[0];
  if (first === undefined) return correct('prefix', prefix, withoutPrefix(tag, prefix));
  return correct('semver', first.head, first.rest);
}

/** The nearest strict SemVer version: `1.2` → `1.2.0`, `V1.02.3rc1` → `1.2.3-rc1`, `1.2.3.4` → `1.2.3+4`. */
export function nearestVersion(text: string): string | undefined {
  const match = /^[vV=\s]*(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$/s.exec(text.trim());
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', tail = ''] = match;
  const corrected = [major, minor, patch].map(trimZeros).join('.') + correctTail(tail);
  return parseVersion(corrected) === undefined ? undefined : corrected;
}

function correctTail(tail: string): string {
  const words = tail
    .split(/[^0-9A-Za-z-]+/)
    .map((word) => word.replace(/^-+|-+$/g, ''))
    .filter((word) => word !== '')
    .map((word) => (/^\d+$/.test(word) ? trimZeros(word) : word));
  if (words.length === 0) return '';
  // A fourth number orders nothing in SemVer; as build metadata it stays readable.
  return `${tail.startsWith('.') || tail.startsWith('+') ? '+' : '-'}${words.join('.')}`;
}

function trimZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

function splitTag(tag: string, prefix: string): readonly Split[] {
  const star = prefix.indexOf('*');
  if (star >= 0) return splitAtStar(tag, prefix.slice(0, star), prefix.slice(star + 1));
  if (tag.startsWith(prefix)) return [{ head: prefix, rest: tag.slice(prefix.length) }];
  return prefix === 'v' ? [{ head: prefix, rest: tag }] : [];
}

/** Every way to read the star; `tool-v2-v1.0.0` has two with the prefix `*-v`, and only one leaves a version. */
function splitAtStar(tag: string, before: string, after: string): readonly Split[] {
  if (!tag.startsWith(before)) return [];
  if (after === '') return [];
  const splits: Split[] = [];
  for (let at = tag.indexOf(after, before.length + 1); at >= 0; at = tag.indexOf(after, at + 1)) {
    const image = tag.slice(before.length, at);
    if (image.includes('/')) break;
    const end = at + after.length;
    splits.push({ head: tag.slice(0, end), rest: tag.slice(end), image });
  }
  return splits;
}

/** Only for the corrected form: what is left when the prefix is there in another case, or not at all. */
function withoutPrefix(tag: string, prefix: string): string {
  return tag.toLowerCase().startsWith(prefix.toLowerCase()) ? tag.slice(prefix.length) : tag;
}

function correct(fault: 'prefix' | 'semver', head: string, rest: string): TagReading {
  const version = nearestVersion(rest);
  const hasStar = head.includes('*');
  return { fault, ...(version === undefined || hasStar ? {} : { corrected: `${head}${version}` }) };
}
