/** The whole release of one image of 120 MiB, beside the floor: the same work by the bare tools. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { aRepository, COMMIT_EPOCH, type GitRepository } from '../__tests__/helpers/git-repository.ts';
import { machineThatStays, TAG, timeRelease } from './support/action.ts';
import { chosen, timed, type Variant } from './support/builders.ts';
import { copyDatabase, runFloor } from './support/floor.ts';
import { inTempFolder } from './support/folder.ts';
import { writeLargeImage } from './support/large-image.ts';
import type { BenchOptions, Report } from './support/part.ts';
import { withEmptyRegistry } from './support/registry.ts';
import { median, seconds, spread } from './support/stats.ts';

const RUNS = 5;
/** Seconds above the floor. */
const TARGET = 0.6;

export async function run({ runs = RUNS, variants, say }: BenchOptions): Promise<Report> {
  return inTempFolder(async (folder) => {
    say('Making up an image of 120 MiB.');
    const context = join(folder, 'context');
    await writeLargeImage(context);
    const repository = aRepository({ copyFrom: context, tags: [TAG] });
    const rows: Row[] = [];
    try {
      for (const variant of chosen(variants))
        rows.push(await measureVariant(variant, runs, { folder, repository, say }));
    } finally {
      rmSync(repository.folder, { recursive: true, force: true });
    }
    return report(rows, runs);
  });
}

type Place = {
  readonly folder: string;
  readonly repository: GitRepository;
  readonly say: (line: string) => void;
};
type Row = {
  readonly variant: Variant;
  readonly floor: readonly number[];
  readonly ours: readonly number[];
  /** The floor with layers that are equal on every run, as ours are; only warm, where it differs most. */
  readonly reproducible: readonly number[];
};

async function measureVariant(
  variant: Variant,
  runs: number,
  { folder, repository, say }: Place,
): Promise<Row> {
  const warm = variant.name === 'warm';
  const caches = { floor: join(folder, 'trivy-floor'), ours: join(folder, 'trivy-ours') };
  const work = join(folder, 'work');
  const env = { ...process.env, SOURCE_DATE_EPOCH: `${COMMIT_EPOCH}` };

  const floor = (output = ''): Promise<number> =>
    withEmptyRegistry(async (host) => {
      const trivyCache = warm ? caches.floor : copyDatabase(caches.floor);
      rmSync(work, { recursive: true, force: true });
      mkdirSync(work);
      const reference = `${host}/bench/large:1.2.3`;
      return timed(variant, (builder) =>
        runFloor({ context: repository.folder, work, builder, trivyCache, reference, env, output }),
      );
    });
  const ours = (): Promise<number> =>
    withEmptyRegistry((registry) => {
      const trivyCacheDir = warm ? caches.ours : copyDatabase(caches.ours);
      const inputs = { registry, image: 'large', 'trivy-cache-dir': trivyCacheDir };
      const env = warm ? machineThatStays(join(folder, 'tool-cache')) : {};
      const temp = mkdtempSync(join(folder, 'runner-'));
      return timed(variant, (builder) => timeRelease(repository, { ...inputs, builder }, { env, temp }));
    });

  const times = {
    floor: [] as number[],
    ours: [] as number[],
    reproducible: [] as number[],
  };
  if (warm) {
    copyDatabase(caches.floor);
    copyDatabase(caches.ours);
    await floor();
    await ours();
  }
  for (let i = 0; i < runs; i += 1) {
    // By turns each goes first.
    if (i % 2 === 0) times.floor.push(await floor());
    times.ours.push(await ours());
    if (i % 2 === 1) times.floor.push(await floor());
    if (warm) times.reproducible.push(await floor(',rewrite-timestamp=true'));
    say(`${variant.text}: floor ${seconds(times.floor[i]!)} s, the action ${seconds(times.ours[i]!)} s.`);
  }
  return { variant, ...times };
}

function report(rows: readonly Row[], runs: number): Report {
  const over = rows.map(({ floor, ours }) => (median(ours) - median(floor)) / 1000);
  return {
    title: 'One image of 120 MiB, from tag to registry',
    text:
      'Build, scan, SARIF, SBOM, push and tag of one image (72 MiB that nothing compresses, 48 MiB of text, 5 COPY and 2 RUN ' +
      'layers, 510 packages) into an empty registry, main and post step. The floor is the same work by bare tools: ' +
      '`docker buildx bake` to an OCI layout, `trivy image` on it, 2 × `trivy convert`, `crane push --index`. ' +
      'Warm is a self-hosted runner: the builder, the database and the tool cache are those of the run before. ' +
      `Seconds, median (min–max) of ${runs}, taken in turns.`,
    table: {
      head: ['builder', 'floor', 'the action', 'difference', 'ratio'],
      rows: rows.map(({ variant, floor, ours }) => [
        variant.text,
        spread(floor),
        spread(ours),
        seconds(median(ours) - median(floor)),
        (median(ours) / median(floor)).toFixed(2),
      ]),
    },
    notes: [
      ...rows
        .filter(({ reproducible }) => reproducible.length > 0)
        .map(
          ({ variant, reproducible }) =>
            "The floor's layers carry the times of the checkout and of the build. With layers that are equal on every run, as the " +
            `action's are (\`rewrite-timestamp=true\`), the floor takes ${spread(reproducible)} s (${variant.text}).`,
        ),
      `Target: at most ${TARGET} s above the floor; ${rows.map(({ variant }, i) => `${variant.name} ${over[i]! <= TARGET ? 'met' : 'missed'}`).join(', ')}.`,
    ],
  };
}
