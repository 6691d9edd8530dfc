import type { ReleaseSelector } from '../model/channel.ts';
import { type Digest, parseDigest } from '../model/digest.ts';
import { isRepositoryPath, isTag, parseReference } from '../model/reference.ts';

export const SELECTOR_FORM =
  'a version, a channel, a tag, sha256:…, name@sha256:… or a reference for each image (one a line), the output `digests`, or handoff:PATH';

const LONGEST = 200_000;
const HANDOFF = 'handoff:';

/** Which release is meant. Names are not looked up here: a version, a channel and a tag are all one word. */
export function parseSelector(text: string): ReleaseSelector | undefined {
  if (text.length > LONGEST) return undefined;
  if (text.startsWith('{')) return fromJson(text);
  if (text.startsWith(HANDOFF)) {
    const path = text.slice(HANDOFF.length).trim();
    return path === '' ? undefined : { kind: 'handoff', path };
  }
  const items = text.split(/[\s,]+/).filter((item) => item !== '');
  const [only] = items;
  if (only === undefined) return undefined;
  if (items.length === 1) {
    const digest = parseDigest(only);
    if (digest !== undefined) return { kind: 'digests', digests: [{ digest }] };
    if (only === 'previous') return { kind: 'previous' };
    if (isTag(only) || isTag(only.replaceAll('+', '-'))) return { kind: 'name', name: only };
  }
  return items.some((item) => item.includes('/')) ? fromReferences(items) : fromNames(items);
}

/** `name@sha256:…` */
function fromNames(items: readonly string[]): ReleaseSelector | undefined {
  return digestsOf(
    items.map((item) => {
      const at = item.indexOf('@');
      return [item.slice(0, at), parseDigest(item.slice(at + 1))] as const;
    }),
  );
}

/** The output `digests` as a record; undefined when it is anything else, or names no image. */
export function parseDigests(text: string): Readonly<Record<string, Digest>> | undefined {
  const found = text.length <= LONGEST ? fromJson(text) : undefined;
  if (found?.kind !== 'digests') return undefined;
  return Object.fromEntries(
    found.digests.flatMap(({ image, digest }) => (image === undefined ? [] : [[image, digest]])),
  );
}

/** The output `digests`: name → 64 hex digits, with or without their prefix. */
function fromJson(text: string): ReleaseSelector | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  return digestsOf(
    Object.entries(json).map(([name, value]) => {
      const hex = String(value);
      return [name, parseDigest(hex) ?? parseDigest(`sha256:${hex}`)] as const;
    }),
  );
}

function digestsOf(pairs: readonly (readonly [string, Digest | undefined])[]): ReleaseSelector | undefined {
  const digests = pairs.flatMap(([image, digest]) =>
    digest === undefined || !isImageName(image) ? [] : [{ image, digest }],
  );
  const distinct = new Set(digests.map(({ image }) => image));
  if (digests.length === 0 || digests.length < pairs.length || distinct.size < digests.length)
    return undefined;
  return { kind: 'digests', digests };
}

function fromReferences(items: readonly string[]): ReleaseSelector | undefined {
  const references = items.flatMap((item) => parseReference(item) ?? []);
  const distinct = new Set(references.map(({ repository }) => repository.path.split('/').at(-1)));
  if (references.length < items.length || distinct.size < references.length) return undefined;
  return { kind: 'references', references };
}

function isImageName(text: string): boolean {
  return isRepositoryPath(text) && !text.includes('/');
}
