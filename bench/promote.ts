/** A tag moved on 1, 5 and 50 images: ours beside crane, docker buildx imagetools and the bare requests. */

import { join } from 'node:path';
import * as z from 'zod/mini';
import { createClock } from '../src/adapters/clock/system-clock.ts';
import { createExec } from '../src/adapters/exec/runner.ts';
import { createFiles } from '../src/adapters/files/local.ts';
import { createRegistry } from '../src/adapters/registry/index.ts';
import { mapLimit } from '../src/model/concurrency.ts';
import { bundleWorker } from './support/bundle-worker.ts';
import { checked } from './support/command.ts';
import { inTempFolder } from './support/folder.ts';
import type { BenchOptions, Report } from './support/part.ts';
import { imageDigest, pushImages, TAG, VERSIONS } from './support/promote-images.ts';
import { QUIET_LOG as log } from './support/quiet-log.ts';
import { withEmptyRegistry } from './support/registry.ts';
import { median, seconds } from './support/stats.ts';

const RUNS = 5;
const COUNTS = [1, 5, 50] as const;
const AT_ONCE = 8;
const WORKER = join(import.meta.dirname, 'support/promote-worker.ts');

type Way = 'crane' | 'crane at once' | 'imagetools' | 'node' | 'raw' | 'ours' | 'ours process' | 'whole';
type Times = ReadonlyMap<Way, number[]>;

const NAMES: Readonly<Record<Way, string>> = {
  crane: '`crane tag`, one after the other',
  'crane at once': `\`crane tag\`, ${AT_ONCE} at once`,
  imagetools: '`docker buildx imagetools create`',
  node: '`node -e 0`',
  raw: 'the bare requests',
  ours: 'ours, the move of the tags',
  'ours process': 'ours, the same with the start of Node',
  whole: 'ours, the whole promotion with its claim',
};

export async function run({ say, runs = RUNS }: BenchOptions): Promise<Report> {
  const measured = await inTempFolder((folder) =>
    withEmptyRegistry(async (host) => {
      say('Making the bundle; pushing two versions of 50 images.');
      const worker = bundleWorker(WORKER, join(folder, 'worker'));
      await pushImages(host, Math.max(...COUNTS), clientOf());
      const all = new Map<number, Times>();
      for (const count of COUNTS) all.set(count, await measureCount(host, count, runs, worker, say));
      return all;
    }),
  );
  return report(measured);
}

function clientOf() {
  const files = createFiles({ save: () => undefined });
  return createRegistry({
    log,
    exec: createExec(),
    clock: createClock(),
    files,
    credentials: [],
    insecure: [],
  });
}

/** Every way moves the tags in turn, each from the version that the one before it left. The first round does not count. */
async function measureCount(
  host: string,
  count: number,
  runs: number,
  script: string,
  say: BenchOptions['say'],
): Promise<Times> {
  const times = new Map<Way, number[]>();
  const images = Array.from({ length: count }, (_, at) => `app-${at + 1}`);
  const place = { at: 0 };
  const next = (): string => {
    place.at = 1 - place.at;
    return VERSIONS[place.at] ?? '';
  };
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  const crane = (image: string, version: string) =>
    checked('crane', ['tag', `${host}/bench/${image}@${imageDigest(image, version)}`, TAG]);
  const imagetools = (image: string, version: string) => {
    const name = `${host}/bench/${image}`;
    const from = `${name}@${imageDigest(image, version)}`;
    return checked('docker', ['buildx', 'imagetools', 'create', '--tag', `${name}:${TAG}`, from]);
  };
  const eachOf = (limit: number, work: (image: string, version: string) => Promise<unknown>) => () => {
    const version = next();
    return timed(() => mapLimit(images, limit, (image) => work(image, version)));
  };
  const worker = async (mode: string): Promise<{ readonly process: number; readonly step: number }> => {
    const args = [script, mode, host, String(count), next()];
    const { milliseconds, output } = await checked(process.execPath, args);
    return { process: milliseconds, step: answer.parse(JSON.parse(output)).milliseconds };
  };
  for (let round = 0; round <= runs; round += 1) {
    say(`${count} images, ${round === 0 ? 'warming up' : `round ${round} of ${runs}`}.`);
    const keep = (way: Way, milliseconds: number): void => {
      if (round > 0) times.set(way, [...(times.get(way) ?? []), milliseconds]);
    };
    keep('crane', await eachOf(1, crane)());
    keep('crane at once', await eachOf(AT_ONCE, crane)());
    keep('imagetools', await eachOf(1, imagetools)());
    keep('node', (await checked(process.execPath, ['-e', '0'])).milliseconds);
    // imagetools leaves an index around the manifest: the next way must find what it expects.
    await eachOf(AT_ONCE, crane)();
    keep('raw', (await worker('raw')).step);
    const { process: whole, step } = await worker('ours');
    keep('ours', step);
    keep('ours process', whole);
    keep('whole', (await worker('whole')).step);
  }
  return times;
}

const answer = z.object({ milliseconds: z.number() });

function report(all: ReadonlyMap<number, Times>): Report {
  const at = (count: number, way: Way): number => median(all.get(count)?.get(way) ?? [Number.NaN]);
  const ways: readonly Way[] = [
    'crane',
    'crane at once',
    'imagetools',
    'raw',
    'ours',
    'ours process',
    'whole',
  ];
  const met = (good: boolean): string => (good ? 'met' : 'missed');
  const overRaw = Math.max(...COUNTS.map((count) => at(count, 'ours') / at(count, 'raw')));
  const faster = at(50, 'crane') / at(50, 'ours');
  const withProcess = at(50, 'crane') / at(50, 'ours process');
  const most = at(1, 'crane') + at(1, 'node');
  const one = at(1, 'ours') + at(1, 'node');
  const measured = at(1, 'ours process');
  return {
    title: 'Moving a channel',
    text:
      'The tag of a channel moved to another version of 1, 5 and 50 images at a registry (distribution) on loopback, taken in ' +
      'turns. With the manifests at hand the action looks at each tag, writes it and reads it back: three requests, which ' +
      '“the bare requests” make with nothing around them. `crane tag` and `imagetools` read the manifest first, and nothing back. A ' +
      'whole promotion also reads the manifests, claims the channel, which waits a second, and writes its record and the document of all ' +
      'channels, which waits another. Processes of ours run from a bundle, as the action does. Seconds, median.',
    table: {
      head: ['', ...COUNTS.map((count) => (count === 1 ? '1 image' : `${count} images`))],
      rows: ways.map((way) => [NAMES[way], ...COUNTS.map((count) => seconds(at(count, way)))]),
    },
    notes: [
      `Targets: at most 1.2 × the bare requests (${met(overRaw <= 1.2)}: ${overRaw.toFixed(2)} at worst); 50 images at least twice ` +
        `as fast as crane (${met(faster >= 2)}: ${faster.toFixed(1)} ×, ${withProcess.toFixed(1)} × with the whole process); one image ` +
        `at most crane and the start of Node, ${seconds(most)} s (${met(one <= most)} by the move and an empty Node added up: ${seconds(one)} s; ` +
        `${met(measured <= most)} by the process as it was measured, a bundle as the action is one: ${seconds(measured)} s).`,
    ],
  };
}
