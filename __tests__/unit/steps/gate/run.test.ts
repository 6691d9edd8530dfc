import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { GatePolicy } from '../../../../src/model/scan.ts';
import { readPolicy, runGate } from '../../../../src/steps/gate/run.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { aFinding, anInspection, aWaiver } from '../../../helpers/findings.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const SCANNER = { name: 'trivy', version: '0.69.3' } as const;
const clock = { now: () => new Date('2026-11-21T12:00:00Z'), elapsed: () => 0, sleep: async () => undefined };
const policy = (over: Partial<GatePolicy> = {}): GatePolicy => ({
  severities: ['HIGH', 'CRITICAL'],
  ignoreUnfixed: false,
  waivers: [],
  ...over,
});

describe('readPolicy', () => {
  const inputs = { severities: ['HIGH'], ignoreUnfixed: true } as const;
  const read = (content: string) =>
    readPolicy({ ...inputs, waivers: '/w/waivers.yml' }, parse, {
      files: memoryFiles({ '/w/waivers.yml': content }),
    });

  it('reads nothing and needs no YAML without a waiver file', async () => {
    const noYaml = (): never => {
      throw new Error('not needed');
    };
    expect(await readPolicy(inputs, noYaml, { files: memoryFiles() })).toEqual({ ...inputs, waivers: [] });
  });

  it('has the waivers of the file', async () => {
    const { waivers } = await read('secrets: [{ id: rule, statement: why }]');
    expect(waivers).toEqual([{ kind: 'secret', id: 'rule', paths: [], statement: 'why' }]);
  });

  it.each([
    ['is not there', undefined, 'the `waivers` file does not exist: /w/waivers.yml'],
    ['is no YAML', 'a: [', 'the `waivers` file is no YAML: /w/waivers.yml'],
    ['is in another form', 'secrets: [{ id: rule }]', '/w/waivers.yml: secrets[0].statement is missing'],
  ])('refuses a file that %s', async (_name, content, message) => {
    const files = memoryFiles(content === undefined ? {} : { '/w/waivers.yml': content });
    await expect(
      readPolicy({ ...inputs, waivers: '/w/waivers.yml' }, parse, { files }),
    ).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(message),
    });
  });

  it('reports every problem of the file', async () => {
    await expect(read('secrets: [{ id: rule }, 1]')).rejects.toMatchObject({ problems: [{}, {}] });
  });
});

describe('runGate', () => {
  const inspections = [
    anInspection('app', { amd64: [aFinding()], arm64: [] }),
    anInspection('tool', { amd64: [] }),
  ];

  it('writes SARIF beside every scan report, on a red verdict too', async () => {
    const files = memoryFiles();
    const result = await runGate(policy(), inspections, SCANNER, { clock, files, log: fakeLog() });
    expect(result.verdict.passed).toBe(false);
    const paths = ['app-linux-amd64', 'app-linux-arm64', 'tool-linux-amd64'].map(
      (name) => `/reports/${name}.sarif`,
    );
    expect([...files.tree.keys()].sort()).toEqual(paths);
    const reports = result.inspections.flatMap(({ platforms }) => platforms.flatMap((each) => each.reports));
    expect(reports.filter(({ kind }) => kind === 'sarif').map(({ path }) => path)).toEqual(paths);
    expect(reports.filter(({ kind }) => kind === 'scan')).toHaveLength(3);
    expect(JSON.parse(files.text('/reports/app-linux-amd64.sarif')).runs[0].results[0].properties.gate).toBe(
      'refused',
    );
  });

  it('says what is refused, as foreign text', async () => {
    const log = fakeLog();
    await runGate(policy(), inspections, SCANNER, { clock, files: memoryFiles(), log });
    expect(log.lines[0]).toBe('The gate is closed: 1 finding of HIGH, CRITICAL is refused.');
    expect(log.lines.some((line) => line.includes('CVE-2020-14343') && line.includes('5.4'))).toBe(true);
    expect(log.openPrinters()).toBe(0);
  });

  it('says which waivers were used, expired, expire soon, or do nothing', async () => {
    const log = fakeLog();
    const waivers = [
      aWaiver({ owner: 'team-a' }),
      aWaiver({ id: 'CVE-OLD', expiredAt: '2026-11-01' }),
      aWaiver({ id: 'CVE-SOON', expiredAt: '2026-11-25', owner: 'team-b' }),
    ];
    await runGate(policy({ waivers }), inspections, SCANNER, { clock, files: memoryFiles(), log });
    expect(log.lines).toEqual([
      'The gate is open: no finding of HIGH, CRITICAL is refused.',
      'Waivers lift 1 finding.',
      'warning: A waiver expired on 2026-11-01 and lifts nothing any more: CVE-OLD.',
      'warning: A waiver is good only until the end of 2026-11-25 (UTC): CVE-SOON (team-b).',
      'A waiver lifts nothing in this release: CVE-SOON (team-b).',
    ]);
  });
});
