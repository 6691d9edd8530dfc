import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { MEDIA } from '../../../../src/model/manifest.ts';
import { readInspection } from '../../../../src/steps/inspect/kept.ts';
import { publishReport } from '../../../../src/steps/inspect/publish.ts';
import { countPackages, findingsOf, parseReport } from '../../../../src/steps/inspect/report.ts';
import { AMD64 } from '../../../helpers/a-release.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const CAPTURED = parseReport(
  readFileSync(join(import.meta.dirname, '../../../fixtures/trivy/app-linux-amd64.json'), 'utf8'),
);
const DIGEST = digestOf('app');
const IMAGE = { platform: AMD64, descriptor: { mediaType: MEDIA.ociManifest, digest: DIGEST, size: 500 } };
const REPORTS = [{ kind: 'scan', path: '/r/app.trivy.json' }] as const;
const SUBJECT = { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest: DIGEST };
const kept = JSON.stringify(publishReport(CAPTURED, SUBJECT), null, 2);

describe('a scan that was kept', () => {
  it('says what the scan said, of packages, files and the configuration', async () => {
    const files = memoryFiles({ '/r/app.trivy.json': kept });
    const read = await readInspection(IMAGE, REPORTS, { files });
    expect(read).toEqual({
      ...IMAGE,
      findings: findingsOf(CAPTURED),
      packages: countPackages(CAPTURED),
      reports: REPORTS,
    });
    expect(read.findings.filter(({ kind }) => kind === 'secret')).toHaveLength(2);
    expect(read.packages).toBeGreaterThan(0);
  });

  it.each([
    ['about another image', kept.replaceAll(DIGEST, digestOf('other')), 'is about another image'],
    ['not JSON', kept.slice(0, -5), 'cannot be read'],
    ['of a severity that nobody knows', kept.replaceAll('"CRITICAL"', '"FINE"'), 'cannot be read'],
    ['of another version', kept.replace('"SchemaVersion": 2', '"SchemaVersion": 3'), 'cannot be read'],
  ])('is refused when it is %s', async (_, text, why) => {
    const files = memoryFiles({ '/r/app.trivy.json': text });
    await expect(readInspection(IMAGE, REPORTS, { files })).rejects.toMatchObject({
      code: 'SCAN_FAILED',
      message: expect.stringContaining(why),
    });
  });

  it('is what an inspection is read from', async () => {
    await expect(readInspection(IMAGE, [], { files: memoryFiles() })).rejects.toMatchObject({
      code: 'INTERNAL',
    });
  });
});
