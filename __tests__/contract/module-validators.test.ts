import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFiles } from '../../src/adapters/files/local.ts';
import { GENERATIONS, type Generation, type PlannedModule } from '../../src/model/module.ts';
import { judgeModule } from '../../src/plan/module/judge.ts';
import { wantedOf } from '../../src/plan/module/wanted.ts';
import { readModule } from '../../src/steps/survey/run.ts';
import type { Case } from '../helpers/module/a-case.ts';
import { CONTRACT_CASES } from '../helpers/module/cases-contracts.ts';
import { FILE_CASES } from '../helpers/module/cases-files.ts';
import { PERMISSION_CASES } from '../helpers/module/cases-permissions.ts';
import { SCHEMA_CASES } from '../helpers/module/cases-schema.ts';
import { moduleFiles, writeModule } from '../helpers/module/module-files.ts';
import { randomManifest } from '../helpers/module/random-manifests.ts';
import {
  initModule,
  type RealResult,
  runCli,
  runValidator,
  type Verdict,
} from '../helpers/module/real-validator.ts';
import { seeded } from '../helpers/random.ts';

const CASES: readonly Case[] = [...SCHEMA_CASES, ...PERMISSION_CASES, ...FILE_CASES, ...CONTRACT_CASES];

/** What `hla-compass init` makes. */
const TEMPLATES: readonly (readonly [Generation, string])[] = [
  ...['ui', 'no-ui', 'mcp'].map((template) => ['2.1', template] as const),
  ...['ui', 'no-ui', 'mcp', 'pipeline-ui', 'lambda', 'batch'].map((template) => ['6', template] as const),
];

/** Manifests changed at random. */
const RANDOM = 200;

/** They need the publisher's code to be run, which nobody does here. */
const RUNS_CODE =
  /^(entrypoint\.(import_failed|not_subclass|not_callable)|runtime\..*|mcp\.entrypoint_(import_failed|not_callable|async|generator|signature_invalid))$/;

const root = mkdtempSync(join(tmpdir(), 'mr-modules-'));
const real = new Map<string, RealResult>();
const ours = new Map<string, PlannedModule>();

beforeAll(async () => {
  const files = createFiles({ save: () => {} });
  const written = CASES.map(({ name, files: content }, index) => {
    const folder = join(root, String(index));
    writeModule(folder, content);
    return { name, folder };
  });
  const made = TEMPLATES.map(([by, template]) => ({
    name: `${by} ${template}`,
    folder: initModule(by, root, template),
  }));
  const random = seeded(20_261_121);
  const drawn = Array.from({ length: RANDOM }, (_, index) => {
    const folder = join(root, `random-${index}`);
    writeModule(folder, moduleFiles(randomManifest(random)));
    return { name: `random ${index}`, folder };
  });
  const all = [...written, ...made, ...drawn];
  for (const { name, folder } of all) {
    const facts = await readModule({ workspace: root, folder, wanted: wantedOf }, { files });
    ours.set(name, judgeModule(facts!));
  }
  const folders = all.map(({ folder }) => folder);
  for (const generation of GENERATIONS)
    for (const [index, result] of runValidator(generation, folders).entries())
      real.set(`${generation} ${all[index]!.name}`, result);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

type Found = { readonly valid: boolean; readonly issues: readonly string[] };

function line(severity: string, code: string, pointer = ''): string {
  return `${severity} ${code} ${pointer}`.trim();
}

/** What the real validator found, without what it found by running the module. */
function foundByThem(verdict: Verdict): Found {
  if ('crash' in verdict) return { valid: false, issues: [verdict.crash] };
  const issues = verdict.issues.filter(({ code }) => !RUNS_CODE.test(code));
  return {
    valid: issues.every(({ severity }) => severity !== 'error'),
    issues: [...new Set(issues.map(({ severity, code, pointer }) => line(severity, code, pointer)))].sort(),
  };
}

function foundByUs(name: string, generation: Generation, strict: boolean): Found {
  const { valid, issues } = ours.get(name)!.validation[generation];
  const lines = issues.map(({ severity, strictSeverity, code, pointer }) =>
    line(strict ? (strictSeverity ?? severity) : severity, code, pointer),
  );
  return {
    valid: strict ? lines.every((each) => !each.startsWith('error')) : valid,
    issues: [...new Set(lines)].sort(),
  };
}

it('has enough cases, each under a name of its own', () => {
  expect(CASES.length).toBeGreaterThan(300);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

describe.each(GENERATIONS)('generation %s finds what its real validator finds', (generation) => {
  const same = CASES.filter(({ differs }) => differs[generation] === undefined);
  it.each(same.map(({ name }) => name))('%s', (name) => {
    const { plain, strict } = real.get(`${generation} ${name}`)!;
    expect(foundByUs(name, generation, false)).toEqual(foundByThem(plain));
    expect(foundByUs(name, generation, true)).toEqual(foundByThem(strict));
  });

  const stricter = CASES.filter(({ differs }) => differs[generation] !== undefined);
  it.each(stricter.map(({ name, differs }) => [name, differs[generation] ?? ''] as const))(
    'is stricter with %s: %s',
    (name) => {
      const { plain } = real.get(`${generation} ${name}`)!;
      const found = foundByUs(name, generation, false);
      expect(found).not.toEqual(foundByThem(plain));
      expect(found.valid).toBe(false);
    },
  );
});

describe.each(GENERATIONS)('generation %s judges templates as its real validator does', (generation) => {
  it.each(TEMPLATES)('of generation %s: %s', (by, template) => {
    const name = `${by} ${template}`;
    const { plain, strict } = real.get(`${generation} ${name}`)!;
    expect(foundByUs(name, generation, false)).toEqual(foundByThem(plain));
    expect(foundByUs(name, generation, true)).toEqual(foundByThem(strict));
  });
});

it.each(GENERATIONS)('generation %s judges random manifests as its real validator does', (generation) => {
  const names = Array.from({ length: RANDOM }, (_, index) => `random ${index}`);
  const differing = names.filter((name) => {
    const { plain, strict } = real.get(`${generation} ${name}`)!;
    if ('crash' in plain) return foundByUs(name, generation, false).valid;
    return ([false, true] as const).some((isStrict) => {
      const [us, them] = [foundByUs(name, generation, isStrict), foundByThem(isStrict ? strict : plain)];
      return JSON.stringify(us) !== JSON.stringify(them);
    });
  });
  expect(differing).toEqual([]);
});

describe('the real command line', () => {
  const NAMES = ['base', 'no version', 'no examples'];
  const runs = GENERATIONS.flatMap((generation) => NAMES.map((name) => [generation, name] as const));

  it.each(runs)('%s ends with %s as we judge it', (generation, name) => {
    const folder = join(root, String(CASES.findIndex((each) => each.name === name)));
    const { valid, strictValid } = ours.get(name)!.validation[generation];
    for (const strict of [false, true]) {
      const { code, output } = runCli(generation, folder, strict);
      const isValid = strict ? strictValid : valid;
      expect([code, output.valid]).toEqual([isValid ? 0 : 1, isValid]);
      expect(foundByUs(name, generation, strict).issues).toEqual(foundByThem(output).issues);
    }
  });
});
