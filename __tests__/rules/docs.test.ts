import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { parseWaivers } from '../../src/steps/gate/waivers.ts';
import { callersIn, faultsOf } from '../helpers/callers.ts';
import { type Example, headings, PAGES, readPage, yamlExamples } from '../helpers/docs.ts';
import { messages } from '../helpers/read-door.ts';
import { ROOT } from '../helpers/run-action.ts';

const examples = PAGES.flatMap(yamlExamples);
const shown = (wanted: (example: Example) => boolean) =>
  examples.filter(wanted).map((example) => [example.where, example] as const);

const isWorkflow = ({ file }: Example) => file === undefined || file.startsWith('.github/workflows/');

/** A whole workflow of what a page shows: a list is steps, a map may lack the event or the jobs. */
function workflowOf({ text }: Example): string {
  const value: unknown = parse(text);
  if (Array.isArray(value)) {
    const steps = text.replace(/^(?=.)/gm, '      ');
    return `on: push\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;
  }
  const keys = Object.keys(Object(value));
  const event = keys.includes('on') ? '' : 'on: push\n';
  const jobs = keys.includes('jobs')
    ? ''
    : 'jobs:\n  example:\n    runs-on: ubuntu-latest\n    steps: [{ run: "true" }]\n';
  return `${event}${text}${jobs}`;
}

type Step = { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> };
type Workflow = {
  readonly on?: {
    readonly workflow_dispatch?: {
      readonly inputs?: Readonly<Record<string, { readonly default?: unknown }>>;
    };
  };
  readonly jobs: Readonly<Record<string, { readonly steps?: readonly Step[] }>>;
};

/** What a secret with such a name holds: the door looks whether it is one. */
const A_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** The inputs of each of our steps, as the runner hands them over; an expression has given some value. */
function ourInputs(example: Example): readonly Readonly<Record<string, string>>[] {
  const { on, jobs }: Workflow = parse(workflowOf(example));
  const value = (_: string, expression: string): string => {
    if (/^secrets\.\w+_KEY$/.test(expression.trim())) return A_KEY;
    const input = /^inputs\.([\w-]+)$/.exec(expression.trim())?.[1];
    const byHand = input === undefined ? undefined : on?.workflow_dispatch?.inputs?.[input]?.default;
    return String(byHand ?? '1.2.3');
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
  const ours = steps.filter(({ uses }) => uses?.startsWith('org/module-release@'));
  return ours.map((step) =>
    Object.fromEntries(
      Object.entries(step.with ?? {}).map(([name, text]) => [
        name,
        String(text).replaceAll(/\$\{\{(.*?)\}\}/g, value),
      ]),
    ),
  );
}

describe('what the pages show', () => {
  it('is known: no example goes unchecked', () => {
    expect(examples.length).toBeGreaterThan(15);
    const known = ['.github/module-release.yml', 'security/waivers.yml'];
    const strange = examples.filter((each) => !isWorkflow(each) && !known.includes(each.file ?? ''));
    expect(strange).toEqual([]);
  });

  it.each(shown(({ file }) => file === '.github/module-release.yml'))(
    'as a config file passes the door: %s',
    (_, { text }) => {
      expect(messages({ config: text })).toEqual([]);
    },
  );

  it.each(shown(({ file }) => file === 'security/waivers.yml'))(
    'as a waiver file can be read: %s',
    (_, { text, file = '' }) => {
      expect(parseWaivers(parse(text), file)).toMatchObject({ ok: true });
    },
  );

  it.each(shown(isWorkflow))('as a workflow pleases actionlint: %s', (_, example) => {
    const { stdout, stderr, error } = spawnSync('actionlint', ['-shellcheck=', '-pyflakes=', '-'], {
      input: workflowOf(example),
      encoding: 'utf8',
    });
    expect(error?.message ?? stdout + stderr).toBe('');
  });

  it.each(shown((example) => isWorkflow(example) && ourInputs(example).length > 0))(
    'as inputs of the action passes the door: %s',
    (_, example) => {
      for (const raw of ourInputs(example)) expect(messages({ raw })).toEqual([]);
    },
  );
});

const callersOf = (example: Example) => (isWorkflow(example) ? callersIn(workflowOf(example)) : []);

describe('what calls a reusable workflow', () => {
  it('is looked at', () => {
    expect(examples.flatMap(callersOf).length).toBeGreaterThan(3);
    const faulty = {
      path: '.github/workflows/promote.yml',
      job: { with: { form: '1.2.3', channel: 'prod' } },
    };
    expect(faultsOf(faulty)).toEqual([
      'strange input form',
      'no input from',
      'contents: read is not granted',
      'packages: write is not granted',
      'id-token: write is not granted',
    ]);
  });

  it.each(shown((example) => callersOf(example).length > 0))(
    'says and grants what it takes: %s',
    (_, example) => {
      expect(callersOf(example).flatMap(faultsOf)).toEqual([]);
    },
  );

  it.each(shown((example) => example.file !== undefined && callersOf(example).length === 1))(
    'as a whole has at most 15 lines: %s',
    (_, { text }) => {
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      expect(lines.length).toBeLessThanOrEqual(15);
    },
  );
});

/** The anchors of a page, as GitHub makes them of its headings. */
function anchors(page: string): ReadonlySet<string> {
  return new Set(
    headings(readPage(page)).map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Links that lead nowhere. */
function broken(page: string, text = readPage(page)): readonly string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchors(target).has(anchor);
  });
}

/** Files and folders of ours that a page names and that are not there; a star stands for several. */
function missing(text: string): readonly string[] {
  const paths = [...text.matchAll(/`((?:src|__tests__|scripts|docs|schema|examples|bench)\/[\w./*-]*)`/g)];
  return paths
    .map(([, path = '']) => path)
    .filter((path) => globSync(path.replace(/\/$/, ''), { cwd: ROOT }).length === 0);
}

describe('the links between the pages', () => {
  it.each(PAGES)('lead somewhere: %s', (page) => {
    expect(broken(page)).toEqual([]);
  });

  it.each(PAGES)('and the paths that they name are there: %s', (page) => {
    expect(missing(readPage(page))).toEqual([]);
  });

  it('are followed to pages and to headings', () => {
    const text =
      '[a](gone.md) [b](outputs.md#gone) [c](outputs.md#plan) [d](../README.md#events-and-tags) [e](#gone)';
    expect(broken('docs/outputs.md', text)).toEqual(['gone.md', 'outputs.md#gone', '#gone']);
    expect(missing('`src/gone.ts`, `src/inputs/names-*.ts`, `docs/`, `ci/release.yml`')).toEqual([
      'src/gone.ts',
    ]);
  });
});
