import { join } from 'node:path';
import { hexOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PlatformImage } from '../../model/image.ts';
import { formatRepository } from '../../model/reference.ts';
import type { ReportFile } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { type SbomFormat, spdxArgs, syftArgs } from './args.ts';
import { cyclonedxOf } from './cyclonedx.ts';
import { lastWords } from './failure.ts';
import { sbomPath } from './names.ts';
import { contentsOf } from './packages.ts';
import { packagesOnly, type Subject } from './publish.ts';
import type { TrivyReport } from './report.ts';
import { checkSbom } from './sbom-head.ts';
import type { ScanRequest } from './scan.ts';

type DocumentPorts = Pick<Ports, 'exec' | 'files' | 'licenses'>;

/** What SBOMs of one platform are made of and called. */
export type DocumentTarget = {
  readonly image: string;
  readonly platform: PlatformImage['platform'];
  readonly subject: Subject;
  readonly view: string;
  /** `app (linux/amd64)`. */
  readonly title: string;
  /** Empty but for what scans leave there. */
  readonly folder: string;
};

type Output = { readonly format: SbomFormat; readonly path: string };

/** The SBOMs of the packages of the very report that the gate decides by. */
export async function reportSboms(
  target: DocumentTarget,
  published: TrivyReport,
  request: ScanRequest,
  ports: DocumentPorts,
): Promise<readonly ReportFile[]> {
  const report = packagesOnly(published);
  const files: ReportFile[] = [];
  // One by one, so that nothing still runs when one has failed.
  for (const output of outputsOf(target, request)) {
    const make = output.format === 'cyclonedx' ? written : converted;
    files.push(await make(output, target, report, request, ports));
  }
  return files;
}

/** The default form, by our own hand: a start of Trivy for each platform would take longer than all else here. */
async function written(
  { format, path }: Output,
  target: DocumentTarget,
  report: TrivyReport,
  { trivy }: ScanRequest,
  { files, licenses }: DocumentPorts,
): Promise<ReportFile> {
  const document = await orNotMade(format, target, async () => {
    const contents = contentsOf(report);
    const licenseForm = await licenses.load();
    return cyclonedxOf(contents, { subject: target.subject, trivy: trivy.version, licenseForm });
  });
  await files.write(path, JSON.stringify(document, null, 2));
  return { kind: format, path };
}

async function converted(
  output: Output,
  target: DocumentTarget,
  report: TrivyReport,
  { trivy }: ScanRequest,
  ports: DocumentPorts,
): Promise<ReportFile> {
  const { subject, image, folder } = target;
  const input = join(folder, `${image}-${hexOf(subject.digest)}.json`);
  await ports.files.write(input, JSON.stringify(report));
  const args = spdxArgs(input, output.path);
  const result = await ports.exec.run({ file: trivy.path, args, cwd: folder, environment: 'minimal' });
  return checked(output, target, result, ports);
}

/** The SBOMs by a pass of Syft. */
export async function syftSboms(
  target: DocumentTarget,
  request: ScanRequest,
  ports: DocumentPorts,
): Promise<readonly ReportFile[]> {
  const outputs = outputsOf(target, request);
  if (outputs.length === 0) return [];
  if (request.syft === undefined)
    throw new ReleaseError('INTERNAL', 'Syft is to make the SBOM and was not acquired');
  const { repository, digest } = target.subject;
  const result = await ports.exec.run({
    file: request.syft.path,
    args: syftArgs(target.view, { name: formatRepository(repository), version: digest }, outputs),
    cwd: target.folder,
    environment: 'minimal',
    env: { SYFT_CHECK_FOR_APP_UPDATE: 'false' },
  });
  return Promise.all(outputs.map((output) => checked(output, target, result, ports)));
}

function outputsOf({ image, platform }: DocumentTarget, { gate, reports }: ScanRequest): readonly Output[] {
  return gate.sbom.map((format) => ({ format, path: sbomPath(reports, image, platform, format) }));
}

/** A document that is not what it should be is not handed on. */
async function checked(
  { format, path }: Output,
  target: DocumentTarget,
  result: { readonly exitCode: number; readonly stderr: string },
  { files }: DocumentPorts,
): Promise<ReportFile> {
  await orNotMade(format, target, async () => {
    if (result.exitCode !== 0) throw new Error(lastWords(result.stderr) || `exit code ${result.exitCode}`);
    checkSbom(format, await files.readText(path));
  });
  return { kind: format, path };
}

async function orNotMade<T>(
  format: SbomFormat,
  { title }: DocumentTarget,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the SBOM (${format}) could not be made: ${title}: ${why}`;
    throw new ReleaseError('TOOL_FAILED', message, { cause });
  }
}
