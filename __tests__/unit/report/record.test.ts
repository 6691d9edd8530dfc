import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../src/model/digest.ts';
import { problem } from '../../../src/model/errors.ts';
import { type ImageReport, reportOf } from '../../../src/model/verification.ts';
import { recordOf, recordText } from '../../../src/report/record.ts';
import { redactRelease } from '../../../src/report/redact.ts';
import {
  aBuiltImage,
  aFinding,
  anInspection,
  aPlan,
  aPlannedImage,
  aRelease,
  aSecret,
  aTaggedImage,
  aVerdict,
  aViolation,
  someAttestations,
} from '../../helpers/a-release.ts';

const WAIVER = { id: 'CVE-2024-0001', kind: 'vulnerability', paths: [], statement: 'not reachable' } as const;

describe('release.json', () => {
  it('is the whole release as data', () => {
    const release = aRelease({
      inspections: [anInspection(aBuiltImage(), [aFinding()])],
      verdict: aVerdict({ waived: [{ ...aViolation(), waiver: WAIVER }], unusedWaivers: [WAIVER] }),
    });
    const record = JSON.parse(recordText(release));
    expect(record).toMatchObject({
      schemaVersion: 1,
      status: 'released',
      plan: {
        kind: 'tag',
        version: '1.2.3',
        images: [{ name: 'base', repositories: ['ghcr.io/acme/base'] }],
      },
      images: [
        {
          name: 'base',
          origin: 'built',
          digest: digestOf('base'),
          pushed: true,
          subjects: [`ghcr.io/acme/base@${digestOf('base')}`],
          findings: { critical: 1 },
          tags: [{ ref: 'ghcr.io/acme/base:1.2.3', outcome: 'created', previous: null }],
        },
      ],
      gate: {
        severities: ['HIGH', 'CRITICAL'],
        scanner: { version: '0.67.2', database: { updatedAt: '2026-11-20T06:00:00Z' } },
        verdict: {
          passed: true,
          waived: [{ waiver: { statement: 'not reachable' } }],
          unusedWaivers: [WAIVER],
        },
      },
      tools: [{ name: 'trivy' }],
    });
    expect(record.steps[0]).toEqual({ id: 'preflight', status: 'done', startedMs: 0, durationMs: 1200 });
    expect(record.images[0].platforms[1]).toMatchObject({
      platform: 'linux/arm64',
      digest: digestOf('base arm64'),
      reports: expect.arrayContaining([{ kind: 'sarif', path: '/runner/reports/base-arm64.sarif.json' }]),
    });
  });

  it('goes as far as the run came', () => {
    const record = recordOf({
      status: 'failed',
      steps: [],
      inspections: [],
      images: [],
      tools: [],
      problems: [problem('INPUT_INVALID', 'platforms: linux')],
    });
    expect(record).toMatchObject({
      plan: null,
      images: [],
      gate: null,
      problems: [{ code: 'INPUT_INVALID' }],
    });
    const gated = recordOf(aRelease({ status: 'gated', images: [] }));
    expect(gated.images[0]).toMatchObject({
      digest: digestOf('base'),
      pushed: false,
      subjects: [],
      tags: [],
    });
  });
});

/** An image with one check of its index that failed. */
function aReport(actual: string, message = 'not believed'): ImageReport {
  const [ref] = aTaggedImage().subjects;
  return {
    image: 'base',
    reference: 'ghcr.io/acme/base:1.2.3',
    ref: ref!,
    require: ['provenance'],
    checks: [],
    subjects: [
      {
        digest: digestOf('base'),
        checks: [
          {
            id: 'provenance.repository',
            title: 'Source repository',
            expected: digestOf('base'),
            actual,
            ok: false,
            fault: 'repository-mismatch',
          },
        ],
        refused: [{ source: 'sha256:1', fault: 'signature-invalid', message }],
      },
    ],
    ok: false,
  };
}

describe('evidence in release.json', () => {
  it('is there with where it lies, and with what it proved', () => {
    const image = aTaggedImage();
    const release = aRelease({
      attestations: someAttestations(image, { logIndex: '17' }),
      verification: reportOf([aReport('https://github.com/evil/app')]),
    });
    const record = JSON.parse(recordText(release));
    expect(record.attestations).toHaveLength(2);
    expect(record.attestations[0]).toEqual({
      image: 'base',
      kind: 'provenance',
      predicateType: 'https://slsa.dev/provenance/v1',
      subject: digestOf('base'),
      digest: digestOf('provenance of base'),
      referrers: [`ghcr.io/acme/base@${digestOf('referrer of the provenance of base')}`],
      url: 'https://github.com/Acme/Modules/attestations/10',
      path: '/runner/reports/base.provenance.sigstore.json',
      logIndex: '17',
    });
    expect(record.verification).toMatchObject({
      ok: false,
      images: [
        {
          image: 'base',
          reference: 'ghcr.io/acme/base:1.2.3',
          ok: false,
          subjects: [
            {
              checks: [{ actual: 'https://github.com/evil/app', fault: 'repository-mismatch' }],
              refused: [{ fault: 'signature-invalid' }],
            },
          ],
        },
      ],
    });
  });

  it('is null where nothing was signed or verified, and an empty list where all was there already', () => {
    expect(recordOf(aRelease())).toMatchObject({ attestations: null, verification: null });
    expect(recordOf(aRelease({ attestations: [] }))).toMatchObject({ attestations: [] });
  });
});

describe('secrets in a release', () => {
  const redact = (words: string) => words.replaceAll('hunter2', '***');

  it('are taken out of all free text', () => {
    const secret = aViolation({ finding: aSecret({ title: 'key hunter2' }) });
    const hidden = redactRelease(
      aRelease({
        status: 'failed',
        plan: aPlan({
          problems: [problem('INPUT_INVALID', 'password: hunter2', 'Not hunter2.')],
          steps: [{ id: 'push', do: 'skip', reason: 'hunter2' }],
        }),
        steps: [{ id: 'push', status: 'failed', reason: 'hunter2', startedMs: 0, durationMs: 1 }],
        verdict: aVerdict({
          violations: [secret],
          unfixed: [secret],
          waived: [{ ...secret, waiver: WAIVER }],
        }),
        problems: [problem('REGISTRY_LOGIN', 'login with hunter2')],
      }),
      redact,
    );
    expect(recordText(hidden)).not.toContain('hunter2');
    expect(recordText(hidden).match(/\*\*\*/g)).toHaveLength(8);
  });

  it('are taken out of what bundles and certificates say', () => {
    const release = aRelease({ verification: reportOf([aReport('by hunter2', 'no hunter2')]) });
    const { verification } = redactRelease(release, redact);
    const [subject] = verification?.images[0]?.subjects ?? [];
    expect(subject?.checks[0]).toMatchObject({ expected: digestOf('base'), actual: 'by ***' });
    expect(subject?.refused[0]).toMatchObject({ message: 'no ***' });
    const blank = (words: string) => words.replaceAll(/[0-9a-f]{4}/g, '***');
    const [kept] = redactRelease(release, blank).verification?.images[0]?.subjects ?? [];
    expect(kept?.checks[0]?.expected).toBe(digestOf('base'));
  });

  it('do not blank parts of names and digests', () => {
    const planned = aPlannedImage('hunter2');
    const release = aRelease({ plan: aPlan({ images: [planned] }) });
    expect(recordText(redactRelease(release, redact))).toBe(recordText(release));
  });

  it('change nothing when there are none', () => {
    const bare = {
      status: 'failed',
      steps: [],
      inspections: [],
      images: [],
      tools: [],
      problems: [],
    } as const;
    expect(redactRelease(bare, redact)).toEqual(bare);
  });
});
