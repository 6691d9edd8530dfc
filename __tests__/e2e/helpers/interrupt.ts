import { readdirSync, readFileSync } from 'node:fs';
import type { Fault } from '../../helpers/registry/faults.ts';
import type { RunningRegistry } from '../../helpers/registry/registry.ts';
import type { RunOptions } from '../../helpers/run-action.ts';

/** How a run is brought to its end, for the options of a run; `undo` makes the registry whole again. */
export type Interruption = Required<Pick<RunOptions, 'onLine'>> & { readonly undo: () => void };

/** The run is signalled when a line of its log matches. */
export function atLine(line: RegExp, signal: NodeJS.Signals): Interruption {
  let done = false;
  return {
    onLine: (text, kill) => {
      if (done || !line.test(text)) return;
      done = true;
      kill(signal);
    },
    undo: () => undefined,
  };
}

/**
 * The run is signalled when the registry sees such a request for the time after `skip`, and has answered those before.
 * Neither that one nor a later one is answered, so where the run stood is certain.
 */
export function atRequest(
  registry: RunningRegistry,
  when: Required<Fault['when']>,
  { skip = 0, signal }: { readonly skip?: number; readonly signal: NodeJS.Signals },
): Interruption {
  registry.faults.add({ when, skip, times: Number.POSITIVE_INFINITY, effect: { do: 'drop', afterBytes: 0 } });
  const from = registry.requests.length;
  let kill: ((signal: NodeJS.Signals) => void) | undefined;
  const timer = setInterval(() => {
    const seen = registry.requests
      .slice(from)
      .filter(({ method, path }) => method === when.method && when.path.test(path));
    if (seen.length <= skip || seen.slice(0, skip).some(({ status }) => status === 0)) return;
    if (kill === undefined) return;
    clearInterval(timer);
    kill(signal);
  }, 2);
  return {
    onLine: (_, send) => {
      kill = send;
    },
    undo: () => {
      clearInterval(timer);
      registry.faults.clear();
    },
  };
}

/** The command lines of all processes that name a path. */
export function processesNaming(path: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((line) => line.includes(path));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
