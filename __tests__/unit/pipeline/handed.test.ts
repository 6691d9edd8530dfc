import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../src/model/digest.ts';
import type { SetPlatform } from '../../../src/model/handoff.ts';
import { begun, readHanded, requireHandedBytes, withHanded } from '../../../src/pipeline/handed.ts';
import { publishReport } from '../../../src/steps/inspect/publish.ts';
import { parseReport } from '../../../src/steps/inspect/report.ts';
import type { RegistryState } from '../../../src/steps/preflight/run.ts';
import { anInputs } from '../../helpers/a-context.ts';
import { aHandedPlatform, aHandoff } from '../../helpers/a-handoff.ts';
import { AMD64, ARM64, aBuiltImage, aPlannedImage } from '../../helpers/a-release.ts';
import { fakeLog } from '../../helpers/fake-log.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';

const CAPTURED = parseReport(
  readFileSync(join(import.meta.dirname, '../../fixtures/trivy/app-linux-amd64.json'), 'utf8'),
);
const NOW = new Date('2026-11-21T12:00:00Z');

type Change = Partial<SetPlatform> & { readonly scannedOn?: string; readonly updatedAt?: string };

/** One platform with its reports on the disk, as a signed handoff of this run has it. */
function aSetPlatform(
  files: ReturnType<typeof memoryFiles>,
  platform = AMD64,
  { scannedOn, updatedAt, ...change }: Change = {},
): SetPlatform {
  const { architecture } = platform;
  const folder = `/h/${architecture}`;
  const handed = aHandedPlatform('app', platform);
  const { digest } = handed.descriptor;
  const subject = { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest };
  const texts = { scan: JSON.stringify(publishReport(CAPTURED, subject)), cyclonedx: '{}', spdx: '{}' };
  const reports = handed.reports.map((report) => ({ ...report, digest: digestOf(texts[report.kind]) }));
  for (const { kind, file } of reports) void files.write(`${folder}/reports/${file}`, texts[kind]);
  const handoff = aHandoff();
  const finishedOn = scannedOn ?? handoff.scanned.finishedOn;
  return {
    ...handed,
    reports,
    folder,
    repositories: [],
    trust: 'built',
    ...change,
    handoff: {
      ...handoff,
      shard: architecture,
      scanned: { ...handoff.scanned, finishedOn },
      scanner: {
        ...handoff.scanner,
        database: { updatedAt: updatedAt ?? '2026-11-20T06:00:00Z', source: 'ghcr.io/trivy-db:2' },
      },
      ...change.handoff,
    },
  };
}

async function read(change: Change = {}, gate = anInputs().gate) {
  const files = memoryFiles();
  const log = fakeLog();
  const platforms = [aSetPlatform(files), aSetPlatform(files, ARM64, change)];
  const clock = { now: () => NOW, elapsed: () => 0, sleep: async () => undefined };
  const start = { inputs: anInputs({ gate }), reports: '/reports' };
  const found = await readHanded(start, new Map([['app', platforms]]), { files, log, clock });
  return { found: found.get('app'), files, log };
}

describe('what shards have found out', () => {
  it('stands, by their reports, which lie beside those of this run', async () => {
    const { found, files } = await read({
      scannedOn: '2026-11-21T11:00:00.000Z',
      updatedAt: '2026-11-19T06:00:00Z',
    });
    expect(
      found?.platforms.map(({ platform, findings }) => [platform.architecture, findings.length]),
    ).toEqual([
      ['amd64', 8],
      ['arm64', 8],
    ]);
    expect(await files.list('/reports')).toEqual([
      'app-linux-amd64.trivy.json',
      'app-linux-arm64.trivy.json',
      'sbom-app-amd64.cdx.json',
      'sbom-app-arm64.cdx.json',
    ]);
    // What is said of all is what is so of each.
    expect(found?.scanner.database?.updatedAt).toBe('2026-11-19T06:00:00Z');
    expect(found?.scanned.finishedOn).toBe('2026-11-21T11:00:00.000Z');
  });

  it.each([
    ['nobody vouches for one of them', { trust: 'digests' }, 'the handoff of arm64 is not attested'],
    ['one was not scanned', { reports: [] }, 'the handoff of arm64 has not all its reports'],
    [
      'one is a day old',
      { scannedOn: '2026-11-20T12:00:00.000Z' },
      'the scan of arm64 is not younger than 24 hours',
    ],
    [
      'one is of the future',
      { scannedOn: '2026-11-21T12:06:00.000Z' },
      'the scan of arm64 is not younger than 24 hours',
    ],
  ] as const)('does not do when %s', async (_, change, why) => {
    const { found, log } = await read(change);
    expect(found).toBeUndefined();
    expect(log.lines).toEqual([`app is looked into again: ${why}.`]);
  });

  it.each([
    ['scanners', { scanners: ['vuln'] }],
    ['folders', { skipDirs: ['/opt'] }],
    ['files', { skipFiles: ['/a.jar'] }],
    ['documents', { sbom: ['cyclonedx', 'spdx'] }],
  ] as const)('does not do for other %s', async (_, gate) => {
    const { found } = await read({}, { ...anInputs().gate, ...gate });
    expect(found).toBeUndefined();
  });

  it('is refused when a report was changed', async () => {
    const report = { kind: 'scan', file: 'app-linux-arm64.trivy.json', digest: digestOf('another') } as const;
    const sbom = { kind: 'cyclonedx', file: 'sbom-app-arm64.cdx.json', digest: digestOf('{}') } as const;
    await expect(read({ reports: [report, sbom] })).rejects.toMatchObject({ code: 'HANDOFF_INVALID' });
  });
});

describe('reports of two shards', () => {
  it('never take the place of each other', async () => {
    const files = memoryFiles();
    const set = new Map([
      ['app', [aSetPlatform(files)]],
      ['other', [aSetPlatform(files)]],
    ]);
    const clock = { now: () => NOW, elapsed: () => 0, sleep: async () => undefined };
    const start = { inputs: anInputs(), reports: '/reports' };
    await expect(readHanded(start, set, { files, log: fakeLog(), clock })).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
      message: expect.stringContaining('app-linux-amd64.trivy.json'),
    });
    expect(await files.list('/reports')).toEqual([]);
  });
});

describe('an image that is released already', () => {
  const planned = aPlannedImage('app', { platforms: [AMD64] });
  const handed = () => new Map([['app', [aSetPlatform(memoryFiles())]]]);
  const holding = (text: string) => {
    const descriptor = { ...aHandedPlatform('app').descriptor, digest: digestOf(text) };
    return [aBuiltImage(planned, { platforms: [{ platform: AMD64, descriptor }] })];
  };

  it('must be the very one that was handed over', () => {
    expect(() => requireHandedBytes(holding('app amd64'), handed())).not.toThrow();
    expect(() => requireHandedBytes(holding('another app'), new Map())).not.toThrow();
    expect(() => requireHandedBytes(holding('another app'), handed())).toThrow(
      expect.objectContaining({ code: 'TAG_IMMUTABLE' }),
    );
  });

  it('is not taken for it by the tag of its commit alone', () => {
    const from = { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest: digestOf('another app') };
    const state = (spare: boolean): RegistryState => ({
      adoptions: new Map([
        ['app', { do: 'adopt', from, ...(spare ? { spare } : {}) }],
        ['other', { do: 'adopt', from, ...(spare ? { spare } : {}) }],
      ]),
      problems: [],
    });
    const kinds = (spare: boolean) =>
      [...withHanded(state(spare), handed()).adoptions].map(([name, adoption]) => [name, adoption.do]);
    expect(kinds(true)).toEqual([
      ['app', 'build'],
      ['other', 'adopt'],
    ]);
    expect(kinds(false)).toEqual([
      ['app', 'adopt'],
      ['other', 'adopt'],
    ]);
  });
});

describe('the beginning of a release', () => {
  it.each([
    ['built', '2026-11-21T10:00:00.000Z'],
    ['verdict', '2026-11-21T10:00:00.000Z'],
    ['digests', NOW.toISOString()],
  ] as const)('with handoffs that are good for: %s', (trust, expected) => {
    const set = new Map([['app', [aSetPlatform(memoryFiles(), AMD64, { trust })]]]);
    expect(begun(NOW, set).toISOString()).toBe(expected);
  });
});
