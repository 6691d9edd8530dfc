import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeOutputs } from '../../../../src/adapters/runner/outputs.ts';
import { createState, readState } from '../../../../src/adapters/runner/state.ts';
import { writeSummary } from '../../../../src/adapters/runner/summary.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { parseFileCommands } from '../../../helpers/run-action.ts';

const VARIABLES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'STATE_builder'];
const HOSTILE = {
  plain: 'x',
  empty: '',
  list: 'ghcr.io/acme/base:1.2.3\nghcr.io/acme/base:1.2',
  command: '::error::x\n::set-output name=digest::y',
  block: 'a\nstatus<<EOF\nreleased\nEOF\nstatus=released',
  long: 'é'.repeat(10_000),
};

let folder: string;
let file: string;
let before: readonly (readonly [string, string | undefined])[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mr-files-'));
  file = join(folder, 'file');
  writeFileSync(file, '');
  before = VARIABLES.map((name) => [name, process.env[name]]);
  for (const name of VARIABLES) delete process.env[name];
});

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true });
});

describe('outputs', () => {
  it.each([true, false])('come back from the file of the runner as they were (early: %s)', async (early) => {
    process.env.GITHUB_OUTPUT = file;
    const log = fakeLog();
    await writeOutputs(HOSTILE, { log, early });
    expect(parseFileCommands(readFileSync(file, 'utf8'))).toEqual(HOSTILE);
    expect(log.lines).toEqual([]);
  });

  it('are printed where no runner collects them', async () => {
    const log = fakeLog();
    await writeOutputs({ status: 'released', 'error-code': '', tags: 'a\nb' }, { log });
    expect(log.lines.slice(1)).toEqual(['  status: released', '  tags: a\n    b']);
  });

  it('that cannot be written are a warning', async () => {
    process.env.GITHUB_OUTPUT = join(folder, 'missing', 'file');
    const log = fakeLog();
    await writeOutputs({ status: 'released' }, { log });
    expect(log.lines).toEqual([expect.stringMatching(/^warning: The outputs could not be written/)]);
  });
});

describe('the job summary', () => {
  it.each([true, false])('is added to what is there (early: %s)', async (early) => {
    process.env.GITHUB_STEP_SUMMARY = file;
    writeFileSync(file, 'earlier\n');
    await writeSummary('## ours\n', { log: fakeLog(), early });
    expect(readFileSync(file, 'utf8')).toBe('earlier\n## ours\n');
  });

  it('is printed where there is none', async () => {
    const log = fakeLog();
    await writeSummary('## ours\n', { log });
    expect(log.lines.join('\n')).toContain('## ours');
  });

  it('that cannot be written is a warning', async () => {
    process.env.GITHUB_STEP_SUMMARY = join(folder, 'missing', 'file');
    const log = fakeLog();
    await writeSummary('## ours\n', { log });
    expect(log.lines).toEqual([expect.stringMatching(/^warning: The job summary could not be written/)]);
  });
});

describe('state for the post step', () => {
  it('is in the file at once', () => {
    process.env.GITHUB_STATE = file;
    const state = createState();
    state.save('temp', '/runner/temp\n::x');
    expect(parseFileCommands(readFileSync(file, 'utf8'))).toEqual({ temp: '/runner/temp\n::x' });
  });

  it('comes back from the environment of the post step', () => {
    expect(readState('builder')).toBeUndefined();
    process.env.STATE_builder = 'module-release-1';
    expect(readState('builder')).toBe('module-release-1');
  });

  it('is not kept outside a runner', () => {
    createState().save('builder', 'x');
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
