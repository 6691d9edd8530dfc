import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BUNDLE_TYPE, PREDICATES } from '../../src/model/attestation.ts';
import { BUNDLE_FAULTS, EVIDENCE_FAULTS } from '../../src/model/verification.ts';
import { ROOT } from '../helpers/run-action.ts';

const page = readFileSync(join(ROOT, 'docs/attestations.md'), 'utf8');
const table = page.split('## What verify checks\n')[1]?.split(/^#/m)[0] ?? '';
const named = new Set([...table.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name]) => name));

describe('docs/attestations.md', () => {
  it.each([...BUNDLE_FAULTS, ...EVIDENCE_FAULTS])('says what %s is about', (fault) => {
    expect(named).toContain(fault);
  });

  it('names no fault that there is not', () => {
    const known: readonly string[] = [...BUNDLE_FAULTS, ...EVIDENCE_FAULTS, 'sigstore-trusted-root'];
    expect([...named].filter((name = '') => !known.includes(name))).toEqual([]);
  });

  it.each(Object.values(PREDICATES))('names the predicate type %s', (type) => {
    expect(page).toContain(`\`${type}\``);
  });

  it('names the media type of bundles', () => {
    expect(page).toContain(`\`${BUNDLE_TYPE}\``);
  });
});
