/** 45 attestations: ours beside `cosign attest`, against the same Sigstore stand-in and the same registry. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { type RunningOidc, startOidc } from '../__tests__/helpers/oidc/oidc.ts';
import { testClient } from '../__tests__/helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../__tests__/helpers/registry/registry.ts';
import { createStage, type Stage } from '../__tests__/helpers/registry/stage.ts';
import { type RunningSigstore, startSigstore } from '../__tests__/helpers/sigstore/sigstore.ts';
import { BUNDLE_TYPE } from '../src/model/attestation.ts';
import { mapLimit } from '../src/model/concurrency.ts';
import type { Descriptor } from '../src/model/descriptor.ts';
import { decodeManifest, type Encoded } from '../src/model/manifest.ts';
import type { AttestTask } from './support/attest-worker.ts';
import { bundleWorker } from './support/bundle-worker.ts';
import { checked, must } from './support/command.ts';
import { inTempFolder } from './support/folder.ts';
import type { BenchOptions, Report } from './support/part.ts';
import { sample } from './support/predicates.ts';
import { median, spread } from './support/stats.ts';

const IMAGES = 5;
const PLATFORMS = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
] as const;
const SUBJECTS = IMAGES * (1 + PLATFORMS.length);
/** Our name → that of cosign. */
const KINDS = { provenance: 'slsaprovenance1', cyclonedx: 'cyclonedx', scan: 'vuln' } as const;
const COUNT = SUBJECTS * Object.keys(KINDS).length;
const RUNS = 5;
const TARGET = 5;
const AT_ONCE = 8;
const WORKER = join(import.meta.dirname, 'support/attest-worker.ts');

const REGISTRIES = {
  api: { text: 'referrers API', options: {} },
  tag: { text: 'referrers tag', options: { referrers: false } },
} as const;
type RegistryName = keyof typeof REGISTRIES;

/** Milliseconds of the whole, and the requests that it took. */
type Measured = {
  readonly process: number;
  /** Of our step alone, without the start of Node. */
  readonly step: number;
  readonly counts: readonly number[];
};
type Row = { readonly registry: RegistryName; readonly tool: Tool; readonly measured: readonly Measured[] };

type Tool = 'cosign' | 'cosign, 8 at once' | 'ours';

export async function run({ say, variants, runs = RUNS }: BenchOptions): Promise<Report> {
  return inTempFolder(async (folder) => {
    const oidc = await startOidc();
    const sigstore = await startSigstore({ issuer: oidc.url });
    const stage = await createStage();
    try {
      const images = await makeImages(stage);
      const worker = bundleWorker(WORKER, join(folder, 'worker'));
      const bench = { folder, worker, oidc, sigstore, stage, images, files: writeFiles(folder, sigstore) };
      const names = (Object.keys(REGISTRIES) as RegistryName[]).filter(
        (name) => variants.length === 0 || variants.includes(name),
      );
      const rows: Row[] = [];
      for (const name of names) rows.push(...(await measureAt(name, runs, bench, say)));
      return report(rows, runs);
    } finally {
      await Promise.all([stage.remove(), sigstore.stop(), oidc.stop()]);
    }
  });
}

type Bench = {
  readonly folder: string;
  /** Our side, as the action is: a bundle. */
  readonly worker: string;
  readonly oidc: RunningOidc;
  readonly sigstore: RunningSigstore;
  readonly stage: Stage;
  readonly images: readonly MadeImage[];
  readonly files: Files;
};

type MadeImage = { readonly name: string; readonly index: Encoded; readonly members: readonly Encoded[] };
type Files = { readonly config: string; readonly root: string; readonly predicates: Predicates };
type Predicates = Readonly<Record<keyof typeof KINDS, string>>;

async function makeImages(stage: Stage): Promise<readonly MadeImage[]> {
  const images: MadeImage[] = [];
  for (let i = 0; i < IMAGES; i += 1) {
    const members: Encoded[] = [];
    for (const platform of PLATFORMS) members.push(await stage.image({ platform }));
    const listed = members.map(({ descriptor }, at) => ({ ...descriptor, platform: PLATFORMS[at]! }));
    images.push({ name: `image-${i}`, members, index: await stage.index(listed) });
  }
  return images;
}

function writeFiles(folder: string, sigstore: RunningSigstore): Files {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    config: write('signing-config.json', sigstore.signingConfig()),
    root: write('root.json', sigstore.trustedRoot),
    predicates: {
      provenance: write('provenance.json', JSON.stringify(sample.provenance)),
      cyclonedx: write('cyclonedx.json', JSON.stringify(sample.cyclonedx)),
      scan: write('scan.json', JSON.stringify(sample.scan)),
    },
  };
}

async function measureAt(
  name: RegistryName,
  runs: number,
  bench: Bench,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  // Side by side, cosign's writers of one referrers tag would lose each other's entries.
  const tools: readonly Tool[] =
    name === 'api' ? ['cosign', 'cosign, 8 at once', 'ours'] : ['cosign', 'ours'];
  const measured = new Map<Tool, Measured[]>(tools.map((tool) => [tool, []]));
  // One round that does not count: it fills the page cache.
  for (let i = 0; i <= runs; i += 1) {
    say(`${REGISTRIES[name].text}: ${i === 0 ? 'warming up' : `round ${i} of ${runs}`}.`);
    const turns = i % 2 === 0 ? tools : tools.toReversed();
    for (const tool of turns) {
      const one = await measureOnce(name, tool, bench);
      if (i > 0) measured.get(tool)?.push(one);
    }
  }
  return tools.map((tool) => ({ registry: name, tool, measured: measured.get(tool) ?? [] }));
}

/** An empty registry with the images in it; then the clock starts. */
async function measureOnce(name: RegistryName, tool: Tool, bench: Bench): Promise<Measured> {
  const { sigstore, oidc, images } = bench;
  const registry = await startRegistry(REGISTRIES[name].options);
  try {
    await pushImages(registry, bench);
    const before = countsOf(bench, registry);
    const subjects = images.flatMap(({ name: image, index, members }) =>
      [index, ...members].map(({ descriptor }) => ({ path: `bench/${image}`, descriptor })),
    );
    const { process, step } =
      tool === 'ours'
        ? await attestByUs(registry.host, bench)
        : await attestByCosign(registry.host, subjects, bench, tool === 'cosign' ? 1 : AT_ONCE);
    const counts = countsOf(bench, registry).map((count, at) => count - before[at]!);
    await checkAll(registry.host, subjects);
    return { process, step, counts };
  } finally {
    await registry.stop();
    sigstore.heal();
    oidc.heal();
  }
}

async function pushImages(registry: RunningRegistry, { stage, images }: Bench): Promise<void> {
  const client = testClient();
  for (const { name, index, members } of images) {
    const repository = { registry: registry.host, path: `bench/${name}` };
    for (const manifest of [...members, index]) {
      const decoded = decodeManifest(manifest.bytes);
      const blobs = decoded.kind === 'index' ? [] : [decoded.config, ...decoded.layers];
      for (const blob of blobs) await client.pushBlob(repository, blob, stage.path(blob), []);
      await client.putManifest({ repository, digest: manifest.descriptor.digest }, manifest);
    }
  }
}

/** Fulcio, Rekor, timestamps, registry. */
function countsOf({ sigstore }: Bench, { requests }: RunningRegistry): readonly number[] {
  const { fulcio, rekor, tsa } = sigstore.counts();
  return [fulcio, rekor, tsa, requests.length];
}

type Subject = { readonly path: string; readonly descriptor: Descriptor };

async function attestByCosign(
  host: string,
  subjects: readonly Subject[],
  { folder, oidc, files }: Bench,
  atOnce: number,
): Promise<Pick<Measured, 'process' | 'step'>> {
  const { PATH } = process.env;
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const jobs = subjects.flatMap((subject) => kinds.map((kind) => ({ subject, kind })));
  const started = performance.now();
  await mapLimit(jobs, atOnce, ({ subject: { path, descriptor }, kind }) => {
    const { config, root, predicates } = files;
    const how = ['--signing-config', config, '--trusted-root', root, '--allow-http-registry', '--yes'];
    const what = ['--type', KINDS[kind], '--predicate', predicates[kind], '--identity-token', oidc.token()];
    const args = ['attest', ...how, ...what, `${host}/${path}@${descriptor.digest}`];
    return must('cosign', args, { cwd: folder, env: { PATH, HOME: folder } });
  });
  const milliseconds = performance.now() - started;
  return { process: milliseconds, step: milliseconds };
}

const workerAnswer = z.object({ milliseconds: z.number(), peak: z.number() });

async function attestByUs(
  host: string,
  { folder, worker, oidc, images, files }: Bench,
): Promise<Pick<Measured, 'process' | 'step'>> {
  const task: AttestTask = {
    images: images.map(({ name, index, members }) => ({
      name,
      repository: { registry: host, path: `bench/${name}` },
      index: index.descriptor,
      platforms: members.map(({ descriptor }, at) => ({ platform: PLATFORMS[at]!, descriptor })),
    })),
    predicates: files.predicates,
    signingConfig: files.config,
    folder,
  };
  const path = join(folder, 'task.json');
  writeFileSync(path, JSON.stringify(task));
  const env = { ...process.env, ...oidc.env };
  const { milliseconds, output } = await checked(process.execPath, [worker, path], { env });
  return { process: milliseconds, step: workerAnswer.parse(JSON.parse(output)).milliseconds };
}

/** A benchmark of work that was not done is worth nothing. */
async function checkAll(host: string, subjects: readonly Subject[]): Promise<void> {
  const client = testClient();
  const lists = await mapLimit(subjects, AT_ONCE, ({ path, descriptor }) =>
    client.referrers({ repository: { registry: host, path }, digest: descriptor.digest }, BUNDLE_TYPE),
  );
  const found = lists.reduce((sum, list) => sum + list.length, 0);
  if (found !== COUNT) throw new Error(`${found} of ${COUNT} attestations are there`);
}

function report(rows: readonly Row[], runs: number): Report {
  const of = (registry: RegistryName, tool: Tool): readonly Measured[] =>
    rows.find((row) => row.registry === registry && row.tool === tool)?.measured ?? [];
  const medianOf = (measured: readonly Measured[], key: 'process' | 'step'): number =>
    median(measured.map((one) => one[key]));
  const line = (row: Row, name: string, key: 'process' | 'step'): readonly string[] => {
    const counts = [0, 1, 2, 3].map((at) => String(median(row.measured.map((one) => one.counts[at] ?? 0))));
    const factor = medianOf(of(row.registry, 'cosign'), 'process') / medianOf(row.measured, key);
    const times = row.measured.map((one) => one[key]);
    return [`${REGISTRIES[row.registry].text}: ${name}`, spread(times), factor.toFixed(1), ...counts];
  };
  const places = [...new Set(rows.map(({ registry }) => registry))];
  const verdicts = places.map((place) => {
    const cosign = medianOf(of(place, 'cosign'), 'process');
    const [whole, step] = (['process', 'step'] as const).map(
      (key) => cosign / medianOf(of(place, 'ours'), key),
    );
    const met = (times = 0): string => `${times >= TARGET ? 'met' : 'missed'} (${times.toFixed(1)} ×)`;
    return `${REGISTRIES[place].text}: by the step ${met(step)}, with the start of Node ${met(whole)}`;
  });
  return {
    title: 'Attestations',
    text:
      `${COUNT} attestations: ${SUBJECTS} subjects (${IMAGES} images, each an index and ${PLATFORMS.length} platforms) × provenance, ` +
      'CycloneDX (300 packages) and scan, keyless, each with a log entry and a timestamp. `cosign attest` once for each, one after ' +
      'the other, and the attest step of the action, which reads everything back too, by turns against the same Sigstore stand-in ' +
      'and empty registries of the same kind, all on loopback: the services answer at once, so what more of them cost elsewhere is ' +
      `not in the times. Seconds, median (least–most) of ${runs}; requests to each service are those of one run.`,
    table: {
      head: ['', 's', '× faster', 'Fulcio', 'Rekor', 'TSA', 'registry'],
      rows: rows.flatMap((row) =>
        row.tool === 'ours'
          ? [line(row, 'ours, with the start of Node', 'process'), line(row, 'ours, the step', 'step')]
          : [line(row, row.tool, 'process')],
      ),
    },
    notes: [
      `Target: at least ${TARGET} × faster than \`cosign attest\`; ${verdicts.join('; ')}.`,
      "Where a registry has no referrers API, cosign's runs must follow each other: writers of one referrers tag at once lose entries. Ours waits twice as long as its slowest read-and-write took, 200 ms at least, once for all subjects, to see whether another writer came between; that is in its time. It waits while the rest is still signed, and reads back what it has written meanwhile.",
    ],
  };
}
