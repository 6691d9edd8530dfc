import { describe, expect, it } from '@jest/globals';
import { problem } from '../../../src/model/errors.ts';
import { RELEASE_STEPS } from '../../../src/model/plan.ts';
import { parseVersion } from '../../../src/model/version.ts';
import { planText } from '../../../src/report/plan-text.ts';
import { AMD64, aPlan, aPlannedImage, VERSION_TAG } from '../../helpers/a-release.ts';

describe('the plan in the log', () => {
  it('tells of modules with versions of their own, and of those that are left as they are', () => {
    const { version: _, ...plan } = aPlan({
      images: [{ ...aPlannedImage('a'), version: parseVersion('2.0.0')! }],
      released: [{ repository: { registry: 'ghcr.io', path: 'acme/b' }, tag: '1.0.0' }],
    });
    const lines = planText(plan);
    expect(lines[0]).toBe('This push event is a version of each module of 1 image.');
    expect(lines).toContain('ghcr.io/acme/b:1.0.0 was released from another commit, and is left as it is.');
  });

  it('names images with their references, and steps with their reasons', () => {
    const plan = aPlan({
      images: [
        aPlannedImage('base', {
          platforms: [AMD64],
          tags: [
            VERSION_TAG,
            { tag: 'latest', kind: 'moving', rule: 'forward', from: 'type=raw,value=latest' },
          ],
        }),
        aPlannedImage('tool', {
          source: { kind: 'oci-layout', path: 'out/tool' },
          parents: ['base'],
          platforms: [],
          tags: [],
        }),
      ],
      steps: [
        { id: 'gate', do: 'run', reason: 'always' },
        { id: 'push', do: 'skip', reason: 'a fork may not push' },
      ],
    });
    expect(planText(plan)).toEqual([
      'This push event is version 1.2.3 of 2 images.',
      `The commit is ${plan.revision}, of 2025-10-09T08:53:20.000Z.`,
      'Image base: built from target base; platforms: linux/amd64.',
      '  ghcr.io/acme/base:1.2.3 (immutable, from version)',
      '  ghcr.io/acme/base:latest (moving, forward only, from type=raw,value=latest)',
      'Image tool: taken from oci-layout out/tool, on top of base; platforms: the default of the builder.',
      '  ghcr.io/acme/tool (by digest, without a tag)',
      'Steps:',
      '  gate  run       always',
      '  push  skip      a fork may not push',
    ]);
  });

  it('says what is special about this run', () => {
    const { version: _, ...branch } = aPlan({ dryRun: true, dirty: true });
    const words = planText(branch).join('\n');
    expect(words).toContain(
      'is a build without a version of 1 image. This is a dry run: nothing will be written.',
    );
    expect(words).toContain('The working tree differs from it.');
    for (const step of RELEASE_STEPS) expect(words).toContain(`  ${step} `);
  });

  it('ends with the problems', () => {
    const lines = planText(
      aPlan({ problems: [problem('TAG_IMMUTABLE', 'ghcr.io/acme/base:1.2.3', 'Bump.')] }),
    );
    expect(lines.slice(-3)).toEqual(['Problems:', '  TAG_IMMUTABLE: ghcr.io/acme/base:1.2.3', '    Bump.']);
  });
});
