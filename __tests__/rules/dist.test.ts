import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');

/** Path → digest of every file in a folder. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(files.map((path) => [relative(folder, path), digestOf(readFileSync(path))]));
}

describe('dist/ is what the sources make', () => {
  let fresh: string;

  beforeAll(() => {
    fresh = mkdtempSync(join(tmpdir(), 'mr-dist-'));
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), '--out', fresh], { stdio: 'pipe' });
  });

  afterAll(() => rmSync(fresh, { recursive: true, force: true }));

  it('has the same files with the same bytes as a fresh bundle', () => {
    expect(contentOf(DIST)).toEqual(contentOf(fresh));
  });

  const scripts = () => readdirSync(fresh).filter((name) => name.endsWith('.js'));
  const holding = (text: string) =>
    scripts().filter((name) => readFileSync(join(fresh, name), 'utf8').includes(text));

  it('loads the library of artifacts only when artifacts are used', () => {
    const library = holding('github.actions.results.api.v1.ArtifactService');
    expect(library).not.toEqual([]);
    const started = ['index.js', ...holding('the artifacts of this run cannot be listed')];
    expect(started.filter((name) => library.includes(name))).toEqual([]);
  });

  it('writes outputs and the summary without the HTTP client of the same library', () => {
    const [reporting = ''] = holding('The job summary could not be written');
    const calls = readFileSync(join(fresh, reporting), 'utf8').matchAll(/\.e\((\d+)\)/g);
    const loaded = [...new Set([...calls].map(([, id]) => `${id}.index.js`))];
    expect(loaded).not.toEqual([]);
    expect(loaded.reduce((sum, name) => sum + statSync(join(fresh, name)).size, 0)).toBeLessThan(20_000);
  });

  it('reads every module of a chunk once: its function stands in parentheses', () => {
    const code = scripts().map((name) => readFileSync(join(fresh, name), 'utf8'));
    const modules = code.flatMap((text) => [...text.matchAll(/[{,]\d+:(\(?)(?:\([\w$,]*\)|[\w$]+)=>\{/g)]);
    expect(modules.length).toBeGreaterThan(500);
    expect(modules.filter(([, open]) => open !== '(').map(([text]) => text)).toEqual([]);
  });

  it('is committed whole', () => {
    const committed = execFileSync('git', ['ls-files', '-z', '--', 'dist'], { cwd: ROOT, encoding: 'utf8' });
    const listed = committed.split('\0').filter((path) => path !== '');
    expect(listed.map((path) => relative('dist', path)).sort()).toEqual(Object.keys(contentOf(DIST)).sort());
  });

  it('tells the licences of everything that is bundled', () => {
    const licences = readFileSync(join(DIST, 'licenses.txt'), 'utf8');
    for (const name of ['@actions/core', '@actions/exec', '@actions/cache', '@actions/github', 'yaml', 'zod'])
      expect(licences.split('\n')).toContain(name);
  });

  it('has an entry for each stage that action.yml names', () => {
    const action = readFileSync(join(ROOT, 'action.yml'), 'utf8');
    const entries = [...action.matchAll(/^\s+(?:main|post): *['"]?([^'"\s]+)/gm)].map((match) => match[1]);
    expect(entries.length).toBeGreaterThan(0);
    expect(Object.keys(contentOf(DIST))).toEqual(
      expect.arrayContaining(entries.map((entry = '') => relative('dist', entry))),
    );
  });
});
