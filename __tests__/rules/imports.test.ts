import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSource, violations } from '../helpers/import-rule.ts';

const SRC = join(import.meta.dirname, '../../src');
const tree = globSync('**/*.ts', { cwd: SRC }).map((path) =>
  readSource(path, readFileSync(join(SRC, path), 'utf8')),
);

it('src keeps the import rule', () => {
  expect(tree.length).toBeGreaterThan(50);
  expect(violations(tree)).toEqual([]);
});

it('only index.ts ends the process', () => {
  const ending = tree.filter(({ world }) => world.includes('process.exit')).map(({ path }) => path);
  expect(ending).toEqual(['index.ts']);
});

describe('the check itself', () => {
  const FILES = [
    'main.ts',
    'model/a.ts',
    'inputs/a.ts',
    'plan/a.ts',
    'report/a.ts',
    'ports/a.ts',
    'pipeline/a.ts',
    'steps/build/run.ts',
    'steps/build/args.ts',
    'steps/gate/run.ts',
    'adapters/exec/a.ts',
    'adapters/exec/b.ts',
    'adapters/files/a.ts',
  ];

  /** The violations when one file has this text and all others are empty. */
  function withText(path: string, text: string): string[] {
    return violations(FILES.map((each) => readSource(each, each === path ? text : '')));
  }

  it.each([
    [
      'main.ts',
      "import { a } from './adapters/exec/a.ts'; const b = await import('yaml'); process.env.X; Date.now();",
    ],
    ['model/a.ts', "import * as z from 'zod/mini'; import { join } from 'node:path'; new Date(0);"],
    ['model/a.ts', "process.getBuiltinModule('node:crypto').createHash('sha256');"],
    ['inputs/a.ts', "import { a } from '../model/a.ts'; import type * as Yaml from 'yaml';"],
    ['steps/build/run.ts', "import type { A } from '../../ports/a.ts'; import { b } from './args.ts';"],
    ['pipeline/a.ts', "import { a } from '../steps/build/run.ts'; import { b } from '../plan/a.ts';"],
    [
      'adapters/exec/a.ts',
      "import { a } from './b.ts'; import 'node:fs'; const c = await import('@actions/exec'); fetch('x');",
    ],
  ])('lets %s do its work: %s', (path, text) => {
    expect(withText(path, text)).toEqual([]);
  });

  it.each([
    ['model/a.ts', "import { a } from '../inputs/a.ts';", 'model/a.ts may not import inputs/a.ts'],
    ['model/a.ts', "import type { A } from '../ports/a.ts';", 'model/a.ts may not import ports/a.ts'],
    ['model/a.ts', "import { a } from '../main.ts';", 'model/a.ts may not import main.ts'],
    ['plan/a.ts', "export * from '../report/a.ts';", 'plan/a.ts may not import report/a.ts'],
    ['plan/a.ts', "export { a } from '../inputs/a.ts';", 'plan/a.ts may not import inputs/a.ts'],
    ['report/a.ts', "const a: import('../plan/a.ts').A = 1;", 'report/a.ts may not import plan/a.ts'],
    [
      'inputs/a.ts',
      "const a = await import('../adapters/exec/a.ts');",
      'inputs/a.ts may not import adapters/exec/a.ts',
    ],
    ['inputs/a.ts', "import { parse } from 'yaml';", 'inputs/a.ts may not import yaml'],
    ['inputs/a.ts', "import { readFileSync } from 'node:fs';", 'inputs/a.ts may not import node:fs'],
    [
      'inputs/a.ts',
      "process.getBuiltinModule('node:fs').readFileSync('x');",
      'inputs/a.ts may not import node:fs',
    ],
    [
      'ports/a.ts',
      "import { a } from '../adapters/exec/a.ts';",
      'ports/a.ts may not import adapters/exec/a.ts',
    ],
    [
      'steps/build/run.ts',
      "import { a } from '../gate/run.ts';",
      'steps/build/run.ts may not import steps/gate/run.ts',
    ],
    [
      'steps/build/run.ts',
      "import { a } from '../../plan/a.ts';",
      'steps/build/run.ts may not import plan/a.ts',
    ],
    [
      'steps/build/run.ts',
      "import { a } from '../../ports/a.ts';",
      'steps/build/run.ts may not import ports/a.ts',
    ],
    [
      'pipeline/a.ts',
      "import { a } from '../steps/build/args.ts';",
      'pipeline/a.ts may not import steps/build/args.ts',
    ],
    [
      'adapters/exec/a.ts',
      "import { a } from '../files/a.ts';",
      'adapters/exec/a.ts may not import adapters/files/a.ts',
    ],
    [
      'adapters/exec/a.ts',
      "import { a } from '../../plan/a.ts';",
      'adapters/exec/a.ts may not import plan/a.ts',
    ],
    [
      'adapters/exec/a.ts',
      "import * as core from '@actions/core';",
      'adapters/exec/a.ts imports @actions/core statically: it would be loaded at every start',
    ],
    ['model/a.ts', "import { a } from './gone.ts';", 'model/a.ts imports ./gone.ts, which is not in src'],
    ['model/a.ts', 'export default 3;', 'model/a.ts has a default export'],
    ['model/a.ts', 'const a = 1; export { a as default };', 'model/a.ts has a default export'],
    ['plan/a.ts', 'const a = process.env.HOME;', 'plan/a.ts uses process.env'],
    ['plan/a.ts', 'const a = Date.now();', 'plan/a.ts uses Date.now'],
    ['plan/a.ts', 'const a = new Date();', 'plan/a.ts uses new Date()'],
    ['steps/gate/run.ts', "await fetch('https://example.com');", 'steps/gate/run.ts uses fetch()'],
    ['steps/gate/run.ts', "console.log('x');", 'steps/gate/run.ts uses console.log'],
  ])('refuses in %s: %s', (path, text, violation) => {
    expect(withText(path, text)).toEqual([violation]);
  });

  it('finds cycles, also of types', () => {
    const a = readSource('model/a.ts', "import type { B } from './b.ts';");
    const b = readSource('model/b.ts', "import { c } from './c.ts';");
    const c = readSource('model/c.ts', "import { a } from './a.ts';");
    expect(violations([a, b, c])).toEqual(['a cycle: model/a.ts → model/b.ts → model/c.ts → model/a.ts']);
  });
});
