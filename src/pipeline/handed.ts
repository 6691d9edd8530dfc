import { mapLimit } from '../model/concurrency.ts';
import { formatPlatform, samePlatform } from '../model/descriptor.ts';
import type { Digest } from '../model/digest.ts';
import { type Problem, problem, ReleaseError, releaseErrorOf } from '../model/errors.ts';
import type { HandedSet, Handoff, SetPlatform } from '../model/handoff.ts';
import type { BuiltImage } from '../model/image.ts';
import type { GateInputs } from '../model/inputs.ts';
import type { PlatformInspection, ReportFile, Scanner } from '../model/scan.ts';
import type { Ports } from '../ports/index.ts';
import { takeReports } from '../steps/handoff/run.ts';
import { readInspection } from '../steps/inspect/run.ts';
import type { Adoption, RegistryState } from '../steps/preflight/run.ts';
import type { Start } from './start.ts';

/** What shards have found out about an image, where somebody vouches for it: it is not looked into again. */
export type HandedInspection = {
  readonly platforms: readonly PlatformInspection[];
  readonly scanner: Scanner;
  readonly scanned: Handoff['scanned'];
};

const IMAGES_AT_ONCE = 4;
const DAY_MS = 24 * 60 * 60 * 1000;
/** As far as clocks may differ. */
const SKEW_MS = 5 * 60 * 1000;

/** The reports of all images that need no second look, by name; they are copied beside those of this run. */
export async function readHanded(
  { inputs, reports }: Pick<Start, 'inputs' | 'reports'>,
  handed: HandedSet,
  ports: Pick<Ports, 'clock' | 'files' | 'log'>,
): Promise<ReadonlyMap<string, HandedInspection>> {
  requireOwnNames([...handed.values()].flat());
  const now = ports.clock.now();
  const found = await mapLimit([...handed], IMAGES_AT_ONCE, async ([name, platforms]) => {
    const why = platforms.flatMap((each) => mustLook(each, inputs.gate, now));
    const [first] = platforms;
    if (why[0] !== undefined || first === undefined) {
      ports.log.info(`${name} is looked into again: ${why[0] ?? 'it has no platform'}.`);
      return [];
    }
    const inspections = await Promise.all(platforms.map((each) => readPlatform(each, reports, ports)));
    const oldest = platforms.reduce((a, b) => (databaseTime(b) < databaseTime(a) ? b : a), first);
    const scanned = spanOf(platforms.map(({ handoff }) => handoff.scanned)) ?? first.handoff.scanned;
    return [[name, { platforms: inspections, scanner: oldest.handoff.scanner, scanned }] as const];
  });
  return new Map(found.flat());
}

/** What shards have built was begun by the first of them, as far as somebody vouches for that. */
export function begun(own: Date, handed: HandedSet): Date {
  const known = [...handed.values()].flat().filter(({ trust }) => trust !== 'digests');
  const times = known.map(({ handoff }) => new Date(handoff.startedOn));
  return [own, ...times].reduce((a, b) => (b < a ? b : a));
}

/** From the first start to the last end; times of one form sort as text. */
export function spanOf(scans: readonly Handoff['scanned'][]): Handoff['scanned'] | undefined {
  const startedOn = scans.map((each) => each.startedOn).toSorted()[0];
  const finishedOn = scans
    .map((each) => each.finishedOn)
    .toSorted()
    .at(-1);
  return startedOn === undefined || finishedOn === undefined ? undefined : { startedOn, finishedOn };
}

/** All reports come to lie in one folder. Throws HANDOFF_INVALID when one would be in the place of another. */
function requireOwnNames(platforms: readonly SetPlatform[]): void {
  const taken = new Map<string, string>();
  for (const { reports, handoff } of platforms)
    for (const { file } of reports) {
      const other = taken.get(file);
      if (other !== undefined)
        throw new ReleaseError(
          'HANDOFF_INVALID',
          `the shards ${other} and ${handoff.shard} have handed over two reports of one name: ${file}`,
          { hint: 'Rename one of the images, so that the names of their reports differ.' },
        );
      taken.set(file, handoff.shard);
    }
}

/** Why the reports of a platform do not do. */
function mustLook({ trust, reports, handoff }: SetPlatform, gate: GateInputs, now: Date): readonly string[] {
  if (trust === 'digests') return [`the handoff of ${handoff.shard} is not attested`];
  const has = (kind: ReportFile['kind']) => reports.some((report) => report.kind === kind);
  if (!has('scan') || !gate.sbom.every(has))
    return [`the handoff of ${handoff.shard} has not all its reports`];
  const age = now.getTime() - Date.parse(handoff.scanned.finishedOn);
  if (age >= DAY_MS || age < -SKEW_MS) return [`the scan of ${handoff.shard} is not younger than 24 hours`];
  const asked = (of: Handoff['gate'] | GateInputs) =>
    JSON.stringify([of.scanners.toSorted(), of.skipDirs, of.skipFiles]);
  return asked(handoff.gate) === asked(gate) ? [] : [`${handoff.shard} scanned with other inputs`];
}

/** ISO 8601 in UTC sorts as text; a scan without a database has none to age. */
function databaseTime({ handoff }: SetPlatform): string {
  return handoff.scanner.database?.updatedAt ?? '9';
}

async function readPlatform(
  handed: SetPlatform,
  into: string,
  ports: Pick<Ports, 'files'>,
): Promise<PlatformInspection> {
  const { platform, descriptor, materials } = handed;
  const files = await takeReports(handed, into, ports);
  const image = { platform, descriptor, ...(materials === undefined ? {} : { materials }) };
  return readInspection(image, files, ports);
}

/**
 * What was handed over is what was gated and tested: bytes that another run has made of this commit, and released under no tag
 * that this release needs, do not take its place.
 */
export function withHanded(state: RegistryState, handed: HandedSet): RegistryState {
  const adoptions = [...state.adoptions].map(([name, adoption]): readonly [string, Adoption] => {
    const isSpare = adoption.do === 'adopt' && adoption.spare === true && handed.has(name);
    return [name, isSpare ? { do: 'build' } : adoption];
  });
  return { ...state, adoptions: new Map(adoptions) };
}

/** An image that is released already is not quietly put in the place of other bytes that were handed over. Throws TAG_IMMUTABLE. */
export function requireHandedBytes(images: readonly BuiltImage[], handed: HandedSet): void {
  const problems = images.flatMap(({ planned: { name }, platforms }) =>
    (handed.get(name) ?? []).flatMap(({ platform, descriptor, handoff }) => {
      const own = platforms.find((each) => samePlatform(each.platform, platform))?.descriptor.digest;
      if (own === undefined || own === descriptor.digest) return [];
      const message = `${name} (${formatPlatform(platform)}) is released already as ${own}, and ${handoff.shard} has handed over ${descriptor.digest}`;
      return [problem('TAG_IMMUTABLE', message, TAKE_OVER)];
    }),
  );
  if (problems.length > 0) throw releaseErrorOf(problems);
}

const TAKE_OVER =
  'Another run has released this commit meanwhile: re-run all jobs, which then take over what it has made, or release a new version.';

/** A parent that was rebuilt after its child is not the parent of that child. Throws DIGEST_MISMATCH. */
export function requireHandedParents(images: readonly BuiltImage[], handed: HandedSet): void {
  const problems = images.flatMap(({ planned: { name } }) =>
    (handed.get(name) ?? []).flatMap((platform) => parentProblems(name, platform, images)),
  );
  if (problems.length > 0) throw releaseErrorOf(problems);
}

function parentProblems(
  name: string,
  { platform, parents, handoff }: SetPlatform,
  images: readonly BuiltImage[],
): readonly Problem[] {
  return Object.entries(parents).flatMap(([parent, digest]) => {
    const image = images.find(({ planned }) => planned.name === parent);
    const own = image?.platforms.find((each) => samePlatform(each.platform, platform));
    if (own === undefined || own.descriptor.digest === digest) return [];
    const message = `${name} (${formatPlatform(platform)}) of ${handoff.shard} is built on ${parent} ${digest}, and ${parent} is released as ${own.descriptor.digest}`;
    return [
      problem(
        'DIGEST_MISMATCH',
        message,
        'Re-run the job that builds it, so that it stands on the parent of this release.',
      ),
    ];
  });
}

/** Only what was tested is released: every image is named, and has come to the digest that it had then. Throws DIGEST_MISMATCH. */
export function requireDigests(
  images: readonly BuiltImage[],
  digests: Readonly<Record<string, Digest>> | undefined,
): void {
  if (digests === undefined) return;
  const expected = new Map(Object.entries(digests));
  const names = new Set([...images.map(({ planned }) => planned.name), ...expected.keys()]);
  const problems = [...names].flatMap((name) => {
    const actual = images.find(({ planned }) => planned.name === name)?.top.digest;
    const wanted = expected.get(name);
    if (actual === wanted) return [];
    const message = `${name} is ${actual ?? 'not in this release'}, and \`digests\` allows ${wanted ?? 'no such image'}`;
    return [
      problem(
        'DIGEST_MISMATCH',
        message,
        'Re-run the jobs between the builds and the release: what they tested is not what would be released.',
      ),
    ];
  });
  if (problems.length > 0) throw releaseErrorOf(problems);
}
