/** A lock between processes, so that two runs on one machine do not install or build the same thing at once. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cachePath } from './cache.mjs';

export async function withLock(name, action) {
  const path = cachePath(`${name}.lock`);
  for (let said = false; !take(path); said = true) {
    if (!said)
      console.error(`Another run (process ${holder(path)}) is setting up this machine. Waiting for it.`);
    await sleep(300);
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await action();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take(path) {
  try {
    writeFileSync(path, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    // A run that was killed leaves its lock behind. An empty file is one that is being written right now.
    const pid = holder(path);
    if (pid && (!alive(pid) || isOld(path))) rmSync(path, { force: true });
    return false;
  }
}

function holder(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}

/** No setup takes an hour: the number is that of another program by now. */
function isOld(path) {
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - written > 3_600_000;
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
