import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { takeReports } from '../../../../src/steps/handoff/reports.ts';
import { aHandedPlatform, aHandoff } from '../../../helpers/a-handoff.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const SCAN = '/h/reports/base-linux-amd64.trivy.json';
const SBOM = '/h/reports/sbom-base-amd64.cdx.json';
const handed = { ...aHandedPlatform('base'), handoff: aHandoff(), folder: '/h' };
const whole = () => memoryFiles({ [SCAN]: 'a scan', [SBOM]: 'an SBOM' });

describe('the reports of a shard', () => {
  it('are copied among those of this run', async () => {
    const files = whole();
    expect(await takeReports(handed, '/out', { files })).toEqual([
      { kind: 'scan', path: '/out/base-linux-amd64.trivy.json' },
      { kind: 'cyclonedx', path: '/out/sbom-base-amd64.cdx.json' },
    ]);
    expect(files.text('/out/sbom-base-amd64.cdx.json')).toBe('an SBOM');
  });

  it.each([
    ['one byte more', 'a scan '],
    ['another one', 'a scam'],
    ['empty', ''],
  ])('are refused when one is %s, and it is not left behind', async (_, text) => {
    const files = whole();
    await files.write(SCAN, text);
    await expect(takeReports(handed, '/out', { files })).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
      message: `the report base-linux-amd64.trivy.json beside the handoff of all-amd64 was changed after it was handed over (${digestOf(text)}, expected ${digestOf('a scan')}): ${SCAN}`,
    });
    expect(await files.exists('/out/base-linux-amd64.trivy.json')).toBe(false);
  });

  it.each([
    ['is missing', async (files: ReturnType<typeof memoryFiles>) => files.remove(SBOM)],
    [
      'is a folder',
      async (files: ReturnType<typeof memoryFiles>) => {
        await files.remove(SBOM);
        await files.write(`${SBOM}/x`, '');
      },
    ],
  ])('are refused when one %s', async (_, change) => {
    const files = whole();
    await change(files);
    await expect(takeReports(handed, '/out', { files })).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
      message: `the report sbom-base-amd64.cdx.json beside the handoff of all-amd64 is not there: ${SBOM}`,
    });
  });
});
