import { createSlots } from '../../model/concurrency.ts';
import { formatPlatform } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { BuiltImage, PlatformImage } from '../../model/image.ts';
import type { ImageInspection, PlatformInspection, ReportFile, Scanner } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { convertSboms, type DocumentTarget, syftSboms } from './documents.ts';
import { scanReportPath } from './names.ts';
import { publishReport } from './publish.ts';
import { countPackages, findingsOf, type TrivyReport } from './report.ts';
import { type ScanRequest, scanView } from './scan.ts';
import { makeView, type View } from './view.ts';

export type Inspected = { readonly inspections: readonly ImageInspection[]; readonly scanner: Scanner };

type InspectPorts = Pick<Ports, 'exec' | 'files' | 'log'>;

/** Looks into images as they come into the staging store. */
export type Inspector = {
  /** The image is in the store, whole. Never throws: what goes wrong is told by `finish`. */
  begin(image: BuiltImage): void;
  /**
   * What was found in these images, in their order; those that are new are begun. Throws SCAN_FAILED,
   * SCAN_DB_UNAVAILABLE, DISK_LOW or TOOL_FAILED after everything that ran has ended.
   */
  finish(images: readonly BuiltImage[]): Promise<Inspected>;
  /** Begins nothing more; ends when everything that runs has ended. */
  abandon(): Promise<void>;
};

/** One platform is scanned while the documents of the two before it are made. */
const DOCUMENTS_AT_ONCE = 2;

type Job = { readonly image: BuiltImage; readonly platform: PlatformImage };

/**
 * Scans every platform of every image and writes its reports. Scans run one after another on one cache: Trivy locks its
 * files, uses all cores by itself, and so analyses a layer that several images share only once (measured: half the CPU time
 * of scans side by side, and never slower). A manifest that several images share is scanned once. After a failure nothing
 * new is begun. `request` is awaited before the first scan.
 */
export function createInspector(request: Promise<ScanRequest>, ports: InspectPorts): Inspector {
  const scanning = createSlots(1);
  const documents = createSlots(DOCUMENTS_AT_ONCE);
  const folder = once(() => ports.files.makeTempFolder('scan'));
  const views = new Map<Digest, Promise<View>>();
  const scans = new Map<Digest, Promise<TrivyReport>>();
  const jobs = new Map<BuiltImage, readonly Promise<PlatformInspection>[]>();
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

  const inspect = async (job: Job): Promise<PlatformInspection> => {
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
    return report(
      scanOf(job, title),
      platform,
      target,
      how,
      (work) => documents(() => unlessStopped(work)),
      ports,
    );
  };

  const begin = (image: BuiltImage): readonly Promise<PlatformInspection>[] => {
    const begun = image.platforms.map((platform) => inspect({ image, platform }));
    for (const job of begun) job.catch(stop);
    jobs.set(image, begun);
    return begun;
  };
  const settled = () => Promise.allSettled([...jobs.values()].flat());

  return {
    begin: (image) => {
      begin(image);
    },
    finish: async (images) => {
      const inspections: ImageInspection[] = [];
      try {
        for (const image of images) if (!jobs.has(image)) begin(image);
        for (const image of images) {
          const platforms = await Promise.all(jobs.get(image) ?? []);
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

/** Everything that is derived from one scan; Syft, which needs none of it, works meanwhile. */
async function report(
  scan: Promise<TrivyReport>,
  platform: PlatformImage,
  target: DocumentTarget,
  request: ScanRequest,
  documents: <T>(work: () => Promise<T>) => Promise<T>,
  ports: InspectPorts,
): Promise<PlatformInspection> {
  const isSyft = request.gate.sbomGenerator === 'syft';
  const bySyft = isSyft ? documents(() => syftSboms(target, request, ports)) : undefined;
  const [first] = await Promise.allSettled([scan, bySyft]);
  if (first.status === 'rejected') throw first.reason;
  const scanned = first.value;
  const published = publishReport(scanned, target.subject);
  const path = scanReportPath(request.reports, target.image, platform.platform);
  await ports.files.write(path, JSON.stringify(published, null, 2));
  const sboms = await (bySyft ?? documents(() => convertSboms(target, published, request, ports)));
  const reports: readonly ReportFile[] = [{ kind: 'scan', path }, ...sboms];
  return { ...platform, findings: findingsOf(scanned), packages: countPackages(scanned), reports };
}
