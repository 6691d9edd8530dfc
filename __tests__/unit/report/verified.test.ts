import { describe, expect, it } from '@jest/globals';
import { digestOf, hexOf } from '../../../src/model/digest.ts';
import type { Release } from '../../../src/model/release.ts';
import { type Check, type ImageReport, reportOf } from '../../../src/model/verification.ts';
import { outputsOf } from '../../../src/report/outputs.ts';
import { recordOf } from '../../../src/report/record.ts';
import { summaryOf } from '../../../src/report/summary.ts';
import { verifyText } from '../../../src/report/verify-text.ts';
import { aRelease } from '../../helpers/a-release.ts';

const GOOD: Check = { id: 'a', title: 'Signature: subject', expected: 'x', actual: 'x', ok: true };
const BAD: Check = { ...GOOD, actual: 'y\n::warning::z', ok: false, fault: 'subject-mismatch' };

function anImage(image: string, ok: boolean, change: Partial<ImageReport> = {}): ImageReport {
  return {
    image,
    reference: `ghcr.io/acme/${image}:1.2.3`,
    ref: { repository: { registry: 'ghcr.io', path: `acme/${image}` }, digest: digestOf(image) },
    require: ['signature'],
    checks: [],
    subjects: [
      { digest: digestOf(image), checks: [GOOD], refused: [] },
      { digest: digestOf('arm64'), platform: 'linux/arm64', checks: [ok ? GOOD : BAD], refused: [] },
    ],
    ok,
    ...change,
  };
}

function aRun(images: readonly ImageReport[], status: Release['status'] = 'verified'): Release {
  const { plan: _, ...empty } = aRelease();
  return { ...empty, inspections: [], images: [], command: 'verify', status, verification: reportOf(images) };
}

describe('what a run of verify hands on', () => {
  it('every image that was proven, by digest', () => {
    const outputs = outputsOf(aRun([anImage('app', true), anImage('base', true)]));
    expect(outputs).toMatchObject({
      status: 'verified',
      image: 'ghcr.io/acme/app:1.2.3',
      digest: digestOf('app'),
      'image-ref': `ghcr.io/acme/app@${digestOf('app')}`,
      digests: JSON.stringify({ app: hexOf(digestOf('app')), base: hexOf(digestOf('base')) }),
      tags: 'ghcr.io/acme/app:1.2.3\nghcr.io/acme/base:1.2.3',
      pushed: 'false',
    });
    expect(JSON.parse(outputs.images)[0]).toEqual({
      name: 'app',
      repository: 'ghcr.io/acme/app',
      digest: digestOf('app'),
      ref: `ghcr.io/acme/app@${digestOf('app')}`,
      tags: ['1.2.3'],
      platforms: [{ platform: 'linux/arm64', digest: digestOf('arm64') }],
      sbom: [],
      findings: {},
    });
  });

  it('nothing of one that was not, and never another one in its place', () => {
    const outputs = outputsOf(aRun([anImage('app', false), anImage('base', true)], 'failed'));
    expect(outputs).toMatchObject({ image: '', digest: '', 'image-ref': '' });
    expect(JSON.parse(outputs.images)).toMatchObject([{ name: 'base' }]);
    expect(outputs.tags).toBe('ghcr.io/acme/base:1.2.3');
  });

  it('no tag for what was named by its digest', () => {
    const reference = `ghcr.io/acme/app@${digestOf('app')}`;
    const outputs = outputsOf(aRun([anImage('app', true, { reference })]));
    expect(outputs).toMatchObject({ image: '', tags: '', 'image-ref': reference });
  });

  it('the command and the report in release.json', () => {
    expect(recordOf(aRun([anImage('app', true)]))).toMatchObject({
      command: 'verify',
      plan: null,
      verification: { ok: true, images: [{ image: 'app' }] },
    });
  });
});

describe('what people read of it', () => {
  it.each([
    [[anImage('app', true)], 'verified', /verify: verified\n\n1 image carries the evidence/],
    [[anImage('app', true, { require: [] })], 'verified', /\*\*Nothing was proven\*\*: `require: none`/],
    [[anImage('app', false)], 'failed', /verify: failed\n\nThe verification failed with/],
  ] as const)('%#', (images, status, head) => {
    expect(summaryOf(aRun(images, status))).toMatch(head);
  });

  it('the checks in the log: failed ones first, equal ones once, foreign text on its line', () => {
    const lines = verifyText(reportOf([anImage('app', false), anImage('base', true)]));
    expect(lines[0]).toBe(`NOT PROVEN: app, ghcr.io/acme/app@${digestOf('app')}`);
    expect(lines[2]).toMatch(/^ {2}subject-mismatch +Signature: subject +linux\/arm64 +x +y\\n::warning::z$/);
    expect(lines[3]).toMatch(/^ {2}ok +Signature: subject +index +x +x$/);
    expect(lines[4]).toBe(`Proven: base, ghcr.io/acme/base@${digestOf('base')}`);
    expect(lines[6]).toMatch(/ok +Signature: subject +index, linux\/arm64/);
    expect(lines).toHaveLength(7);
  });
});
