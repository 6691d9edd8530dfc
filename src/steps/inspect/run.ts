import { mapLimit } from '../../model/concurrency.ts';
import { formatPlatform } from '../../model/descriptor.ts';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { BuiltImage, PlatformImage } from '../../model/image.ts';
import type { ImageInspection, PlatformInspection, ReportFile, Scanner } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { convertSboms, type DocumentTarget, syftSboms } from './documents.ts';
import { createLane } from './lane.ts';
import { scanReportPath } from './names.ts';
import { publishReport } from './publish.ts';
import { countPackages, findingsOf, type TrivyReport } from './report.ts';
import { type ScanRequest, scanView } from './scan.ts';
import { makeView, type View } from './view.ts';

export { type AttestedFindings, attestedFindings, type ScanScope } from './attested.ts';
export { type KnownSbom, writeKnownSboms } from './known-sboms.ts';
export { type DatabaseRequest, prepareDatabase, type ScanCache } from './prepare-database.ts';
export type { ScanRequest } from './scan.ts';
export { type SourceFindings, scanSources } from './sources.ts';

export type Inspected = { readonly inspections: readonly ImageInspection[]; readonly scanner: Scanner };

type InspectPorts = Pick<Ports, 'exec' | 'files' | 'log'>;

/** One platform is scanned while the documents of the two before it are made. */
const IN_FLIGHT = 3;

/**
 * Scans every platform of every image in the staging store and writes its reports. Scans run one after another on one
 * cache: Trivy locks its files, uses all cores by itself, and so analyses a layer that several images share only once
 * (measured: half the CPU time of scans side by side, and never slower). A manifest that several images share is scanned
 * once. Throws SCAN_FAILED, SCAN_DB_UNAVAILABLE, DISK_LOW or TOOL_FAILED.
 */
export async function inspectImages(
  images: readonly BuiltImage[],
  request: ScanRequest,
  ports: InspectPorts,
): Promise<Inspected> {
  const folder = await ports.files.makeTempFolder('scan');
  const jobs = images.flatMap((image) => image.platforms.map((platform) => ({ image, platform })));
  const views = await makeViews(jobs, ports);
  const scan = scanOnce((view, title) => scanView({ ...view, title }, folder, request, ports));
  const done = await mapLimit(jobs, IN_FLIGHT, ({ image, platform }) => {
    const { digest } = platform.descriptor;
    const view = views.get(digest);
    const [repository] = image.planned.repositories;
    if (view === undefined || repository === undefined)
      throw new ReleaseError('INTERNAL', `an image without a view or a repository: ${image.planned.name}`);
    const title = `${image.planned.name} (${formatPlatform(platform.platform)})`;
    const subject = { repository, digest };
    const target = {
      image: image.planned.name,
      platform: platform.platform,
      subject,
      view: view.path,
      title,
      folder,
    };
    return report(scan(digest, view, title), platform, target, request, ports);
  });
  const inspections = images.map((image) => ({
    image,
    platforms: done.filter((_, i) => jobs[i]?.image === image),
  }));
  sayWhatIsMissing(request, ports);
  return { inspections, scanner: scannerOf(request) };
}

type Job = { readonly image: BuiltImage; readonly platform: PlatformImage };

/** One for each manifest, however many images have it. */
async function makeViews(jobs: readonly Job[], ports: InspectPorts): Promise<ReadonlyMap<Digest, View>> {
  const distinct = [...new Map(jobs.map((job) => [job.platform.descriptor.digest, job])).values()];
  const views = await mapLimit(
    distinct,
    8,
    async ({ image, platform }) =>
      [platform.descriptor.digest, await makeView(image.store, platform, ports)] as const,
  );
  return new Map(views);
}

type Scan = (view: View, title: string) => Promise<TrivyReport>;

/** One scan after another, and one for each manifest. */
function scanOnce(scan: Scan): (digest: Digest, ...how: Parameters<Scan>) => Promise<TrivyReport> {
  const lane = createLane();
  const scans = new Map<Digest, Promise<TrivyReport>>();
  return (digest, ...how) => {
    const known = scans.get(digest) ?? lane(() => scan(...how));
    scans.set(digest, known);
    return known;
  };
}

function scannerOf({ trivy, cache }: ScanRequest): Scanner {
  const database = cache.database === undefined ? {} : { database: cache.database };
  return { name: 'trivy', version: trivy.version, ...database };
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
  ports: InspectPorts,
): Promise<PlatformInspection> {
  const bySyft = request.gate.sbomGenerator === 'syft' ? syftSboms(target, request, ports) : undefined;
  const [first] = await Promise.allSettled([scan, bySyft]);
  if (first.status === 'rejected') throw first.reason;
  const scanned = first.value;
  const published = publishReport(scanned, target.subject);
  const path = scanReportPath(request.reports, target.image, platform.platform);
  await ports.files.write(path, JSON.stringify(published, null, 2));
  const sboms = await (bySyft ?? convertSboms(target, published, request, ports));
  const findings = findingsOf(scanned);
  const packages = countPackages(scanned);
  ports.log.info(`${target.title}: ${packages} packages, ${findings.length} findings of any severity.`);
  const reports: readonly ReportFile[] = [{ kind: 'scan', path }, ...sboms];
  return { ...platform, findings, packages, reports };
}
