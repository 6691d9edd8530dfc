/** Runs programs by argv, never through a shell. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { logPath } from './cache.mjs';

/** A problem whose message is all that the reader needs: it is printed without a stack. */
export class SetupError extends Error {}

/** Runs a program and returns its exit code and output; a program that is not there has code 127. */
export function probe(file, args, { timeout = 20_000, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs a program with its output in the log file `NAME.log`; the end of the log is part of the error when it fails. */
export async function logged(name, file, args, options = {}) {
  const path = logPath(name);
  const log = openSync(path, 'w');
  const code = await new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', log, log] });
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => closeSync(log));
  if (code === 0) return;
  const end = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-30).join('\n');
  throw new SetupError(
    `${end}\n\nThe command failed: ${[file, ...args].join(' ')}\nIts whole output is in ${path}`,
  );
}
