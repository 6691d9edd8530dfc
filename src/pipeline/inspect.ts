import type { Handoff } from '../model/handoff.ts';
import type { BuiltImage, PlatformImage } from '../model/image.ts';
import { type Plan, stepDecision } from '../model/plan.ts';
import type { ImageInspection } from '../model/scan.ts';
import type { Ports } from '../ports/index.ts';
import { createInspector, type Inspected, prepareDatabase, writeKnownSboms } from '../steps/inspect/run.ts';
import { type HandedInspection, spanOf } from './handed.ts';
import type { Ready } from './preflight.ts';
import { sparedInspection } from './spared-scan.ts';
import type { Start } from './start.ts';

type ScanTimes = Handoff['scanned'];

/** `scanned`: when shards have scanned all that this run has not. */
type Found = Inspected & { readonly scanned?: ScanTimes };

type Tools = Pick<Ready, 'trivy' | 'syft'> & Partial<Pick<Ready, 'spared' | 'inspected'>>;

/** The inspection of a run: it goes on beside what brings the images. */
export type Inspection = {
  /** An image is in the staging store, whole: it may be looked into from now on. */
  readonly begin: (image: BuiltImage) => void;
  /** Looks into what is left, and gives all that was found, in the order of the images. */
  readonly finish: (images: readonly BuiltImage[]) => Promise<Found>;
  /** Ends it where there will be no `finish`. */
  readonly abandon: () => Promise<void>;
};

/** Fetches the vulnerability database, and scans what no proven verdict of an earlier run spares. */
export function startInspection(
  { inputs, databases, reports }: Start,
  plan: Plan,
  { trivy, syft, spared = new Map(), inspected = new Map() }: Tools,
  ports: Ports,
): Inspection {
  const { gate, tools } = inputs;
  const request = async () => ({
    gate,
    offline: tools.offline,
    trivy,
    cache: await prepareDatabase({ ...tools, scanners: gate.scanners, keep: databases }, ports),
    reports,
    ...(syft === undefined ? {} : { syft }),
  });
  const isScanned =
    stepDecision(plan, 'build').do === 'run' &&
    !plan.images.every(({ name }) => spared.has(name) || inspected.has(name));
  const database = isScanned ? request() : Promise.reject(new TypeError('nothing is to be scanned'));
  // Who awaits it sees its error; a build that fails first must not turn it into an unhandled one.
  database.catch(() => undefined);
  const inspector = createInspector(database, ports);

  const finish = async (images: readonly BuiltImage[]): Promise<Found> => {
    const known = await Promise.all(
      images
        .flatMap((image) => sparedInspection(image, spared) ?? [])
        .map(({ sboms, ...inspection }) => writeKnownSboms(inspection, sboms, reports, ports)),
    );
    for (const { image, attested } of known)
      ports.log.info(
        `${image.planned.name}: the findings are those attested at ${attested?.signedAt ?? ''}.`,
      );
    const handed = images.flatMap((image) => handedInspection(image, inspected) ?? []);
    const taken = [...known, ...handed.map(({ inspection }) => inspection)];
    const open = images.filter((image) => !taken.some((each) => each.image === image));
    const scanner = handed[0]?.by.scanner ?? known[0]?.attested?.scanner;
    const scanned = open.length === 0 ? spanOf(handed.map(({ by }) => by.scanned)) : undefined;
    const own =
      open.length === 0 && scanner !== undefined
        ? { inspections: [], scanner }
        : await inspector.finish(open);
    const all = [...taken, ...own.inspections];
    return {
      inspections: images.flatMap((image) => all.find((each) => each.image === image) ?? []),
      scanner: own.scanner,
      ...(scanned === undefined ? {} : { scanned }),
    };
  };
  const isKnown = (image: BuiltImage) =>
    sparedInspection(image, spared) !== undefined || handedInspection(image, inspected) !== undefined;
  return {
    begin: (image) => {
      if (!isKnown(image)) inspector.begin(image);
    },
    finish,
    abandon: inspector.abandon,
  };
}

type Handed = { readonly inspection: ImageInspection; readonly by: HandedInspection };

/** What its shards have found in an image, if these are the bytes that it is made of. */
function handedInspection(
  image: BuiltImage,
  inspected: ReadonlyMap<string, HandedInspection>,
): Handed | undefined {
  const by = inspected.get(image.planned.name);
  if (by === undefined || by.platforms.length !== image.platforms.length) return undefined;
  const isOf = ({ descriptor }: PlatformImage) =>
    by.platforms.some((each) => each.descriptor.digest === descriptor.digest);
  return image.platforms.every(isOf) ? { inspection: { image, platforms: by.platforms }, by } : undefined;
}
