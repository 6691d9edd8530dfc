import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pythonOf } from './real-validator.ts';

export type Question = readonly ['allows' | 'requirement' | 'is_schema' | 'satisfies', readonly unknown[]];

/** What the libraries of the SDK of generation 6 (packaging, jsonschema) say, in one Python process. */
export function askPython(questions: readonly Question[]): readonly unknown[] {
  const driver = join(import.meta.dirname, 'python-judges.py');
  const output = execFileSync(pythonOf('6'), ['-B', driver], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env.PATH },
  });
  return JSON.parse(output);
}
