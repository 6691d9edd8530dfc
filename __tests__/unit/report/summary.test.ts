import { describe, expect, it } from '@jest/globals';
import { digestOf, shortDigest } from '../../../src/model/digest.ts';
import { problem } from '../../../src/model/errors.ts';
import type { Release } from '../../../src/model/release.ts';
import type { Waiver } from '../../../src/model/scan.ts';
import { SUMMARY_LIMIT, summaryOf } from '../../../src/report/summary.ts';
import {
  AMD64,
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
} from '../../helpers/a-release.ts';

const REPOSITORY = { registry: 'ghcr.io', path: 'acme/base' };

/** The rows of the table under a heading, as lists of cells. */
function rowsOf(markdown: string, title: string): readonly (readonly string[])[] {
  const body = markdown.split(`### ${title}\n`)[1]?.split('\n### ')[0] ?? '';
  const lines = body.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('the head of the summary', () => {
  it.each<[Partial<Release>, RegExp]>([
    [
      {},
      /^## ✅ module-release 1\.2\.3: released\n\n1 image passed the gate, is in the registry, and has its tags\./,
    ],
    [{ status: 'unchanged' }, /: unchanged\n\n1 image of this commit was already in the registry/],
    [
      {
        status: 'gated',
        images: [],
        plan: aPlan({ steps: [{ id: 'push', do: 'skip', reason: 'a fork may not push.' }] }),
      },
      /: gated\n\n1 image passed the gate\. Nothing was pushed: a fork may not push\./,
    ],
    [{ status: 'planned', images: [] }, /: planned\n\nThis is what a release would do with 1 image\./],
    [
      {
        status: 'failed',
        images: [],
        verdict: aVerdict({ violations: [aViolation()] }),
        problems: [problem('GATE_FINDINGS', 'base: 1 finding')],
      },
      /❌ .*: failed\n\nThe release failed with `GATE_FINDINGS`\. Nothing left the runner\./,
    ],
    [
      { status: 'failed', problems: [problem('TAG_IMMUTABLE', 'x')] },
      /`TAG_IMMUTABLE`\. 1 of 1 image is in the registry by digest, and 1 tag of them points there\./,
    ],
  ])('says what is true now: %#', (change, expected) => {
    expect(summaryOf(aRelease(change))).toMatch(expected);
  });

  it('lists every problem with its place and its remedy', () => {
    const at = { file: 'manifest.json', line: 3 };
    const problems = [
      { ...problem('VERSION_MISMATCH', 'manifest.json: 1.0.0 | <b>'), at },
      problem('DISK_LOW', 'free: 1 GB'),
    ];
    const summary = summaryOf(aRelease({ status: 'failed', problems }));
    expect(summary).toContain(
      '- `VERSION_MISMATCH`: manifest.json: 1.0.0 &#124; &#60;b&#62; (`manifest.json:3`)<br>Bump manifest.json',
    );
    expect(summary).toContain('- `DISK_LOW`: free: 1 GB<br>Free space on the runner');
  });

  it('works when there is no plan yet', () => {
    const summary = summaryOf({
      status: 'failed',
      steps: [],
      inspections: [],
      images: [],
      tools: [],
      problems: [problem('INPUT_INVALID', 'platforms: linux')],
    });
    expect(summary).toMatch(/^## ❌ module-release: failed\n\nThe release failed with `INPUT_INVALID`/);
    expect(summary.match(/^### .*/gm)).toEqual(['### Problems']);
  });
});

describe('the images of the summary', () => {
  it('have a row of all platforms, and one for each', () => {
    const image = aBuiltImage();
    const inspection = anInspection(image, [
      aFinding(),
      aFinding({ id: 'CVE-2', severity: 'LOW' }),
      aSecret(),
    ]);
    const rows = rowsOf(summaryOf(aRelease({ inspections: [inspection] })), 'Images');
    expect(rows).toEqual([
      ['**base** (built)', 'all', `\`${shortDigest(digestOf('base'))}\``, '87.4 MB', '1', '0', '0', '1', '1'],
      ['', 'linux/amd64', `\`${shortDigest(digestOf('base amd64'))}\``, '', '1', '0', '0', '1', '1'],
      ['', 'linux/arm64', `\`${shortDigest(digestOf('base arm64'))}\``, '', '1', '0', '0', '1', '1'],
    ]);
  });

  it('have one row when there is no index, and dashes when they were not scanned', () => {
    const planned = aPlannedImage('base', { platforms: [AMD64] });
    const plan = aPlan({ images: [planned] });
    const [only] = aBuiltImage(planned).platforms;
    const image = aBuiltImage(planned, { top: only!.descriptor, origin: 'adopted' });
    const release = aRelease({ plan, inspections: [], images: [aTaggedImage(image)] });
    expect(rowsOf(summaryOf(release), 'Images')).toEqual([
      [
        '**base** (adopted from the registry)',
        'linux/amd64',
        `\`${shortDigest(digestOf('base amd64'))}\``,
        '87.4 MB',
        ...Array(5).fill('–'),
      ],
    ]);
  });

  it('can be pulled by digest', () => {
    expect(summaryOf(aRelease())).toContain(
      `\`\`\`sh\ndocker pull ghcr.io/acme/base@${digestOf('base')}\n\`\`\``,
    );
  });

  it('show what became of each tag', () => {
    const tag = (name: string, kind: 'immutable' | 'moving') => ({
      ref: { repository: REPOSITORY, tag: name },
      kind,
    });
    const image = aTaggedImage(aBuiltImage(), {
      tags: [
        { ...tag('1.2.3', 'immutable'), outcome: 'unchanged' },
        { ...tag('1', 'moving'), outcome: 'moved', previous: digestOf('old') },
        { ...tag('latest', 'moving'), outcome: 'kept', previous: digestOf('new'), reason: '2.0.0 is higher' },
        { ...tag('1.2', 'moving'), outcome: 'created' },
      ],
    });
    const rows = rowsOf(summaryOf(aRelease({ images: [image] })), 'Tags').map(([, , outcome]) => outcome);
    expect(rows).toEqual([
      'unchanged',
      `moved from \`${shortDigest(digestOf('old'))}\` to \`${shortDigest(digestOf('base'))}\``,
      `left alone at \`${shortDigest(digestOf('new'))}\`: 2.0.0 is higher`,
      'created',
    ]);
  });
});

describe('the gate in the summary', () => {
  it('shows secrets first, then the worst, with the versions that repair them', () => {
    const summary = summaryOf(
      aRelease({
        verdict: aVerdict({
          violations: [
            aViolation({ finding: aFinding({ severity: 'HIGH', id: 'CVE-3' }) }),
            aViolation({
              finding: aFinding({ url: 'https://avd.aquasec.com/nvd/cve-2024-0001' }),
              platforms: ['linux/amd64', 'linux/arm64'],
            }),
            aViolation({ finding: aSecret() }),
          ],
        }),
      }),
    );
    expect(rowsOf(summary, 'Findings')).toEqual([
      [
        'CRITICAL',
        'secret: Asymmetric Private Key',
        '`AsymmetricPrivateKey`',
        '',
        '–',
        '`/app/key.pem:1`',
        'base (linux/amd64)',
      ],
      [
        'CRITICAL',
        '[CVE-2024-0001](https://avd.aquasec.com/nvd/cve-2024-0001)',
        '`libparser`',
        '`1.0.0`',
        '`1.0.1`',
        '`alpine`',
        'base (linux/amd64, linux/arm64)',
      ],
      ['HIGH', 'CVE-3', '`libparser`', '`1.0.0`', '`1.0.1`', '`alpine`', 'base (linux/amd64)'],
    ]);
  });

  it('says that nothing was found, and what was let through without a fix', () => {
    const summary = summaryOf(aRelease({ verdict: aVerdict({ unfixed: [aViolation()] }) }));
    expect(summary).toContain('The gate found nothing of HIGH, CRITICAL that the policy does not allow.');
    expect(summary).toContain(
      '<details><summary>1 finding without a fix, let through by <code>ignore-unfixed</code></summary>',
    );
  });

  it('lists waivers by what became of them, each once', () => {
    const waiver = (id: string, more: Partial<Waiver> = {}): Waiver => ({
      id,
      kind: 'vulnerability',
      paths: [],
      statement: `about ${id}`,
      ...more,
    });
    const used = waiver('CVE-1', { owner: 'Ann', expiredAt: '2026-11-30' });
    const rows = rowsOf(
      summaryOf(
        aRelease({
          verdict: aVerdict({
            waived: [
              { ...aViolation(), waiver: used },
              { ...aViolation(), waiver: used },
            ],
            expiringWaivers: [used],
            expiredWaivers: [waiver('CVE-2', { expiredAt: '2026-01-01', paths: ['app/**'] })],
            unusedWaivers: [waiver('CVE-3')],
          }),
        }),
      ),
      'Waivers',
    );
    expect(rows).toEqual([
      [
        'expired, counts as a finding',
        '`CVE-2` in <code>app/&#42;&#42;</code>',
        '–',
        '2026-01-01',
        '–',
        'about CVE-2',
      ],
      ['used, expires within 14 days', '`CVE-1`', '2 findings', '2026-11-30', 'Ann', 'about CVE-1'],
      ['unused', '`CVE-3`', '–', 'never', '–', 'about CVE-3'],
    ]);
  });

  it('names the tools and the date of the database', () => {
    const summary = summaryOf(aRelease());
    expect(rowsOf(summary, 'Tools')).toEqual([['trivy', '`0.67.2`', 'PATH']]);
    expect(summary).toContain(
      'The vulnerability database is of 2026-11-20T06:00:00Z, from `ghcr.io/aquasecurity/trivy-db:2`.',
    );
  });
});

describe('the steps of the summary', () => {
  const release = aRelease({
    plan: aPlan({
      steps: [
        { id: 'gate', do: 'run', reason: 'always' },
        { id: 'push', do: 'skip', reason: 'a fork may not push' },
      ],
    }),
    steps: [
      { id: 'gate', status: 'failed', startedMs: 1500, durationMs: 6540, reason: '1 finding' },
      { id: 'push', status: 'skipped', startedMs: 8040, durationMs: 0 },
    ],
  });

  it('show plan, result, time and reason', () => {
    expect(rowsOf(summaryOf(release), 'Steps')).toEqual([
      ['gate', 'run', 'failed', '6.5 s', '1 finding'],
      ['push', 'skip', 'skipped', '–', 'a fork may not push'],
    ]);
  });

  it('are drawn as a gantt chart that starts at midnight', () => {
    expect(summaryOf(release).split('```mermaid\n')[1]?.split('```')[0]?.split('\n')).toEqual([
      'gantt',
      '  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
      '  axisFormat %H:%M:%S',
      '  todayMarker off',
      '  section Steps',
      '  gate (6.5 s) :crit, gate, 2000-01-01 00:00:01.500, 6540ms',
      '',
    ]);
  });

  it('have no chart when nothing ran', () => {
    expect(summaryOf(aRelease({ steps: [] }))).not.toContain('mermaid');
  });
});

describe('a summary of hostile and very many values', () => {
  const EVIL = 'x | y\n`z` <img src=x> @octocat ::error::a %0A [a](b)';

  it('keeps every table in shape and shows no markup of others', () => {
    const planned = aPlannedImage(EVIL, {
      source: { kind: 'oci-layout', path: EVIL },
      repositories: [REPOSITORY],
    });
    const image = aBuiltImage(planned);
    const waiver: Waiver = {
      id: EVIL,
      kind: 'secret',
      paths: [EVIL],
      statement: EVIL,
      owner: EVIL,
      expiredAt: EVIL,
    };
    const finding = aFinding({
      id: EVIL,
      package: EVIL,
      installed: EVIL,
      fixed: EVIL,
      location: EVIL,
      url: `https://a/${EVIL}`,
    });
    const violation = aViolation({ image: EVIL, platforms: [EVIL], finding });
    const summary = summaryOf(
      aRelease({
        plan: aPlan({ images: [planned], steps: [{ id: 'push', do: 'run', reason: EVIL }] }),
        inspections: [anInspection(image)],
        images: [
          aTaggedImage(image, {
            tags: [
              { ref: { repository: REPOSITORY, tag: EVIL }, kind: 'moving', outcome: 'kept', reason: EVIL },
            ],
          }),
        ],
        verdict: aVerdict({
          violations: [violation],
          unfixed: [violation],
          waived: [{ ...violation, waiver }],
          unusedWaivers: [waiver],
        }),
        tools: [{ name: EVIL, version: EVIL, from: EVIL }],
        problems: [problem('INTERNAL', EVIL, EVIL)],
      }),
    );
    expect(summary).not.toMatch(/<img|@octocat|\]\(b\)|`z`|^y|^::/m);
    let columns = 0;
    for (const line of summary.split('\n')) {
      const pipes = line.split('|').length - 1;
      if (/^\| ---/.test(line)) columns = pipes;
      if (line.startsWith('|') && columns > 0) expect(pipes).toBe(columns);
      if (!line.startsWith('|')) columns = 0;
    }
  });

  it('stays below 1 MiB, says what is cut, and keeps its end', () => {
    const images = Array.from({ length: 50 }, (_, i) => aPlannedImage(`image-${i}`));
    const findings = Array.from({ length: 500 }, (_, i) =>
      aFinding({ id: `CVE-2024-${i}`, location: EVIL.repeat(9) }),
    );
    const violations = images.flatMap(({ name }) =>
      findings.map((finding) => aViolation({ image: name, finding })),
    );
    const summary = summaryOf(
      aRelease({
        status: 'failed',
        plan: aPlan({ images }),
        inspections: images.map((planned) => anInspection(aBuiltImage(planned), findings)),
        verdict: aVerdict({ violations, unfixed: violations }),
        problems: violations.map(({ finding }) => problem('GATE_FINDINGS', finding.id + EVIL.repeat(200))),
      }),
    );
    expect(Buffer.byteLength(summary)).toBeLessThan(SUMMARY_LIMIT);
    expect(summary).toMatch(
      /Only the first \d+ of 25000 rows are shown here; the scan reports and release\.json/,
    );
    expect(summary).toMatch(/24950 more stand in the log and in release\.json\./);
    expect(rowsOf(summary, 'Images')).toHaveLength(150);
    expect(rowsOf(summary, 'Tools')).toHaveLength(1);
  });
});
