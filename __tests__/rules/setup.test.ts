import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Written in pieces, so that this file does not hold what it looks for. */
const hosts = [
  ['deb', 'debian', 'org'],
  ['security', 'debian', 'org'],
  ['snapshot', 'debian', 'org'],
  ['archive', 'ubuntu', 'com'],
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['proxy', 'golang', 'org'],
  ['sum', 'golang', 'org'],
  ['pypi', 'org'],
  ['files', 'pythonhosted', 'org'],
].map((labels) => labels.join('.'));

/** Absolute paths of the machine that this was written on: a home of root, and where the clone and its papers were. */
const folders = [
  ['root', String.raw`[\w.]`],
  ['work', 'main'],
  ['work', 'shared'],
  ['work', String.raw`\.`],
].map((parts) => new RegExp(String.raw`(?<![\w.$}-])/${parts.join('/')}`));

const files = execFileSync('git', ['ls-files', '-z'], { cwd: repository, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '');

/** A file that is deleted and not committed yet is still listed. */
function textOf(path: string): string {
  try {
    return readFileSync(`${repository}/${path}`, 'latin1');
  } catch {
    return '';
  }
}

describe('what is committed works on any machine', () => {
  test.each(hosts)('no file names the package registry %s: a machine has its own way to packages', (host) => {
    expect(files.filter((path) => textOf(path).includes(host))).toEqual([]);
  });

  test.each(folders)('no file holds a path of one machine: %s', (folder) => {
    expect(files.filter((path) => folder.test(textOf(path)))).toEqual([]);
  });
});
