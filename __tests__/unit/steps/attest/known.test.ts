import { describe, expect, it } from '@jest/globals';
import { formatReference } from '../../../../src/model/reference.ts';
import { isKnown, type KnownEvidence, spreadEvidence } from '../../../../src/steps/attest/known.ts';
import { aBuiltImage, aPlannedImage, aTaggedImage } from '../../../helpers/a-release.ts';
import { aSigned, CREATED } from '../../../helpers/a-signed.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const HERE = { registry: 'ghcr.io', path: 'acme/base' };
const THERE = { registry: 'registry.example.com', path: 'mirror/base' };
const base = aTaggedImage(aBuiltImage(aPlannedImage('base', { repositories: [HERE, THERE] })));
const { digest } = base.descriptor;

function known(at: KnownEvidence['at'], change: Partial<KnownEvidence> = {}): KnownEvidence {
  const { image, kind, subject, bundle } = aSigned({ image: 'base', subject: digest });
  return { image, kind, subject, bundle, at, ...change };
}

async function spread(evidence: readonly KnownEvidence[]) {
  const registry = fakeRegistry();
  const clock = { now: () => CREATED, elapsed: () => 0, sleep: async () => undefined };
  const count = await spreadEvidence(evidence, [base], CREATED, { registry, clock, log: fakeLog() });
  return { count, writes: registry.writes };
}

describe('evidence of an earlier run', () => {
  it('is brought to the registry that lacks it, all of a digest at once, and to no other', async () => {
    expect(await spread([known([HERE]), known([HERE], { kind: 'signature' })])).toEqual({
      count: 2,
      writes: [`attach ${formatReference({ repository: THERE, digest })} 2`],
    });
    expect(await spread([known([THERE]), known([HERE, THERE], { kind: 'signature' })])).toEqual({
      count: 1,
      writes: [`attach ${formatReference({ repository: HERE, digest })} 1`],
    });
    expect(await spread([known([HERE, THERE])])).toEqual({ count: 0, writes: [] });
  });

  it('is of one image, digest and kind: equal bytes under another name have none', () => {
    const evidence = [known([HERE])];
    const draft = { image: 'base', kind: 'provenance', subject: digest } as const;
    const [member] = base.platforms;
    expect(isKnown(draft, evidence)).toBe(true);
    expect(isKnown({ ...draft, image: 'other' }, evidence)).toBe(false);
    expect(isKnown({ ...draft, kind: 'scan' }, evidence)).toBe(false);
    expect(isKnown({ ...draft, subject: member?.descriptor.digest ?? digest }, evidence)).toBe(false);
  });
});
