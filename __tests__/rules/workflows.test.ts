import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { generated } from '../../scripts/generate.ts';
import { INPUTS, inputSpec, isInputName, OUTPUTS } from '../../src/inputs/names.ts';
import { messages } from '../helpers/read-door.ts';
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
type Permissions = Readonly<Record<string, string>>;
type Job = {
  readonly permissions?: Permissions;
  readonly 'timeout-minutes'?: number | string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
};
type Input = { readonly type: string; readonly description: string; readonly options?: readonly string[] };
type Workflow = {
  readonly on: {
    readonly workflow_call?: {
      readonly inputs: Readonly<Record<string, Input>>;
      readonly secrets: Readonly<
        Record<string, { readonly description: string; readonly required?: boolean }>
      >;
      readonly outputs: Readonly<Record<string, { readonly value: string }>>;
    };
    readonly workflow_dispatch?: { readonly inputs: Readonly<Record<string, Input>> };
  };
  readonly permissions: unknown;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': unknown };
  readonly jobs: Readonly<Record<string, Job>>;
};

function tool(
  file: string,
  args: readonly string[],
): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd: ROOT, encoding: 'utf8' });
  return { code: status, said: error?.message ?? stdout + stderr };
}

/** What other repositories call. */
const REUSABLE = ['release.yml', 'promote.yml', 'rollback.yml'] as const;

const OWN = `org/module-release@v${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}`;

const WRITES = { contents: 'read', packages: 'write', 'id-token': 'write' } as const;

/** Job → what its token may do; no job may do more than its work asks for. */
const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, Permissions>>>> = {
  'release.yml': {
    plan: WRITES,
    build: WRITES,
    candidates: WRITES,
    release: { ...WRITES, attestations: 'write' },
  },
  'promote.yml': { promote: WRITES },
  'rollback.yml': { rollback: WRITES },
};

describe('our own workflows', () => {
  it.each(workflows)('%s pins every action by commit, with its version beside it', (_, text) => {
    const uses = text.match(/^\s*(?:- )?uses:.*$/gm) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses)
      if (line.trim() !== `uses: ${OWN}`)
        expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(workflows)('%s may only do what it must', (name, text) => {
    const { permissions, jobs } = parse(text) as Workflow;
    const wanted = PERMISSIONS[name];
    expect(permissions).toEqual(wanted === undefined ? { contents: 'read' } : {});
    const given = Object.entries(jobs).flatMap(([job, { permissions: own }]) =>
      own === undefined ? [] : [[job, own]],
    );
    expect(Object.fromEntries(given)).toEqual(wanted ?? {});
  });

  it.each(workflows)('%s ends in time, and keeps no credentials', (_, text) => {
    const { jobs } = parse(text) as Workflow;
    for (const job of Object.values(jobs)) {
      expect(job['timeout-minutes']).toBeDefined();
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

describe.each(REUSABLE)('the reusable workflow %s', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const workflow = parse(text) as Workflow;
  const call = workflow.on.workflow_call ?? { inputs: {}, secrets: {}, outputs: {} };
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const ours = steps.filter(({ uses }) => uses?.startsWith('org/module-release@'));

  it('runs the very version that it is part of, which `npm run generate` writes', () => {
    expect(ours.map(({ uses }) => uses)).toEqual(ours.map(() => OWN));
    expect(ours.length).toBeGreaterThan(0);
    expect(text).toBe(generated()[`.github/workflows/${name}`]);
  });

  it('hands on inputs that the action has, and all of its own', () => {
    for (const { with: given = {} } of ours)
      expect(Object.keys(INPUTS)).toEqual(expect.arrayContaining(Object.keys(given)));
    const used = new Set([...text.matchAll(/\b(?:inputs|secrets)\.([\w-]+)/g)].map(([, input]) => input));
    expect(
      [...Object.keys(call.inputs), ...Object.keys(call.secrets)].filter((input) => !used.has(input)),
    ).toEqual([]);
    expect([...used].filter((input = '') => !(input in call.inputs) && !(input in call.secrets))).toEqual([]);
  });

  it('takes every secret as one, and demands none', () => {
    const secret = Object.keys(INPUTS).filter((input) => isInputName(input) && inputSpec(input).secret);
    for (const { with: given = {} } of ours)
      for (const [input, value] of Object.entries(given))
        expect([input, String(value).includes('secrets.')]).toEqual([input, secret.includes(input)]);
    for (const { required = false } of Object.values(call.secrets)) expect(required).toBe(false);
  });

  it('says what each input is for', () => {
    for (const { description } of [...Object.values(call.inputs), ...Object.values(call.secrets)])
      expect(description).toMatch(/^\S.{5,}[^.]$/);
  });

  it('gives only outputs that its steps have', () => {
    for (const [output, { value }] of Object.entries(call.outputs)) {
      expect([output, output in OUTPUTS]).toEqual([output, true]);
      const jobs = [...value.matchAll(/jobs\.([\w-]+)\.outputs\.([\w-]+)/g)];
      expect(jobs.length).toBeGreaterThan(0);
      for (const [, job = '', from = ''] of jobs) expect(workflow.jobs[job]?.outputs).toHaveProperty([from]);
    }
  });

  it('is never cancelled half-way', () => {
    expect(workflow.concurrency).toMatchObject({ 'cancel-in-progress': false });
    expect(workflow.concurrency?.group).toMatch(/^module-release-/);
  });
});

describe('promote.yml and rollback.yml', () => {
  it.each(['promote.yml', 'rollback.yml'])(
    '%s can be started by hand, with choices where they are known',
    (name) => {
      const { on } = parse(readFileSync(join(FOLDER, name), 'utf8')) as Workflow;
      const inputs = on.workflow_dispatch?.inputs ?? {};
      expect(inputs).toMatchObject({
        environment: { type: 'environment' },
        require: { type: 'choice' },
        force: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
      });
      for (const input of Object.keys(inputs)) expect(on.workflow_call?.inputs).toHaveProperty([input]);
      for (const option of inputs.require?.options ?? [])
        expect(messages({ raw: { command: 'verify', require: option } })).toEqual([]);
    },
  );

  it('each have a group for each channel', () => {
    for (const name of ['promote', 'rollback']) {
      const { concurrency } = parse(readFileSync(join(FOLDER, `${name}.yml`), 'utf8')) as Workflow;
      expect(concurrency?.group).toBe(`module-release-${name}-\${{ inputs.channel }}`);
    }
  });
});

describe('release.yml', () => {
  const { jobs } = parse(readFileSync(join(FOLDER, 'release.yml'), 'utf8')) as Workflow;
  const given = Object.entries(jobs).map(([job, { steps }]) => [job, steps.at(-1)?.with ?? {}] as const);

  it('says the same to each of its jobs, but for what is no matter of theirs', () => {
    // The definition of an image must come out the same everywhere.
    const own = ['command', 'shard', 'handoff', 'digests', 'dry-run'];
    const said = new Map(
      given.map(([job, inputs]) => [job, Object.keys(inputs).filter((input) => !own.includes(input))]),
    );
    expect([...said.keys()]).toEqual(['plan', 'build', 'candidates', 'release']);
    expect(said.get('plan')).toEqual(said.get('release'));
    expect(said.get('build')).toEqual(said.get('candidates'));
    const publishes = /^(?:publish|channel|aliases)/;
    expect(said.get('release')?.filter((input) => !publishes.test(input))).toEqual(said.get('build'));
  });

  it.each(given)('gives %s nothing that its command refuses', (_, inputs) => {
    const raw = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        String(value).startsWith('${{') ? '' : String(value),
      ]),
    );
    expect(messages({ raw })).toEqual([]);
  });
});
