import { createRegistry, type RegistryOptions } from '../../../src/adapters/registry/index.ts';
import type { Registry } from '../../../src/ports/registry.ts';
import { fakeExec } from '../fake-exec.ts';
import { type FakeLog, fakeLog } from '../fake-log.ts';
import { memoryFiles } from '../memory-files.ts';

/** Our client with nothing of this machine in it, and what it said and waited. */
export type TestClient = Registry & {
  /** Milliseconds of each wait between attempts, which take no time here. */
  readonly waits: readonly number[];
  readonly log: FakeLog;
};

export function testClient(options: Partial<RegistryOptions> = {}): TestClient {
  const waits: number[] = [];
  const log = fakeLog();
  const registry = createRegistry({
    credentials: [],
    insecure: [],
    env: {},
    exec: fakeExec(),
    files: memoryFiles(),
    random: () => 0.5,
    clock: {
      now: () => new Date(),
      elapsed: () => performance.now(),
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
      },
    },
    log,
    ...options,
  });
  return Object.assign(registry, { waits, log });
}
