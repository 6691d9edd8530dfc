import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ERRORS } from '../../src/model/errors.ts';
import { ROOT } from '../helpers/run-action.ts';

const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');

/** Heading → the paragraphs below it. */
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...paragraphs] = section.trim().split(/\n\n+/);
      return [heading, paragraphs.map((paragraph) => paragraph.replaceAll('\n', ' '))] as const;
    }),
);

describe('docs/troubleshooting.md', () => {
  it('has one section for each error code, in the order of the catalogue', () => {
    expect([...sections.keys()]).toEqual(Object.keys(ERRORS));
  });

  it.each(Object.entries(ERRORS))('says of %s what it is, why, and what to do', (code, { title }) => {
    const [what, why, remedy] = sections.get(code) ?? [];
    expect(what).toBe(title);
    expect(why).toMatch(/^\*\*Why\.\*\* \S.+\.$/);
    expect(remedy).toMatch(/^\*\*What to do\.\*\* \S/);
  });
});
