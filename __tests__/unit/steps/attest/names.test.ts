import { describe, expect, it } from '@jest/globals';
import type { SignedStatement } from '../../../../src/model/attestation.ts';
import { bundleNames } from '../../../../src/steps/attest/names.ts';
import { aSigned } from '../../../helpers/a-signed.ts';

const namesOf = (signed: readonly SignedStatement[]) =>
  bundleNames(signed).map((nameOf, index) => nameOf(signed[index]?.bundle ?? new Uint8Array()));

describe('names of bundle files', () => {
  it('tell image, platform and kind', () => {
    const signed = [
      aSigned(),
      aSigned({ kind: 'cyclonedx', platform: 'linux/arm64' }),
      aSigned({ kind: 'scan', platform: 'linux/arm/v7' }),
    ];
    expect(namesOf(signed)).toEqual([
      'app.provenance.sigstore.json',
      'app@linux-arm64.cyclonedx.sigstore.json',
      'app@linux-arm-v7.scan.sigstore.json',
    ]);
  });

  it('never collide, however images are named', () => {
    const signed = [
      aSigned({ image: 'app', platform: 'linux/amd64' }),
      aSigned({ image: 'app-linux-amd64' }),
      aSigned({ image: 'app.linux-amd64' }),
      aSigned({ image: 'app.provenance' }),
      aSigned({ image: 'app' }),
      aSigned({ image: 'app' }),
    ];
    expect(new Set(namesOf(signed)).size).toBe(signed.length);
  });
});
