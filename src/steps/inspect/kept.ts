import { ReleaseError } from '../../model/errors.ts';
import type { PlatformImage } from '../../model/image.ts';
import type { PlatformInspection, ReportFile } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { countPackages, findingsOf, parseReport, type TrivyReport } from './report.ts';

/**
 * What an inspection has found in one platform, from the reports that it has left: the same value that it gave. Whether the
 * files are those of a scan that may be believed is for the caller to know. Throws SCAN_FAILED for a report that is about
 * another image or cannot be read.
 */
export async function readInspection(
  image: PlatformImage,
  reports: readonly ReportFile[],
  { files }: Pick<Ports, 'files'>,
): Promise<PlatformInspection> {
  const scan = reports.find(({ kind }) => kind === 'scan');
  if (scan === undefined)
    throw new ReleaseError('INTERNAL', `a platform without a scan report: ${image.descriptor.digest}`);
  const report = parse(await files.readText(scan.path), scan.path);
  if (!report.ArtifactName.endsWith(`@${image.descriptor.digest}`))
    throw new ReleaseError(
      'SCAN_FAILED',
      `the kept scan report is about another image: ${scan.path}: ${report.ArtifactName}, expected ${image.descriptor.digest}`,
    );
  return { ...image, findings: findingsOf(report), packages: countPackages(report), reports };
}

function parse(text: string, path: string): TrivyReport {
  try {
    return parseReport(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReleaseError('SCAN_FAILED', `the kept scan report cannot be read: ${path}: ${why}`, { cause });
  }
}
