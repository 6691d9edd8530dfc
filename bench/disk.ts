/** What the staging of N variants of one base takes on disk: the base once, and what each adds. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { aRepository, type GitRepository } from '../__tests__/helpers/git-repository.ts';
import { release, TAG } from './support/action.ts';
import { copyDatabase } from './support/floor.ts';
import { folderBytes, inTempFolder } from './support/folder.ts';
import { incompressible } from './support/made-up-files.ts';
import type { BenchOptions, Report } from './support/part.ts';
import { withEmptyRegistry } from './support/registry.ts';
import { megabytes } from './support/stats.ts';

const COUNTS = [1, 2, 4, 8];
const BASE_BYTES = 49_000_000;
const DELTA_BYTES = 2_000_000;

const record = z.object({ images: z.array(z.object({ name: z.string(), size: z.number() })) });

export async function run({ say }: BenchOptions): Promise<Report> {
  const measured: Measured[] = [];
  for (const count of COUNTS) {
    say(`Releasing a base of 49 MB and ${count} on it.`);
    measured.push(await measureStage(count));
  }
  const worst = Math.max(...measured.map(({ stage, expected }) => stage / expected));
  return {
    title: 'Disk',
    text:
      'Bytes of all blobs in the staging store when N variants of 2 MB each are released together with their base of 49 MB, ' +
      'beside what the same images take when each has a layout of its own.',
    table: {
      head: ['variants', 'staged MB', 'base + N deltas MB', 'a layout each MB', 'saved'],
      rows: measured.map(({ count, stage, expected, sum }) => [
        `${count}`,
        megabytes(stage),
        megabytes(expected),
        megabytes(sum),
        `${Math.round((1 - stage / sum) * 100)} %`,
      ]),
    },
    notes: [
      `Target: base + N deltas; the store is at most ${((worst - 1) * 100).toFixed(2)} % above it (manifests and configs).`,
    ],
  };
}

type Measured = {
  readonly count: number;
  readonly stage: number;
  readonly expected: number;
  /** Of the sizes of the images, each with all its layers. */
  readonly sum: number;
};

function measureStage(count: number): Promise<Measured> {
  return inTempFolder(async (folder) => {
    const repository = aFamily(count);
    try {
      return await withEmptyRegistry(async (registry) => {
        const inputs = { registry, scanners: 'vuln', 'trivy-cache-dir': copyDatabase(join(folder, 'trivy')) };
        // The post step would remove the store.
        const { outputs, temp } = await release(repository, inputs, { withoutPost: true });
        try {
          const { images } = record.parse(JSON.parse(readFileSync(outputs.record ?? '', 'utf8')));
          const base = images.find(({ name }) => name === 'base')!.size;
          return {
            count,
            stage: folderBytes(stagingBlobs(temp)),
            expected: base + images.reduce((all, { size }) => all + (size - base), 0),
            sum: images.reduce((all, { size }) => all + size, 0),
          };
        } finally {
          rmSync(temp, { recursive: true, force: true });
        }
      });
    } finally {
      rmSync(repository.folder, { recursive: true, force: true });
    }
  });
}

function aFamily(count: number): GitRepository {
  const names = Array.from({ length: count }, (_, i) => `variant-${i + 1}`);
  const images = [
    'images:',
    '  base: { context: base }',
    ...names.map((name) => `  ${name}: { context: ${name}, contexts: { base: "target:base" } }`),
  ];
  return aRepository({
    files: {
      '.github/module-release.yml': `${images.join('\n')}\n`,
      'base/Dockerfile': 'FROM scratch\nCOPY base.bin /opt/base.bin\n',
      'base/base.bin': incompressible('base', BASE_BYTES),
      ...Object.fromEntries(
        names.flatMap((name) => [
          [`${name}/Dockerfile`, 'FROM base\nCOPY delta.bin /opt/delta.bin\n'],
          [`${name}/delta.bin`, incompressible(name, DELTA_BYTES)],
        ]),
      ),
    },
    tags: [TAG],
  });
}

/** The one shared blob folder under what the run left behind: the others are links to it. */
function stagingBlobs(temp: string): string {
  const found = readdirSync(temp, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'blobs' && entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  if (found.length !== 1) throw new Error(`${found.length} blob folders instead of one: ${found.join(', ')}`);
  return found[0]!;
}
