import { globSync, readFileSync } from 'node:fs';
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

/** All texts of our code; what is joined from two lines is one line here. */
const sources = globSync('src/**/*.ts', { cwd: ROOT })
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n')
  .replaceAll(/['`] \+\n\s*['`]/g, '');

/** The messages that a section quotes, without the values that `…` stands for. */
function quoted(code: string): readonly string[] {
  const words = sections.get(code)?.find((paragraph) => paragraph.startsWith('**In the log.** ')) ?? '';
  const messages = [...words.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message);
  return messages.flatMap((message) => message.split('…').filter((part) => /[a-z]{2}/i.test(part)));
}

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

  it.each(Object.keys(ERRORS).filter((code) => code !== 'INTERNAL'))(
    'quotes the messages of %s in the words of the code, so that they can be searched for',
    (code) => {
      const parts = quoted(code);
      expect(parts).not.toEqual([]);
      expect(parts.filter((part) => !sources.includes(part))).toEqual([]);
    },
  );
});
