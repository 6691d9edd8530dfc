import { digestOf, hexOf } from '../../model/digest.ts';
import type { Storable } from './referrer.ts';

/**
 * One file name for each bundle: `app.provenance.sigstore.json`, `app@linux-arm64.cyclonedx.sigstore.json`. Names of
 * images have no `@`, so no image can take the place of another one's platform. Equals get the head of their digest.
 */
export function bundleNames(signed: readonly Storable[]): readonly string[] {
  const taken = new Set<string>();
  return signed.map((statement) => {
    const stem = stemOf(statement);
    const name = taken.has(stem) ? `${stem}.${hexOf(digestOf(statement.bundle)).slice(0, 12)}` : stem;
    taken.add(name);
    return `${name}.sigstore.json`;
  });
}

function stemOf({ image, platform, kind }: Storable): string {
  return platform === undefined ? `${image}.${kind}` : `${image}@${platform.replaceAll('/', '-')}.${kind}`;
}
