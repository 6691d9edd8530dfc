import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const POLL_MS = 20;

/**
 * Ends every process that descends from this one (tools that we started, and theirs): asked at once, before this function
 * returns, and killed where `graceMs` later one is still there. Resolves when those that were there have ended.
 */
export async function endChildren(graceMs: number): Promise<void> {
  const asked = killChildren('SIGTERM');
  const deadline = performance.now() + graceMs;
  while (asked.some(isRunning) && performance.now() < deadline)
    await new Promise((done) => setTimeout(done, POLL_MS));
  for (const pid of asked.filter(isRunning)) signalTo(pid, 'SIGKILL');
  // What was started meanwhile, by us or by them.
  killChildren('SIGKILL');
}

/**
 * Signals every process that descends from this one, children before their parents' siblings. Synchronous, so that it
 * works in a signal handler. Returns those that were signalled.
 */
export function killChildren(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): readonly number[] {
  return descendants(process.pid, childrenByParent()).filter((pid) => signalTo(pid, signal));
}

/** False when it has ended by itself, or is not ours to end. */
function signalTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  return signalTo(pid, 0);
}

/** Everything below a process, parents first. */
export function descendants(root: number, children: ReadonlyMap<number, readonly number[]>): number[] {
  const found: number[] = [];
  const seen = new Set([root]);
  const queue = [root];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    for (const child of children.get(pid) ?? []) {
      if (seen.has(child)) continue;
      seen.add(child);
      found.push(child);
      queue.push(child);
    }
  }
  return found;
}

function childrenByParent(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of process.platform === 'linux' ? fromProc() : fromPs()) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  return children;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name stands in parentheses and may hold any character. */
function fromProc(): [number, number][] {
  return readdirSync('/proc').flatMap((entry): [number, number][] => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      return [[Number(entry), Number(parent)]];
    } catch {
      return [];
    }
  });
}

function fromPs(): [number, number][] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return table.split('\n').flatMap((line): [number, number][] => {
    const match = /^\s*(\d+)\s+(\d+)/.exec(line);
    return match === null ? [] : [[Number(match[1]), Number(match[2])]];
  });
}
