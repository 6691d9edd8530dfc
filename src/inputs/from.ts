import { resolve } from 'node:path';
import type { ImageInput } from '../model/inputs.ts';
import { isDigestRef, parseReference } from '../model/reference.ts';

export type FromSource = NonNullable<ImageInput['from']>;

export const FROM_FORM =
  'one of docker-daemon:REF, oci-layout:PATH, oci-archive:PATH, docker-archive:PATH, registry:REPO@sha256:…';

/** Where the bytes of an image come from that another tool built. Paths are as written. */
export function parseFrom(text: string): FromSource | undefined {
  const colon = text.indexOf(':');
  const [kind, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon < 0 || rest === '' || text.includes('\0') || text.length > 4096) return undefined;
  switch (kind) {
    case 'docker-daemon':
      return isImageId(rest) || parseReference(rest) !== undefined ? { kind, reference: rest } : undefined;
    case 'oci-layout':
    case 'oci-archive':
    case 'docker-archive':
      return { kind, path: rest };
    case 'registry': {
      const ref = parseReference(rest);
      return ref !== undefined && isDigestRef(ref) ? { kind, reference: rest } : undefined;
    }
    default:
      return undefined;
  }
}

/** The same source with its path made absolute. */
export function resolveFrom(source: FromSource, folder: string): FromSource {
  return 'path' in source ? { kind: source.kind, path: resolve(folder, source.path) } : source;
}

function isImageId(text: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{12,64}$/.test(text);
}
