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

/** Of a container image: its last name, its digest, and where it is. https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md */
export function purlOfImage(reference: string, architecture: string | undefined): string | undefined {
  const [repository, digest] = reference.split('@');
  const name = repository?.split('/').at(-1)?.toLowerCase();
  if (repository === undefined || name === undefined || digest === undefined) return undefined;
  const arch = architecture === undefined ? '' : `arch=${encodeURIComponent(architecture)}&`;
  return `pkg:oci/${name}@${encodeURIComponent(digest)}?${arch}repository_url=${encodeURIComponent(repository)}`;
}
