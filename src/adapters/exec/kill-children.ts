import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Signals every process that descends from this one (tools that we started, and theirs), children before their parents'
 * siblings. Synchronous, so that it works in a signal handler. Returns how many were signalled.
 */
export function killChildren(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): number {
  const pids = descendants(process.pid, childrenByParent());
  let count = 0;
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
      count += 1;
    } catch {
      // It ended by itself, or is not ours to end.
    }
  }
  return count;
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
