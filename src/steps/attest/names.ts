import { digestOf, hexOf } from '../../model/digest.ts';
import type { Storable } from './referrer.ts';

/**
 * The file name of each bundle, as soon as it is there: `app.provenance.sigstore.json`, `app@linux-arm64.cyclonedx.sigstore.json`. Names of
 * images have no `@`, so no image can take the place of another one's platform. Equals get the head of their digest.
 */
export function bundleNames(drafts: readonly Named[]): readonly ((bundle: Uint8Array) => string)[] {
  const taken = new Set<string>();
  return drafts.map((draft) => {
    const stem = stemOf(draft);
    const isTaken = taken.has(stem);
    taken.add(stem);
    return (bundle) => `${isTaken ? `${stem}.${hexOf(digestOf(bundle)).slice(0, 12)}` : stem}.sigstore.json`;
  });
}

type Named = Pick<Storable, 'image' | 'kind' | 'platform'>;

function stemOf({ image, platform, kind }: Named): string {
  return platform === undefined ? `${image}.${kind}` : `${image}@${platform.replaceAll('/', '-')}.${kind}`;
}
