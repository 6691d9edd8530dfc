/**
 * `node push-worker.ts LAYOUT REPOSITORY`: the push step alone, on an OCI layout of one image, in a process of its own so
 * that its memory can be told. Prints milliseconds of the step and the peak RSS of the process in bytes.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClock } from '../../src/adapters/clock/system-clock.ts';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { createFiles } from '../../src/adapters/files/local.ts';
import { createRegistry } from '../../src/adapters/registry/index.ts';
import { decodeManifest } from '../../src/model/manifest.ts';
import { parseRepository } from '../../src/model/reference.ts';
import type { CleanImage } from '../../src/model/scan.ts';
import { pushImages } from '../../src/steps/push/run.ts';
import { QUIET_LOG as log } from './quiet-log.ts';

const [layout = '', repository = ''] = process.argv.slice(2);
const parsed = parseRepository(repository);
const index = decodeManifest(readFileSync(join(layout, 'index.json')));
if (parsed === undefined || index.kind !== 'index')
  throw new Error('usage: push-worker.ts LAYOUT REPOSITORY');
const top = index.manifests[0]!;

const ports = {
  log,
  exec: createExec(),
  clock: createClock(),
  files: createFiles({ save: () => undefined }),
};
const planned = {
  name: 'large',
  source: { kind: 'oci-layout', path: layout },
  repositories: [parsed],
  tags: [],
  platforms: [],
  labels: {},
  annotations: { index: {}, manifest: {} },
  parents: [],
} as const;
const image = { planned, store: { root: layout }, top, platforms: [], origin: 'brought', size: 0 } as const;

const started = performance.now();
const registry = createRegistry({ ...ports, credentials: [], insecure: [] });
// The gate is not what is measured here.
await pushImages([{ image, platforms: [] } as unknown as CleanImage], { ...ports, registry });
const milliseconds = performance.now() - started;
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ milliseconds, peak }));
