import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../src/model/digest.ts';
import { type Check, type ImageReport, reportOf } from '../../../src/model/verification.ts';
import { verificationSection } from '../../../src/report/summary-verify.ts';

const GOOD: Check = {
  id: 'signature.repository',
  title: 'Signature: source repository',
  expected: 'https://github.com/acme/app',
  actual: 'https://github.com/acme/app',
  ok: true,
};
const BAD: Check = {
  ...GOOD,
  actual: 'https://github.com/evil/app',
  ok: false,
  fault: 'repository-mismatch',
};

function anImage(
  index: readonly Check[],
  member: readonly Check[],
  change: Partial<ImageReport> = {},
): ImageReport {
  const digest = digestOf('index');
  return {
    image: 'app',
    reference: 'ghcr.io/acme/app:1.2.3',
    ref: { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest },
    require: ['signature'],
    checks: [],
    subjects: [
      { digest, checks: index, refused: [] },
      { digest: digestOf('amd64'), platform: 'linux/amd64', checks: member, refused: [] },
    ],
    ok: [...index, ...member].every(({ ok }) => ok),
    ...change,
  };
}

const rowsIn = (markdown: string) => markdown.split('\n').filter((line) => /^\| [✅❌]/u.test(line));

describe('the table of checks', () => {
  it('has one row for the same answer of several subjects', () => {
    const markdown = verificationSection(reportOf([anImage([GOOD], [GOOD])]));
    expect(markdown).toContain('The evidence of 1 image proves what it must prove.');
    expect(rowsIn(markdown)).toHaveLength(1);
    expect(rowsIn(markdown)[0]).toContain('index, linux/amd64');
    expect(markdown).toContain('2 checks passed');
  });

  it('shows what failed, expected and actual, before what passed', () => {
    const markdown = verificationSection(reportOf([anImage([BAD], [GOOD]), anImage([GOOD], [GOOD])]));
    expect(markdown).toContain('The evidence of 1 of 2 images does **not** prove what it must prove.');
    const [first] = rowsIn(markdown);
    expect(first).toMatch(/^\| ❌ \| Signature: source repository/);
    expect(first).toContain('repository-mismatch');
    expect(first).toMatch(/acme\/app.*evil\/app/);
    expect(markdown.indexOf('❌ |')).toBeLessThan(markdown.indexOf('✅ |'));
  });

  it('says when nothing was asked', () => {
    const image = anImage([], [], { require: [], subjects: [] });
    expect(verificationSection(reportOf([image]))).toContain('no evidence was asked for (`require: none`)');
  });

  it('lists bundles that were not taken, and keeps their words data', () => {
    const image = anImage([GOOD], [GOOD]);
    const refused = [
      { source: 'sha256:1', fault: 'bundle-malformed', message: '<img src=x> | `x` [a](https://evil)' },
    ] as const;
    const subjects = image.subjects.map((each) => ({ ...each, refused }));
    const markdown = verificationSection(reportOf([{ ...image, subjects }]));
    expect(markdown).toContain('2 attached bundles not taken');
    expect(markdown).not.toContain('<img');
    expect(markdown).not.toContain('](https');
  });

  it('is empty without a report', () => {
    expect(verificationSection(undefined)).toBe('');
    expect(verificationSection(reportOf([]))).toBe('');
  });
});
