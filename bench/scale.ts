/** One release of 1, 3, 10 and 14 images that share a base, beside one build, push and scan after the other. */
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMIT_EPOCH, type GitRepository } from '../__tests__/helpers/git-repository.ts';
import { startDistribution } from '../scripts/setup/distribution.mjs';
import { timeRelease } from './support/action.ts';
import { must } from './support/command.ts';
import { countingProxy } from './support/counting-proxy.ts';
import { diskSettles, peakDisk } from './support/disk-watch.ts';
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

export async function run({ runs = RUNS, say }: BenchOptions): Promise<Report> {
  const rows: Row[] = [];
  for (const count of COUNTS) {
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

type Place = { readonly host: string; readonly folder: string };

/** On an empty registry and with an empty builder. `work` gives its own milliseconds; its clearing up is not measured. */
function measure(work: (place: Place) => Promise<Worked>): Promise<Figures> {
  return inTempFolder(async (folder) => {
    const registry = await startDistribution({ logLevel: 'error', parent: MEMORY });
    const proxy = await countingProxy(registry.host);
    try {
      await must('docker', ['builder', 'prune', '--all', '--force']);
      await diskSettles();
      const { result, peak } = await peakDisk(() => work({ host: proxy.host, folder }));
      const figures = { milliseconds: result.milliseconds, disk: peak, sent: proxy.sent() };
      await result.clear();
      return figures;
    } finally {
      await proxy.stop();
      await registry.stop();
    }
  });
}

type Worked = { readonly milliseconds: number; readonly clear: () => Promise<unknown> };
const nothing = async (): Promise<void> => {};

async function released(repository: GitRepository, { host, folder }: Place): Promise<Worked> {
  const inputs = {
    registry: host,
    builder: 'default',
    attest: 'false',
    'trivy-cache-dir': copyDatabase(join(folder, 'trivy')),
  };
  return { milliseconds: await timeRelease(repository, inputs), clear: nothing };
}

async function oneByOne(count: number, { folder: context }: GitRepository, place: Place): Promise<Worked> {
  const trivyCache = copyDatabase(join(place.folder, 'trivy'));
  const env = { ...process.env, SOURCE_DATE_EPOCH: `${COMMIT_EPOCH}` };
  const references = namesOf(count).map((name) => [name, `${place.host}/bench/${name}:1.2.3`] as const);
  const base = `BASE=${place.host}/bench/base:1.2.3`;
  const started = performance.now();
  for (const [name, reference] of references) {
    const build = [
      'buildx',
      'build',
      '--builder',
      'default',
      '--push',
      '--provenance=false',
      '--tag',
      reference,
    ];
    await must('docker', [...build, '--build-arg', base, join(context, name)], { env });
    await must('trivy', [
      ...['image', '--image-src', 'remote', '--cache-dir', trivyCache, ...TRIVY_OFFLINE, '--quiet'],
      ...['--scanners', 'vuln,secret', '--severity', 'HIGH,CRITICAL', '--exit-code', '1', reference],
    ]);
  }
  const milliseconds = performance.now() - started;
  // The docker driver keeps what it pushes.
  const clear = () =>
    must('docker', ['image', 'rm', '--force', ...references.map(([, reference]) => reference)]);
  return { milliseconds, clear };
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
      'and there is no SBOM. Docker driver, cold; the registry and its disk are not counted. Disk is the peak of what is taken on the file system ' +
      `of the runner, the builder included; sent is what the registry gets. Median of ${runs}, time with least–most, taken in turns.`,
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
