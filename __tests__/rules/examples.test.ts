import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { callersIn, faultsOf } from '../helpers/callers.ts';
import { messages } from '../helpers/read-door.ts';
import { ROOT } from '../helpers/run-action.ts';

/** What the systems that these examples have the shape of had in lines of YAML, and what is allowed here. */
const BUDGETS = {
  'containai-shape': { workflows: 60, config: 60 },
  'services-shape': { workflows: 80, config: 70 },
} as const;
type Shape = keyof typeof BUDGETS;
const SHAPES = ['containai-shape', 'services-shape'] as const;

const CONFIG = '.github/module-release.yml';
const folder = (shape: Shape): string => join(ROOT, 'examples', shape);
const read = (shape: Shape, path: string): string => readFileSync(join(folder(shape), path), 'utf8');
const workflows = (shape: Shape): readonly string[] =>
  globSync('.github/workflows/*.yml', { cwd: folder(shape) });
const lines = (text: string): number => text.trimEnd().split('\n').length;

/** Image → the one that it stands on. */
const PARENTS: Readonly<Record<Shape, Readonly<Record<string, string | undefined>>>> = {
  'containai-shape': {
    'containai-base': undefined,
    containai: 'containai-base',
    'containai-copilot': 'containai',
    'containai-codex': 'containai',
    'containai-claude': 'containai',
    'containai-proxy': undefined,
    'containai-log-forwarder': undefined,
  },
  'services-shape': Object.fromEntries(
    [
      ...['gateway', 'signalprocessing', 'aianalysis', 'authwebhook', 'remediationorchestrator'],
      ...['workflowexecution', 'notification', 'datastorage', 'effectivenessmonitor', 'kubernautagent'],
      ...['apifrontend', 'fleetmetadatacache', 'must-gather', 'db-migrate'],
    ].map((name) => [name, undefined]),
  ),
};

type Image = { readonly contexts?: Readonly<Record<string, string>> };

describe.each(SHAPES)('the example %s', (shape) => {
  it('has the images of its system, each on its parent', () => {
    const images: Readonly<Record<string, Image>> = parse(read(shape, CONFIG)).images;
    const parents = Object.entries(images).map(([name, { contexts = {} }]) => [
      name,
      Object.values(contexts)[0]?.replace('target:', ''),
    ]);
    expect(Object.fromEntries(parents)).toEqual(PARENTS[shape]);
    expect(parse(read(shape, CONFIG)).platforms).toEqual(['linux/amd64', 'linux/arm64']);
  });

  it('stays inside its lines, all workflows together', () => {
    const { workflows: most, config } = BUDGETS[shape];
    const total = workflows(shape).reduce((sum, path) => sum + lines(read(shape, path)), 0);
    expect(total).toBeGreaterThan(10);
    expect(total).toBeLessThanOrEqual(most);
    expect(lines(read(shape, CONFIG))).toBeLessThanOrEqual(config);
  });

  it('has a config that passes the door', () => {
    expect(messages({ config: read(shape, CONFIG) })).toEqual([]);
  });

  it('says and grants what the reusable workflows take', () => {
    const callers = workflows(shape).flatMap((path) => callersIn(read(shape, path)));
    expect(callers.length).toBeGreaterThan(1);
    expect(callers.flatMap(faultsOf)).toEqual([]);
  });

  it('only copies, so that it builds for any processor without emulation', () => {
    const dockerfiles = globSync('**/Dockerfile', { cwd: folder(shape) });
    expect(dockerfiles.length).toBeGreaterThan(2);
    for (const path of dockerfiles) expect(read(shape, path)).not.toMatch(/^(?:RUN|ADD)\b/m);
  });

  it.each([
    ['actionlint', ['-shellcheck=', '-pyflakes=', ...workflows(shape)]],
    [
      'zizmor',
      [
        '--offline',
        '--no-progress',
        '--quiet',
        '--color=never',
        `--config=${join(ROOT, '.github/zizmor.yml')}`,
        '.github',
      ],
    ],
  ])('pleases %s', (tool, args) => {
    const { status, stdout, stderr, error } = spawnSync(tool, args, {
      cwd: folder(shape),
      encoding: 'utf8',
    });
    expect(error?.message ?? `${status} ${stdout}${stderr}`.trim()).toMatch(
      /^0(?: No findings to report.*)?$/,
    );
  });
});
