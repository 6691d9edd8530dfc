import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GENERATIONS } from '../../src/model/module.ts';
import { contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import { aManifest, type Change, drop, moduleFiles, put } from '../helpers/module/module-files.ts';
import { runCli } from '../helpers/module/real-validator.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';

let bench: E2eBench;
beforeAll(async () => {
  bench = await e2eBench();
});
afterAll(() => bench.dispose());

type Files = Readonly<Record<string, string | undefined>>;

const DOCKERFILE = contextOf({ 'opt/module': 'peptides' });

function aModule(changes: readonly Change[] = [], more: Files = {}) {
  const manifest = aManifest();
  for (const change of changes) change(manifest);
  const files = Object.entries({ ...moduleFiles(manifest), ...more });
  const there = files.flatMap(([path, content]) =>
    typeof content === 'string' ? [[path, content] as const] : [],
  );
  return bench.checkout({ ...DOCKERFILE, ...Object.fromEntries(there) });
}

const plan = (repository: ReturnType<typeof aModule>, inputs: Readonly<Record<string, string>> = {}) =>
  bench.run(repository, { command: 'plan', image: 'app', ...inputs });

const marksOf = (run: ActionRun, level: string) =>
  annotationsOf(run.log)
    .filter((each) => each.level === level)
    .map(({ file, line }) => `${file}:${line ?? ''}`);

const validationOf = (run: ActionRun) => JSON.parse(run.outputs.plan ?? '').modules[0].validation;

describe('a module', () => {
  it('that is right is judged by both generations, and released', async () => {
    const run = await bench.run(aModule(), { image: 'right' });
    expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
    expect(JSON.parse(run.outputs.plan ?? '').modules).toEqual([
      {
        path: '.',
        name: 'peptide-counter',
        version: '1.2.3',
        validation: {
          '2.1': { valid: true, strictValid: true, issues: [] },
          '6': { valid: true, strictValid: true, issues: [] },
        },
      },
    ]);
    expect(run.log).toContain('Module peptide-counter 1.2.3, of manifest.json:');
    expect(run.summary).toContain('### Modules');
  });

  it('with defects is refused before anything is built, each defect shown at its line', async () => {
    const repository = aModule([put('/resources/memory', 300)], {
      'backend/requirements.txt': 'numpy==2.1.0\npandas\n',
      'examples/sample.json': undefined,
    });
    const before = bench.registry.requests.length;
    const run = await bench.run(repository, { image: 'wrong' });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({
      status: 'failed',
      'error-code': 'MANIFEST_INVALID',
      pushed: 'false',
    });
    const lines = JSON.stringify(aManifest(), null, 2).split('\n');
    const memory = lines.findIndex((line) => line.includes('"memory"')) + 1;
    expect(marksOf(run, 'error')).toEqual([
      `manifest.json:${memory}`,
      'backend/requirements.txt:2',
      'manifest.json:1',
    ]);
    expect(validationOf(run)['2.1']).toEqual({
      valid: false,
      strictValid: false,
      issues: [
        expect.objectContaining({ severity: 'error', code: 'schema.invalid', pointer: '/resources/memory' }),
        expect.objectContaining({
          code: 'structure.requirements_unpinned',
          pointer: '/backend/requirements.txt',
        }),
        expect.objectContaining({
          severity: 'warning',
          code: 'structure.examples_missing',
          pointer: '/examples',
        }),
      ],
    });
    expect(run.summary).toContain('structure.requirements_unpinned');
    expect(writesOf(bench.registry.requests.slice(before))).toEqual([]);
  });

  it('that only generation 6 refuses is released with a warning at its line', async () => {
    const run = await plan(aModule([put('/permissions', { database: ['read'] })]));
    expect(run.outputs).toMatchObject({ status: 'planned', 'error-code': '' });
    expect(validationOf(run)['2.1'].strictValid).toBe(true);
    expect(validationOf(run)['6'].valid).toBe(false);
    const marks = marksOf(run, 'warning').filter((mark) => mark.startsWith('manifest.json'));
    expect(new Set(marks).size).toBe(1);
    expect(run.log).toContain('Generation 6 of the platform will not take this module');
  });

  it('that only generation 6 takes is refused, and told what both take', async () => {
    const run = await plan(
      aModule([put('/computeType', 'pipeline')], { 'pipeline/main.nf': 'workflow {}\n' }),
    );
    expect(run.outputs['error-code']).toBe('MANIFEST_INVALID');
    expect(validationOf(run)['2.1'].valid).toBe(false);
    expect(validationOf(run)['6'].valid).toBe(true);
    const hint = 'Generation 6 of the platform takes this module as it is, but 2.1 decides';
    expect(run.log).toContain(hint);
    expect(run.summary).toContain('write what both take');
    const both = await plan(aModule([put('/computeType', 'pipeline'), put('/resources/memory', 300)]));
    expect(both.outputs['error-code']).toBe('MANIFEST_INVALID');
    expect(both.log).not.toContain(hint);
  });

  it('whose manifest.json names something twice is told so', async () => {
    const text = String(moduleFiles()['manifest.json']).replace('"tags"', '"tags": [],\n  "tags"');
    const run = await plan(aModule([], { 'manifest.json': text }));
    expect(run.outputs.status).toBe('planned');
    expect(run.log).toContain('manifest.json has /tags twice, and the last one counts.');
  });

  it('in a broken manifest.json is refused at the line where it breaks', async () => {
    const text = String(moduleFiles()['manifest.json']).replace('"tags": [', '"tags": [,');
    const run = await plan(aModule([], { 'manifest.json': text }));
    expect(run.outputs['error-code']).toBe('MANIFEST_INVALID');
    const line = text.slice(0, text.indexOf('[,')).split('\n').length;
    expect(marksOf(run, 'error')).toEqual([`manifest.json:${line}`]);
    expect(validationOf(run)['2.1'].issues).toEqual([expect.objectContaining({ code: 'manifest.invalid' })]);
  });
});

describe('the output `plan`', () => {
  const DEFECTS: readonly [string, readonly Change[], Files][] = [
    ['nothing wrong', [], {}],
    ['warnings alone', [], { 'examples/sample.json': undefined }],
    ['warnings that are errors strictly', [drop('/pricing'), put('/permissions', { network: ['*'] })], {}],
    ['errors', [put('/resources/memory', 300), drop('/pricing')], { 'backend/requirements.txt': 'numpy\n' }],
  ];
  const judged = GENERATIONS.flatMap((generation) =>
    DEFECTS.map(([name, changes, files]) => [generation, name, changes, files] as const),
  );

  it.each(judged)(
    'says of generation %s what its validator says: %s',
    async (generation, _, changes, more) => {
      const repository = aModule(changes, more);
      const { valid, strictValid, issues } = validationOf(await plan(repository))[generation];
      const plain = runCli(generation, repository.folder, false);
      const strict = runCli(generation, repository.folder, true);
      expect([valid, strictValid]).toEqual([plain.output.valid, strict.output.valid]);
      expect([valid, strictValid]).toEqual([plain.code === 0, strict.code === 0]);
      expect(issues.map(tellingOf).toSorted()).toEqual(plain.output.issues.map(tellingOf).toSorted());
    },
  );
});

type Telling = { readonly severity: string; readonly code: string; readonly pointer?: string };

function tellingOf({ severity, code, pointer }: Telling): string {
  return `${severity} ${code} ${pointer ?? ''}`;
}

describe("another tool's manifest.json", () => {
  const WEB_APP = '{ "name": "shop", "short_name": "Shop", "icons": [], "start_url": "/" }';

  it('is judged for the plan, and does not stand in the way', async () => {
    const run = await plan(aModule([], { 'manifest.json': WEB_APP }));
    expect(run.outputs).toMatchObject({ status: 'planned', 'error-code': '' });
    expect(validationOf(run)['2.1'].valid).toBe(false);
    expect(marksOf(run, 'error')).toEqual([]);
  });

  it('is left alone with `manifest: false`, and so is a wrong module', async () => {
    const run = await plan(aModule([put('/resources/memory', 300)]), { manifest: 'false' });
    expect(run.outputs).toMatchObject({ status: 'planned', 'error-code': '' });
    expect(JSON.parse(run.outputs.plan ?? '').modules).toEqual([]);
  });

  it('that leads out of the checkout is not read', async () => {
    const repository = aModule([], { 'manifest.json': undefined });
    const secret = join(bench.folder('outside'), 'secret');
    writeFileSync(secret, 'a secret of the runner');
    symlinkSync(secret, join(repository.folder, 'manifest.json'));
    const run = await plan(repository);
    expect(run.outputs['error-code']).toBe('MANIFEST_INVALID');
    expect(run.log).toContain('it is a symbolic link that leads out of the checkout');
    expect(run.log).not.toContain('a secret');
  });
});

it('a manifest.json that is missing is looked for, and the nearest one named', async () => {
  const repository = bench.checkout({
    ...DOCKERFILE,
    'tools/far/away/manifest.json': '{}',
    'modules/parser/manifest.json': '{}',
    'modules/README.md': '',
  });
  const run = await plan(repository, {
    manifest: 'true',
    'working-directory': 'modules',
    image: 'app',
    context: '..',
  });
  expect(run.outputs['error-code']).toBe('MANIFEST_NOT_FOUND');
  expect(run.log).toContain('Looked in modules; the nearest one is in modules/parser');
});
