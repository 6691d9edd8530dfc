import type { Digest } from './digest.ts';
import { formatRepository, type Repository } from './reference.ts';

export type PurlParts = {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly epoch: string | undefined;
};

/** `pkg:type/namespace/name@version?qualifiers#subpath`; undefined when it is none. https://github.com/package-url/purl-spec */
export function partsOfPurl(purl: string): PurlParts | undefined {
  const match = /^pkg:([^/]+)\/(?:([^?#]+)\/)?([^/@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?/.exec(purl);
  if (match === null) return undefined;
  const [, type = '', namespace = '', name = '', version = '', qualifiers = ''] = match;
  try {
    return {
      type,
      namespace: decodeURIComponent(namespace),
      name: decodeURIComponent(name),
      version: decodeURIComponent(version),
      epoch: /(?:^|&)epoch=([^&]+)/.exec(qualifiers)?.[1],
    };
  } catch {
    return undefined;
  }
}

/**
 * Of a container image: its last name, its digest and where it is; `more` are qualifiers whose names come before
 * `repository_url` in the alphabet. https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
 */
export function purlOfImage(
  repository: Repository,
  digest: Digest,
  more: { readonly arch?: string; readonly platform?: string } = {},
): string {
  const name = repository.path.slice(repository.path.lastIndexOf('/') + 1);
  const qualifiers = Object.entries({ ...more, repository_url: formatRepository(repository) });
  const query = qualifiers.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  return `pkg:oci/${name}@${encodeURIComponent(digest)}?${query}`;
}
