import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readInspection } from '../../src/steps/inspect/run.ts';
import { GATE, makeScanBench, type ScanBench } from '../helpers/scan-bench.ts';
import { scratchFiles } from '../helpers/scratch-files.ts';
import {
  alpine,
  nodePackage,
  PLANTED_SECRET,
  pythonPackage,
  secretFile,
} from '../helpers/vulnerable-layout.ts';

let bench: ScanBench;
beforeAll(async () => {
  bench = await makeScanBench();
});
afterAll(() => bench.end());

it('reports of the real Trivy give the very inspection that left them', async () => {
  const layers = [
    alpine({ openssl: '3.1.4-r0', busybox: '1.36.1-r15' }),
    pythonPackage('PyYAML', '5.3'),
    nodePackage('lodash', '4.17.4'),
    secretFile(),
  ];
  const gate = { ...GATE, sbom: ['cyclonedx', 'spdx'] as const };
  const { inspections } = await bench.inspect(
    {
      app: {
        'linux/amd64': { layers, env: [`TOKEN=${PLANTED_SECRET}`] },
        'linux/arm64': { layers: [nodePackage('lodash', '4.17.12')] },
      },
    },
    { gate },
  );
  const platforms = inspections[0]!.platforms;
  const { files } = scratchFiles();
  for (const scanned of platforms) {
    const { platform, descriptor, reports } = scanned;
    expect(await readInspection({ platform, descriptor }, reports, { files })).toEqual(scanned);
  }
  expect(platforms[0]!.findings.map(({ kind, location }) => [kind, location])).toEqual(
    expect.arrayContaining([
      ['vulnerability', 'alpine 3.19.1'],
      ['vulnerability', 'app/node_modules/lodash/package.json'],
      ['secret', 'opt/app/settings.env'],
      ['secret', 'image configuration'],
    ]),
  );
  expect(platforms[1]!.findings).toEqual([]);
});
