/** The example of five images, beside what people wire today: push first, then scan what was pushed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMIT_EPOCH, type GitRepository } from '../__tests__/helpers/git-repository.ts';
import { exampleModules } from '../scripts/demo/example.ts';
import { machineThatStays, TAG, timeRelease } from './support/action.ts';
import { chosen, timed, VARIANTS, type Variant } from './support/builders.ts';
import { must } from './support/command.ts';
import { copyDatabase, TRIVY_OFFLINE } from './support/floor.ts';
import { inTempFolder } from './support/folder.ts';
import type { BenchOptions, Report } from './support/part.ts';
import { withEmptyRegistry } from './support/registry.ts';
import { median, seconds, spread } from './support/stats.ts';

/** A shared machine's speed drifts by a fifth from one minute to the next: of few runs the median does too. */
const RUNS = 15;
const TARGET = 1;

/** As in the example's .github/module-release.yml. */
const IMAGES = {
  'modules-base': { context: 'base' },
  'modules-runtime': { context: 'runtime', contexts: { base: 'target:modules-base' } },
  'modules-analytics': { context: 'analytics', contexts: { runtime: 'target:modules-runtime' } },
  'modules-ingest': { context: 'ingest', contexts: { runtime: 'target:modules-runtime' } },
  'modules-console': { context: 'console', platforms: ['linux/amd64', 'linux/arm64'] },
};

export async function run({ runs = RUNS, variants, say }: BenchOptions): Promise<Report> {
  return inTempFolder(async (folder) => {
    const repository = await exampleModules([TAG]);
    const rows: Row[] = [];
    try {
      const onDocker = VARIANTS.filter(({ name }) => name !== 'fresh');
      for (const variant of chosen(variants, onDocker))
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
  readonly today: readonly number[];
  readonly ours: readonly number[];
  /** Ours without SBOMs, which the other side does not make: where the difference is. */
  readonly lean: readonly number[];
};

async function measureVariant(
  variant: Variant,
  runs: number,
  { folder, repository, say }: Place,
): Promise<Row> {
  const warm = variant.name === 'warm';
  const caches = { today: join(folder, 'trivy-today'), ours: join(folder, 'trivy-ours') };
  const work = join(folder, 'work');
  mkdirSync(work, { recursive: true });

  const today = (): Promise<number> =>
    withEmptyRegistry(async (host) => {
      const trivyCache = warm ? caches.today : copyDatabase(caches.today);
      const time = await timed(variant, () =>
        pushThenScan({ host, trivyCache, work, context: repository.folder }),
      );
      // The docker driver keeps what it pushes.
      await must('docker', ['image', 'rm', '--force', ...references(host)]);
      return time;
    });
  const ours = (more: Readonly<Record<string, string>> = {}): Promise<number> =>
    withEmptyRegistry((registry) => {
      const trivyCacheDir = warm ? caches.ours : copyDatabase(caches.ours);
      const inputs = { registry, 'trivy-cache-dir': trivyCacheDir, ...more };
      const env = warm ? machineThatStays(join(folder, 'tool-cache')) : {};
      const temp = mkdtempSync(join(folder, 'runner-'));
      return timed(variant, () => timeRelease(repository, inputs, { env, temp }));
    });
  const sides = { today, ours, lean: () => ours({ sbom: 'none' }) };

  const times = { today: [] as number[], ours: [] as number[], lean: [] as number[] };
  if (warm) {
    copyDatabase(caches.today);
    copyDatabase(caches.ours);
    await today();
    await ours();
  }
  for (let i = 0; i < runs; i += 1) {
    // By turns each goes first, so that what one leaves to be cleared away troubles all alike.
    const inTurn = Object.keys(sides).map((_, k, all) => all[(i + k) % all.length] as keyof typeof sides);
    for (const side of inTurn) times[side].push(await sides[side]());
    say(
      `${variant.text}: bake and trivy ${seconds(times.today[i]!)} s, the action ${seconds(times.ours[i]!)} s, without SBOMs ${seconds(times.lean[i]!)} s.`,
    );
  }
  return { variant, ...times };
}

type Today = {
  readonly host: string;
  readonly trivyCache: string;
  readonly work: string;
  readonly context: string;
};

/** `docker buildx bake --push`, then one `trivy image` for each image by its reference in the registry. */
async function pushThenScan({ host, trivyCache, work, context }: Today): Promise<void> {
  const pushed = references(host);
  const target = Object.fromEntries(
    Object.entries(IMAGES).map(([name, image], i) => [name, { ...image, tags: [pushed[i]] }]),
  );
  const bakeFile = join(work, 'bake.json');
  writeFileSync(bakeFile, JSON.stringify({ group: { default: { targets: Object.keys(IMAGES) } }, target }));
  await must(
    'docker',
    [
      ...['buildx', 'bake', '--builder', 'default', '--push', '--progress', 'plain', '--file', bakeFile],
      ...['--set', '*.attest=type=provenance,disabled=true'],
    ],
    { cwd: context, env: { ...process.env, SOURCE_DATE_EPOCH: `${COMMIT_EPOCH}` } },
  );
  for (const reference of pushed)
    await must('trivy', [
      ...['image', '--image-src', 'remote', '--cache-dir', trivyCache, ...TRIVY_OFFLINE, '--quiet'],
      ...['--scanners', 'vuln,secret', '--severity', 'HIGH,CRITICAL', '--exit-code', '1', reference],
    ]);
}

function references(host: string): readonly string[] {
  return Object.keys(IMAGES).map((name) => `${host}/bench/${name}:1.2.3`);
}

function report(rows: readonly Row[], runs: number): Report {
  const ratios = rows.map(({ today, ours }) => median(ours) / median(today));
  return {
    title: 'Five images on one graph',
    text:
      'The example `examples/modules` (five images, six platforms in all) into an empty registry, main and post step. Beside it ' +
      '`docker buildx bake --push` and then one `trivy image` for each image by its reference: nothing is gated before it ' +
      'is public, one platform of two is never scanned, and there is no SBOM and no report. ' +
      'Warm is a self-hosted runner: the builder, the database and the tool cache are those of the run before. ' +
      `Seconds, median (min–max) of ${runs}, taken in turns.`,
    table: {
      head: ['builder', 'bake --push, trivy × 5', 'the action', 'ratio', 'without SBOMs', 'ratio'],
      rows: rows.map(({ variant, today, ours, lean }, i) => [
        variant.text,
        spread(today),
        spread(ours),
        ratios[i]!.toFixed(2),
        spread(lean),
        (median(lean) / median(today)).toFixed(2),
      ]),
    },
    notes: [
      `Target: at most ${TARGET.toFixed(1)} ×, SBOMs included; ${rows.map(({ variant }, i) => `${variant.name} ${ratios[i]! <= TARGET ? 'met' : 'missed'}`).join(', ')}.`,
    ],
  };
}
