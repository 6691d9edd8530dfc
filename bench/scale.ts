/** One release of 1, 3, 10 and 14 images that share a base, beside one build, push and scan after the other. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMIT_EPOCH, type GitRepository } from '../__tests__/helpers/git-repository.ts';
import { startBuildkitd } from '../scripts/setup/buildkitd.mjs';
import { startDistribution } from '../scripts/setup/distribution.mjs';
import { timeRelease } from './support/action.ts';
import { must } from './support/command.ts';
import { countingProxy } from './support/counting-proxy.ts';
import { peakDisk } from './support/disk-watch.ts';
import { copyDatabase, TRIVY_OFFLINE } from './support/floor.ts';
import { inTempFolder } from './support/folder.ts';
import type { BenchOptions, Report } from './support/part.ts';
import { plotSvg } from './support/plot.ts';
import { namesOf, sharedBase } from './support/shared-base.ts';
import { median, megabytes, seconds, spread } from './support/stats.ts';

const COUNTS = [1, 3, 10, 14];
const RUNS = 3;
const TARGETS = { time: 0.6, disk: 0.5 };
const THEIRS = 'docker buildx build --push and trivy image, for each';
const OURS = 'the action';
/** What the registry keeps is on another machine in real life: here in memory, where there is such a place. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Of one run. */
type Figures = { readonly milliseconds: number; readonly disk: number; readonly sent: number };
type Row = { readonly count: number; readonly ours: readonly Figures[]; readonly theirs: readonly Figures[] };

/** `scale:3,14` measures these counts alone. */
export async function run({ runs = RUNS, variants, say }: BenchOptions): Promise<Report> {
  const rows: Row[] = [];
  for (const count of variants.length === 0 ? COUNTS : variants.map(Number)) {
    const repository = sharedBase(count);
    try {
      rows.push(await measureCount(count, repository, runs, say));
    } finally {
      rmSync(repository.folder, { recursive: true, force: true });
    }
  }
  return report(rows, runs);
}

async function measureCount(
  count: number,
  repository: GitRepository,
  runs: number,
  say: BenchOptions['say'],
): Promise<Row> {
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  for (let i = 0; i < runs; i += 1) {
    // By turns each goes first.
    if (i % 2 === 0) theirs.push(await measure((place) => oneByOne(count, repository, place)));
    ours.push(await measure((place) => released(repository, place)));
    if (i % 2 === 1) theirs.push(await measure((place) => oneByOne(count, repository, place)));
    say(`${count}: one by one ${shown(theirs[i]!)}; the action ${shown(ours[i]!)}.`);
  }
  return { count, ours, theirs };
}

/** `temp`: the runner's temporary folder. */
type Place = {
  readonly host: string;
  readonly builder: string;
  readonly temp: string;
  readonly trivyCache: string;
};

/** On an empty registry, with an empty BuildKit of its own, as on a hosted runner. `work` gives its milliseconds. */
function measure(work: (place: Place) => Promise<number>): Promise<Figures> {
  return inTempFolder(async (folder) => {
    const registry = await startDistribution({ logLevel: 'error', parent: MEMORY });
    const proxy = await countingProxy(registry.host);
    const buildkitd = await startBuildkitd();
    const builder = `mr-bench-scale-${process.pid}`;
    const temp = join(folder, 'temp');
    mkdirSync(temp);
    const place = { host: proxy.host, builder, temp, trivyCache: copyDatabase(join(folder, 'trivy')) };
    try {
      await must('docker', ['buildx', 'create', '--name', builder, '--driver', 'remote', buildkitd.addr]);
      const { result, peak } = await peakDisk([buildkitd.root, folder], () => work(place));
      return { milliseconds: result, disk: peak, sent: proxy.sent() };
    } finally {
      await must('docker', ['buildx', 'rm', '--force', builder]);
      await buildkitd.stop();
      await proxy.stop();
      await registry.stop();
    }
  });
}

function released(repository: GitRepository, { host, builder, temp, trivyCache }: Place): Promise<number> {
  const inputs = { registry: host, builder, attest: 'false', 'trivy-cache-dir': trivyCache };
  return timeRelease(repository, inputs, { temp });
}

async function oneByOne(count: number, { folder: context }: GitRepository, place: Place): Promise<number> {
  const { host, builder, temp, trivyCache } = place;
  const env = { ...process.env, TMPDIR: temp, SOURCE_DATE_EPOCH: `${COMMIT_EPOCH}` };
  const base = `BASE=${host}/bench/base:1.2.3`;
  const started = performance.now();
  for (const name of namesOf(count)) {
    const reference = `${host}/bench/${name}:1.2.3`;
    await must(
      'docker',
      [
        ...['buildx', 'build', '--builder', builder, '--push', '--provenance=false', '--tag', reference],
        ...['--build-arg', base, join(context, name)],
      ],
      { env },
    );
    await must(
      'trivy',
      [
        ...['image', '--image-src', 'remote', '--cache-dir', trivyCache, ...TRIVY_OFFLINE, '--quiet'],
        ...['--scanners', 'vuln,secret', '--severity', 'HIGH,CRITICAL', '--exit-code', '1', reference],
      ],
      { env },
    );
  }
  return performance.now() - started;
}

function report(rows: readonly Row[], runs: number): Report {
  const last = rows.at(-1);
  const of = (figures: readonly Figures[], key: keyof Figures): number =>
    median(figures.map((each) => each[key]));
  const ratio = ({ ours, theirs }: Row, key: keyof Figures): number => of(ours, key) / of(theirs, key);
  const verdict = (key: 'milliseconds' | 'disk', target: number): string =>
    rows
      .map(
        (row) =>
          `${row.count}: ${ratio(row, key).toFixed(2)} ${ratio(row, key) <= target ? 'met' : 'missed'}`,
      )
      .join(', ');
  const panel = (title: string, unit: string, key: keyof Figures, scale: number) => ({
    title,
    unit,
    series: [
      { name: OURS, points: rows.map((row) => [row.count, of(row.ours, key) / scale] as const) },
      { name: THEIRS, points: rows.map((row) => [row.count, of(row.theirs, key) / scale] as const) },
    ],
  });
  return {
    title: 'From one image to fourteen',
    text:
      'A base of 49 MB and the images of 4 MB on it, released together (build, SBOM, scan, gate, push by digest, tags; nothing attested), ' +
      'beside `docker buildx build --push` and then `trivy image` for one image after the other, where nothing is gated before it is public ' +
      'and there is no SBOM. Each with an empty BuildKit of its own. Disk is the peak of what the builder, the scanner and the ' +
      `run take; the registry is elsewhere. Sent is what the registry gets. Median of ${runs}, time with least–most, taken in turns.`,
    table: {
      head: ['images', 'one by one s', 'the action s', '×', 'disk MB', 'ours', '×', 'sent MB', 'ours', '×'],
      rows: rows.map((row) => [
        `${row.count}`,
        spread(row.theirs.map(({ milliseconds }) => milliseconds)),
        spread(row.ours.map(({ milliseconds }) => milliseconds)),
        ratio(row, 'milliseconds').toFixed(2),
        ...(['disk', 'sent'] as const).flatMap((key) => [
          megabytes(of(row.theirs, key)),
          megabytes(of(row.ours, key)),
          ratio(row, key).toFixed(2),
        ]),
      ]),
    },
    notes: [
      `Target: time at most ${TARGETS.time} × (${verdict('milliseconds', TARGETS.time)}), disk at most ${TARGETS.disk} × (${verdict('disk', TARGETS.disk)}).`,
      ...(last === undefined ? [] : ['![Time and disk from one image to fourteen](scale.svg)']),
    ],
    files: {
      'scale.svg': plotSvg(
        [panel('Time', 's', 'milliseconds', 1000), panel('Disk at its peak', 'MB', 'disk', 1e6)],
        'images',
      ),
    },
  };
}

function shown({ milliseconds, disk, sent }: Figures): string {
  return `${seconds(milliseconds)} s, ${megabytes(disk)} MB on disk, ${megabytes(sent)} MB sent`;
}
