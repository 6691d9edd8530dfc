/** Push of 524 MB to a registry on loopback: ours beside crane, with the memory that each takes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../src/model/manifest.ts';
import { checked } from './support/command.ts';
import { inTempFolder } from './support/folder.ts';
import { incompressible } from './support/made-up-files.ts';
import type { BenchOptions, Report } from './support/part.ts';
import { withEmptyRegistry } from './support/registry.ts';
import { median, seconds, spread } from './support/stats.ts';

const LAYERS = 5;
const LAYER_BYTES = 100 * 1024 * 1024;
const RUNS = 7;
const MEMORY_MIB = 200;
const WORKER = join(import.meta.dirname, 'support/push-worker.ts');

/** Milliseconds of the whole process and of the push alone; bytes. */
type Measured = { readonly process: number; readonly step: number; readonly peak: number };

export async function run({ say, runs = RUNS }: BenchOptions): Promise<Report> {
  return inTempFolder(async (folder) => {
    say('Making a layout of 5 × 100 MiB.');
    writeLayout(folder);
    const [crane, ours]: [Measured[], Measured[]] = [[], []];
    // One round that does not count: it fills the page cache.
    for (let i = 0; i <= runs; i += 1) {
      say(i === 0 ? 'Warming up.' : `Round ${i} of ${runs}.`);
      // Whoever goes first may find the disk busy with the round before, so they take turns at that too.
      const turns = [() => pushByCrane(folder), () => pushByUs(folder)];
      const order = i % 2 === 0 ? [0, 1] : [1, 0];
      const measured = new Map<number, Measured>();
      for (const turn of order) measured.set(turn, await turns[turn]!());
      if (i === 0) continue;
      crane.push(measured.get(0)!);
      ours.push(measured.get(1)!);
    }
    return report(crane, ours);
  });
}

function report(crane: readonly Measured[], ours: readonly Measured[]): Report {
  const ratio = (key: 'process' | 'step') =>
    median(ours.map((m) => m[key])) / median(crane.map((m) => m.process));
  const memory = Math.max(...ours.map(({ peak }) => peak)) / 2 ** 20;
  const row = (name: string, times: readonly number[], peaks: readonly Measured[], of: string) => [
    name,
    spread(times),
    seconds(median(times)) === '0.00' ? '' : `${Math.round((LAYERS * 100) / (median(times) / 1000))}`,
    `${Math.round(Math.max(...peaks.map(({ peak }) => peak)) / 2 ** 20)}`,
    of,
  ];
  const met = (good: boolean): string => (good ? 'met' : 'missed');
  return {
    title: 'Push',
    text:
      'An OCI layout of five incompressible layers of 100 MiB, pushed to an empty registry (distribution) on loopback by ' +
      'turns: `crane push`, and the push step of the action. Seconds: median (least–most); peak RSS: the worst run.',
    table: {
      head: ['tool', 's', 'MiB/s', 'peak RSS MiB', '× crane'],
      rows: [
        row(
          'crane push',
          crane.map((m) => m.process),
          crane,
          '1.00',
        ),
        row(
          'ours, with the start of Node',
          ours.map((m) => m.process),
          ours,
          ratio('process').toFixed(2),
        ),
        row(
          'ours, the step in the action',
          ours.map((m) => m.step),
          ours,
          ratio('step').toFixed(2),
        ),
      ],
    },
    notes: [
      `Target: at most 1.0 × crane (${met(ratio('step') <= 1)}: ${ratio('step').toFixed(2)}, with the start of Node ` +
        `${ratio('process').toFixed(2)}) and at most ${MEMORY_MIB} MiB (${met(memory <= MEMORY_MIB)}: ${Math.round(memory)} MiB).`,
    ],
  };
}

function pushByCrane(layout: string): Promise<Measured> {
  return withEmptyRegistry(async (host) => {
    // GNU time tells the memory of a program that does not tell it itself.
    const args = ['--format', 'peak=%M', 'crane', 'push', layout, `${host}/bench/large:latest`];
    const { milliseconds, output } = await checked('/usr/bin/time', args);
    const peak = Number(/peak=(\d+)/.exec(output)?.[1] ?? Number.NaN) * 1024;
    return { process: milliseconds, step: milliseconds, peak };
  });
}

const workerAnswer = z.object({ milliseconds: z.number(), peak: z.number() });

function pushByUs(layout: string): Promise<Measured> {
  return withEmptyRegistry(async (host) => {
    // The action is JavaScript; the cache spares us the types, as the bundle does there. The warm-up round fills it.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(layout, 'compiled') };
    const { milliseconds, output } = await checked(
      process.execPath,
      [WORKER, layout, `${host}/bench/large`],
      { env },
    );
    const told = workerAnswer.parse(JSON.parse(output));
    return { process: milliseconds, step: told.milliseconds, peak: told.peak };
  });
}

function writeLayout(folder: string): void {
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (encoded: Encoded) => {
    writeFileSync(join(blobs, encoded.descriptor.digest.slice('sha256:'.length)), encoded.bytes);
    return encoded.descriptor;
  };
  const layers = Array.from({ length: LAYERS }, (_, i) =>
    put(describeBytes(incompressible(`layer ${i}`, LAYER_BYTES), MEDIA.ociLayer)),
  );
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const config = put(encodeJson({ architecture: 'amd64', os: 'linux', rootfs }, MEDIA.ociConfig));
  const manifest = { schemaVersion: 2, mediaType: MEDIA.ociManifest, config, layers };
  const manifests = [put(encodeJson(manifest, MEDIA.ociManifest))];
  const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
