import { describe, expect, it } from '@jest/globals';
import type { ModuleIssue, PlannedModule } from '../../../src/model/module.ts';
import { moduleLines, modulesOutput, modulesSection } from '../../../src/report/modules.ts';
import { aPlan, aRelease } from '../../helpers/a-release.ts';

const ISSUE: ModuleIssue = {
  severity: 'warning',
  strictSeverity: 'error',
  code: 'pricing.tiers_missing',
  message: 'no | tiers\n::error::x',
  pointer: '/pricing/tiers',
  suggestion: 'Add them.',
  at: { file: 'm/manifest.json', line: 7 },
};
const VALID = { valid: true, strictValid: true, issues: [] };
const MODULE: PlannedModule = {
  path: 'm',
  manifestPath: 'm/manifest.json',
  name: 'parser',
  version: '1.2.3',
  manifest: { secret: 'not for the output' },
  inexact: [],
  duplicates: [],
  validation: { '2.1': { valid: true, strictValid: false, issues: [ISSUE] }, '6': VALID },
};

describe('the modules of a plan', () => {
  it('stand in the output in the form of the validator', () => {
    const { strictSeverity: _, at: __, ...issue } = ISSUE;
    expect(modulesOutput([MODULE])).toEqual([
      {
        path: 'm',
        name: 'parser',
        version: '1.2.3',
        validation: { '2.1': { valid: true, strictValid: false, issues: [issue] }, '6': VALID },
      },
    ]);
    expect(modulesOutput()).toEqual([]);
  });

  it('have null for the name and the version that they do not have, and at most 500 issues', () => {
    const { name: _, version: __, ...nameless } = MODULE;
    const many = { ...VALID, issues: Array.from({ length: 600 }, () => ISSUE) };
    const [output] = modulesOutput([{ ...nameless, validation: { '2.1': many, '6': VALID } }]);
    expect(output).toMatchObject({ name: null, version: null });
    expect(JSON.stringify(output).split(ISSUE.code)).toHaveLength(501);
  });

  it('stand in the log on one line each', () => {
    expect(moduleLines([MODULE])).toEqual([
      'Module parser 1.2.3, of m/manifest.json:',
      '  generation 2.1: valid, but not strictly, 1 issue',
      '    pricing.tiers_missing: no | tiers\\n::error::x',
      '  generation 6: valid',
    ]);
  });

  it('stand in the summary with their issues, foreign text as data', () => {
    const section = modulesSection(aRelease({ plan: aPlan({ modules: [MODULE] }) }));
    expect(section).toContain(
      '| **parser** (`m/manifest.json`) | `1.2.3` | valid, but not strictly, 1 issue | valid |',
    );
    expect(section).toContain(
      '| 2.1 | warning, strictly error | `pricing.tiers_missing` | `m/manifest.json:7` | no &#124; tiers',
    );
    expect(modulesSection(aRelease())).toBe('');
  });
});
