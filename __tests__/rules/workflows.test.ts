import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../helpers/run-action.ts';

const FOLDER = join(ROOT, '.github/workflows');
const workflows = readdirSync(FOLDER).map(
  (name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const,
);

type Step = {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
};
type Workflow = {
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly 'timeout-minutes'?: number; readonly steps: readonly Step[] }>
  >;
};

function tool(
  file: string,
  args: readonly string[],
): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd: ROOT, encoding: 'utf8' });
  return { code: status, said: error?.message ?? stdout + stderr };
}

describe('our own workflows', () => {
  it.each(workflows)('%s pins every action by commit, with its version beside it', (_, text) => {
    const uses = text.match(/^\s*(?:- )?uses:.*$/gm) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(workflows)('%s may only read, ends in time, and keeps no credentials', (_, text) => {
    const { permissions, jobs } = parse(text) as Workflow;
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      const checkouts = job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
      for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
    }
  });

  it.each(workflows)('%s puts no expression into a shell', (_, text) => {
    const { jobs } = parse(text) as Workflow;
    const scripts = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    for (const script of scripts) expect(script).not.toContain('${{');
  });

  it('run every test on a push and on a pull request', () => {
    const ci = parse(readFileSync(join(FOLDER, 'ci.yml'), 'utf8'));
    expect(Object.keys(ci.on)).toEqual(['push', 'pull_request']);
    expect(ci.jobs.test['runs-on']).toBe('ubuntu-latest');
    expect(ci.jobs.test.steps.at(-1).run).toMatch(/\bnpm test$/);
  });

  it('please actionlint', () => {
    const files = workflows.map(([name]) => join(FOLDER, name));
    expect(tool('actionlint', ['-shellcheck=', '-pyflakes=', ...files])).toEqual({ code: 0, said: '' });
  });

  it('please zizmor', () => {
    const { code, said } = tool('zizmor', ['--offline', '--persona=auditor', '--no-progress', '.github']);
    expect(said).toMatch(/No findings to report/);
    expect(code).toBe(0);
  });
});
