/** Finds the programs of the tools table on this machine and tells whether their version is fit. */
import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { binDir, cachePath } from './cache.mjs';
import { probe } from './run.mjs';

/** Where Debian puts programs for root, which are not on every PATH. */
const ROOTS_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

const seenPath = cachePath('seen.json');

/** The given tools that are missing here or too old. */
export async function missingTools(tools) {
  const seen = readSeen();
  const before = JSON.stringify(seen);
  const fits = await Promise.all(tools.map((tool) => isFit(tool, seen)));
  if (JSON.stringify(seen) !== before) writeFileSync(seenPath, JSON.stringify(seen, null, 2));
  return tools.filter((_, index) => !fits[index]);
}

export function findProgram(name) {
  const folders = [binDir, ...(process.env.PATH ?? '').split(delimiter), ...ROOTS_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

async function isFit(tool, seen) {
  const path = findProgram(tool.program ?? tool.name);
  if (!path) return false;
  if (!tool.fit) return true;
  // A program that was fit and has not changed since is not asked again: asking them all takes seconds.
  const { mtimeMs, size } = statSync(path);
  const fingerprint = [path, mtimeMs, size, tool.fit.join(' ')].join(' ');
  if (seen[tool.name] === fingerprint) return true;
  const [args, pattern, atLeast] = tool.fit;
  const match = pattern.exec((await probe(path, args)).output);
  const fit = match !== null && (!atLeast || compare(match[1], atLeast) >= 0);
  // The version of a plugin says nothing about the program that was looked at.
  if (fit && !tool.program) seen[tool.name] = fingerprint;
  return fit;
}

function compare(left, right) {
  const [a, b] = [left, right].map((version) =>
    version.split(/[.+~-]/, 3).map((part) => Number.parseInt(part, 10) || 0),
  );
  return a[0] - b[0] || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readSeen() {
  try {
    return JSON.parse(readFileSync(seenPath, 'utf8'));
  } catch {
    return {};
  }
}
