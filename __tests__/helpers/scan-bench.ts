import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExec } from '../../src/adapters/exec/runner.ts';
import type { GateInputs } from '../../src/model/inputs.ts';
import type { Tool } from '../../src/model/tool.ts';
import type { Command } from '../../src/ports/exec.ts';
import type { Inspected, ScanCache, ScanRequest } from '../../src/steps/inspect/run.ts';
import { type FakeLog, fakeLog } from './fake-log.ts';
import { inspectImages } from './inspect-images.ts';
import { scratchFiles } from './scratch-files.ts';
import { toolPath } from './tool-path.ts';
import { makeTrivyCache } from './trivy-database.ts';
import { type ImageSpec, makeStagingStore } from './vulnerable-layout.ts';

export const TRIVY: Tool = { name: 'trivy', version: 'as installed', path: toolPath('trivy'), from: 'PATH' };
export const SYFT: Tool = { name: 'syft', version: 'as installed', path: toolPath('syft'), from: 'PATH' };

export const GATE: Pick<
  GateInputs,
  'scanners' | 'skipDirs' | 'skipFiles' | 'timeoutSeconds' | 'sbom' | 'sbomGenerator'
> = {
  scanners: ['vuln', 'secret'],
  skipDirs: [],
  skipFiles: [],
  timeoutSeconds: 60,
  sbom: [],
  sbomGenerator: 'trivy',
};

/** A place to scan in with the real tools: its own folder, database and log; `commands` is what was run. */
export type ScanBench = {
  readonly root: string;
  readonly log: FakeLog;
  readonly commands: readonly Command[];
  inspect(images: Readonly<Record<string, ImageSpec>>, over?: Partial<ScanRequest>): Promise<Inspected>;
  end(): Promise<void>;
};

export async function makeScanBench(): Promise<ScanBench> {
  const root = await mkdtemp(join(tmpdir(), 'mr-scan-'));
  const { files, clean } = scratchFiles();
  const exec = createExec();
  const log = fakeLog();
  const commands: Command[] = [];
  const recorded = {
    which: exec.which,
    run: (command: Command) => {
      commands.push(command);
      return exec.run(command);
    },
  };
  let stores = 0;
  return {
    root,
    log,
    commands,
    async inspect(images, over = {}) {
      stores += 1;
      const store = join(root, `stage-${stores}`);
      const cache: ScanCache = {
        folder: await makeTrivyCache(join(root, `trivy-${stores}`)),
        javaRepositories: [],
        keepJavaDatabase: false,
      };
      const request = {
        gate: GATE,
        trivy: TRIVY,
        cache,
        reports: join(root, 'reports'),
        offline: true,
        ...over,
      };
      const built = await makeStagingStore(store, images);
      return inspectImages(built, request, { exec: recorded, files, log });
    },
    async end() {
      await clean();
      await rm(root, { recursive: true });
    },
  };
}
