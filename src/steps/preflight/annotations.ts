import { decodeManifest, type Encoded } from '../../model/manifest.ts';

/** Whatever somebody else put under the tag: what cannot be read has no annotations. */
export function annotationsOf({ bytes }: Encoded): Readonly<Record<string, string>> {
  try {
    return decodeManifest(bytes).annotations;
  } catch {
    return {};
  }
}
