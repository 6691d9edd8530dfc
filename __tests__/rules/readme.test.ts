import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { REGIONS } from '../../scripts/generate/readme.ts';
import { generated } from '../../scripts/generate.ts';
import { FIELDS, IMAGE_FIELDS } from '../../src/inputs/fields.ts';
import { OUTPUTS } from '../../src/inputs/names.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

describe('the tables of README.md', () => {
  it('are what `npm run generate` makes', () => {
    expect(readme).toBe(generated()['README.md']);
  });

  it.each(Object.keys(REGIONS))('have the region %s once', (name) => {
    expect(readme.split(`<!-- ${name}:start -->`)).toHaveLength(2);
    expect(readme.split(`<!-- ${name}:end -->`)).toHaveLength(2);
  });

  it.each([
    ['inputs', Object.keys(FIELDS)],
    ['outputs', Object.keys(OUTPUTS)],
    ['config', ['images', 'bake', 'gate', ...Object.keys(IMAGE_FIELDS).map((key) => `images.<name>.${key}`)]],
  ])('have a row for each of the %s', (region, names) => {
    const text = readme.split(`<!-- ${region}:start -->`)[1]?.split(`<!-- ${region}:end -->`)[0] ?? '';
    for (const name of names) expect(text).toContain(`\n| \`${name}\` | `);
  });
});
