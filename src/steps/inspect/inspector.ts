import { createSlots } from '../../model/concurrency.ts';
import { formatPlatform } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { BuiltImage, PlatformImage } from '../../model/image.ts';
import type { ImageInspection, PlatformInspection, ReportFile, Scanner } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { type DocumentTarget, reportSboms, syftSboms } from './documents.ts';
import { scanReportPath } from './names.ts';
import { publishReport } from './publish.ts';
import { countPackages, findingsOf, type TrivyReport } from './report.ts';
import { type ScanRequest, scanView } from './scan.ts';
import { makeView, type View } from './view.ts';

export type Inspected = { readonly inspections: readonly ImageInspection[]; readonly scanner: Scanner };

type InspectPorts = Pick<Ports, 'exec' | 'files' | 'licenses' | 'log'>;

/** Looks into images as they come into the staging store. */
export type Inspector = {
  /** The image is in the store, whole. Never throws: what goes wrong is told by `finish`. */
  begin(image: BuiltImage): void;
  /**
   * What was found in these images, in their order, without their SBOMs, which are still being made; those that are new
   * are begun. Throws SCAN_FAILED, SCAN_DB_UNAVAILABLE, DISK_LOW or TOOL_FAILED after everything that ran has ended.
   */
  scan(images: readonly BuiltImage[]): Promise<Inspected>;
  /** The same with the SBOMs of what was looked into here. Throws TOOL_FAILED after everything that ran has ended. */
  complete(inspections: readonly ImageInspection[]): Promise<readonly ImageInspection[]>;
  /** Begins nothing more; ends when everything that runs has ended. */
  abandon(): Promise<void>;
};

/** One platform is scanned while the documents of the two before it are made. */
const DOCUMENTS_AT_ONCE = 2;

type Job = { readonly image: BuiltImage; readonly platform: PlatformImage };
/** One scan, and the documents that are made meanwhile or of it. */
type Begun = {
  readonly inspection: Promise<PlatformInspection>;
  readonly sboms: Promise<readonly ReportFile[]>;
};

/**
 * Scans every platform of every image and writes its reports. Scans run one after another on one cache: Trivy locks its
 * files, uses all cores by itself, and so analyses a layer that several images share only once (measured: half the CPU time
 * of scans side by side, and never slower). A manifest that several images share is scanned once. After a failure nothing
 * new is begun. `request` is awaited before the first scan.
 */
export function createInspector(request: Promise<ScanRequest>, ports: InspectPorts): Inspector {
  // A run that fails before it needs them must not fail a second time.
  request.catch(() => undefined);
  const scanning = createSlots(1);
  const documents = createSlots(DOCUMENTS_AT_ONCE);
  const folder = once(() => ports.files.makeTempFolder('scan'));
  const views = new Map<Digest, Promise<View>>();
  const scans = new Map<Digest, Promise<TrivyReport>>();
  const jobs = new Map<BuiltImage, readonly Begun[]>();
  let stopped: { readonly reason: unknown } | undefined;

  const stop = (reason: unknown): void => {
    stopped ??= { reason };
  };
  /** Says at once that it failed: what waits behind it must not begin. */
  const unlessStopped = async <T>(work: () => Promise<T>): Promise<T> => {
    if (stopped !== undefined) throw stopped.reason;
    try {
      return await work();
    } catch (reason) {
      stop(reason);
      throw reason;
    }
  };

  const viewOf = ({ image, platform }: Job): Promise<View> =>
    known(views, platform.descriptor.digest, () => makeView(image.store, platform, ports));

  const scanOf = (job: Job, title: string): Promise<TrivyReport> => {
    const { digest } = job.platform.descriptor;
    return known(scans, digest, async () => {
      const [target, how, into] = [{ ...(await viewOf(job)), title }, await request, await folder()];
      return scanning(() => unlessStopped(() => scanView(target, into, how, ports)));
    });
  };

  const prepare = async (job: Job): Promise<{ target: DocumentTarget; how: ScanRequest }> => {
    const { image, platform } = job;
    const [repository] = image.planned.repositories;
    if (repository === undefined)
      throw new ReleaseError('INTERNAL', `an image without a repository: ${image.planned.name}`);
    const title = `${image.planned.name} (${formatPlatform(platform.platform)})`;
    const [view, how, into] = [await viewOf(job), await request, await folder()];
    const target = {
      image: image.planned.name,
      platform: platform.platform,
      subject: { repository, digest: platform.descriptor.digest },
      view: view.path,
      title,
      folder: into,
    };
    return { target, how };
  };

  const inspect = (job: Job, after: Promise<unknown>): Begun => {
    const prepared = after.then(() => prepare(job));
    const published = prepared.then(async ({ target, how }) => {
      const scanned = await scanOf(job, target.title);
      return { scanned, ...(await writeScan(scanned, target, how, ports)) };
    });
    const inspection = published.then(({ scanned, reports }) => ({
      ...job.platform,
      findings: findingsOf(scanned),
      packages: countPackages(scanned),
      reports,
    }));
    const sboms = prepared.then(async ({ target, how }) => {
      const make = <T>(work: () => Promise<T>) => documents(() => unlessStopped(work));
      // Syft needs nothing of the scan.
      if (how.gate.sbomGenerator === 'syft') return make(() => syftSboms(target, how, ports));
      const { report } = await published;
      return make(() => reportSboms(target, report, how, ports));
    });
    return { inspection, sboms };
  };

  const begin = (image: BuiltImage): readonly Begun[] => {
    // Made a second time, of other bytes: its reports have the same names, and the last ones are to stay.
    const earlier = [...jobs].flatMap(([each, begun]) => (each.planned === image.planned ? begun : []));
    const begun = image.platforms.map((platform) => inspect({ image, platform }, settled(earlier)));
    for (const work of begun.flatMap(({ inspection, sboms }) => [inspection, sboms])) work.catch(stop);
    jobs.set(image, begun);
    return begun;
  };
  const settled = (begun: readonly Begun[] = [...jobs.values()].flat()) =>
    Promise.allSettled(begun.flatMap(({ inspection, sboms }) => [inspection, sboms]));

  return {
    begin: (image) => {
      begin(image);
    },
    scan: async (images) => {
      const inspections: ImageInspection[] = [];
      try {
        for (const image of images) if (!jobs.has(image)) begin(image);
        for (const image of images) {
          const platforms = await Promise.all((jobs.get(image) ?? []).map(({ inspection }) => inspection));
          for (const each of platforms) say(image, each, ports);
          inspections.push({ image, platforms });
        }
      } catch {
        await settled();
        // The first failure, not what it kept from beginning.
        throw stopped?.reason;
      }
      const how = await request;
      sayWhatIsMissing(how, ports);
      return { inspections, scanner: scannerOf(how) };
    },
    complete: async (inspections) => {
      try {
        return await Promise.all(
          inspections.map(async (each) => withSboms(each, await sbomsOf(jobs.get(each.image) ?? []))),
        );
      } catch {
        await settled();
        throw stopped?.reason;
      }
    },
    abandon: async () => {
      stop(new ReleaseError('CANCELLED', 'the inspection was given up'));
      await settled();
    },
  };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

/** Each key is worked for once. */
function known<K, T>(map: Map<K, Promise<T>>, key: K, work: () => Promise<T>): Promise<T> {
  const result = map.get(key) ?? work();
  map.set(key, result);
  return result;
}

function scannerOf({ trivy, cache }: ScanRequest): Scanner {
  const database = cache.database === undefined ? {} : { database: cache.database };
  return { name: 'trivy', version: trivy.version, ...database };
}

function say(
  { planned }: BuiltImage,
  { platform, packages, findings }: PlatformInspection,
  { log }: InspectPorts,
): void {
  const title = `${planned.name} (${formatPlatform(platform)})`;
  log.info(`${title}: ${packages} packages, ${findings.length} findings of any severity.`);
}

function sayWhatIsMissing({ gate }: ScanRequest, { log }: InspectPorts): void {
  if (gate.sbomGenerator === 'syft' || gate.sbom.length === 0 || gate.scanners.includes('vuln')) return;
  log.info('Without the scanner `vuln` Trivy lists no JAR files in an SBOM; `sbom-generator: syft` does.');
}

/** The report file, and what SBOMs are made of: the same report. */
async function writeScan(
  scanned: TrivyReport,
  { subject, image, platform }: DocumentTarget,
  { reports: folder }: ScanRequest,
  ports: InspectPorts,
): Promise<{ readonly report: TrivyReport; readonly reports: readonly ReportFile[] }> {
  const report = publishReport(scanned, subject);
  const path = scanReportPath(folder, image, platform);
  await ports.files.write(path, JSON.stringify(report, null, 2));
  return { report, reports: [{ kind: 'scan', path }] };
}

function sbomsOf(begun: readonly Begun[]): Promise<readonly (readonly ReportFile[])[]> {
  return Promise.all(begun.map(({ sboms }) => sboms));
}

/** After the scan that they are made of, before what was derived since. */
function withSboms(inspection: ImageInspection, sboms: readonly (readonly ReportFile[])[]): ImageInspection {
  const platforms = inspection.platforms.map((each, index) => {
    const [scan, ...rest] = each.reports;
    return { ...each, reports: [...(scan === undefined ? [] : [scan]), ...(sboms[index] ?? []), ...rest] };
  });
  return { ...inspection, platforms };
}
