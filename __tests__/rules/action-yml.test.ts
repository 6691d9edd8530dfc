import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { generated } from '../../scripts/generate.ts';
import { FIELDS } from '../../src/inputs/fields.ts';
import { INPUTS, OUTPUTS } from '../../src/inputs/names.ts';

const ROOT = join(import.meta.dirname, '../..');
const committed = readFileSync(join(ROOT, 'action.yml'), 'utf8');
const action = parse(committed);

describe('action.yml', () => {
  it('is what `npm run generate` makes', () => {
    expect(committed).toBe(generated()['action.yml']);
  });

  it('declares the inputs that the door reads, and the outputs, no others', () => {
    expect(Object.keys(action.inputs)).toEqual(Object.keys(FIELDS));
    expect(Object.keys(FIELDS)).toEqual(Object.keys(INPUTS));
    expect(Object.keys(action.outputs)).toEqual(Object.keys(OUTPUTS));
  });

  it('names each field as its key', () => {
    expect(Object.values(FIELDS).map((field) => field.name)).toEqual(Object.keys(FIELDS));
  });

  it('describes every input and output, and says every default', () => {
    const inputs: [string, { description: string }][] = Object.entries(action.inputs);
    for (const [name, { description }] of inputs) {
      expect(`${name}: ${description}`).toMatch(/ Default: \S.*\.$/);
    }
    const outputs: { description: string }[] = Object.values(action.outputs);
    for (const { description } of outputs) expect(description).toMatch(/^\S.*\.$/);
  });

  it('has no default but the token: the door applies all others', () => {
    const withDefault = Object.keys(action.inputs).filter((name) => 'default' in action.inputs[name]);
    expect(withDefault).toEqual(['github-token']);
    expect(action.inputs['github-token'].default).toBe('${{ github.token }}');
  });

  it('has no expression elsewhere: the runner would evaluate it', () => {
    expect(committed.match(/\$\{\{/g)).toHaveLength(1);
  });

  it('runs the committed bundle on Node 24, and cleans up always', () => {
    expect(action.runs).toEqual({
      using: 'node24',
      main: 'dist/index.js',
      post: 'dist/post/index.js',
      'post-if': 'always()',
    });
    expect(action).toMatchObject({
      name: expect.any(String),
      description: expect.any(String),
      author: expect.any(String),
      branding: { icon: expect.any(String), color: expect.any(String) },
    });
  });
});
