import { join } from 'node:path';
import { hexOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PlatformImage } from '../../model/image.ts';
import { formatRepository } from '../../model/reference.ts';
import type { ReportFile } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { convertArgs, type SbomFormat, syftArgs } from './args.ts';
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
  return Promise.all(
    outputsOf(target, request).map((output) =>
      output.format === 'cyclonedx'
        ? written(output, target, report, request, ports)
        : converted(output, target, report, request, ports),
    ),
  );
}

/** The default form, by our own hand: a start of Trivy for each platform would take longer than all else here. */
async function written(
  { format, path }: Output,
  target: DocumentTarget,
  report: TrivyReport,
  { trivy }: ScanRequest,
  { files, licenses }: DocumentPorts,
): Promise<ReportFile> {
  try {
    const contents = contentsOf(report);
    const document = cyclonedxOf(contents, { trivy: trivy.version, licenseForm: await licenses.load() });
    await files.write(path, JSON.stringify(document, null, 2));
  } catch (cause) {
    throw notMade(format, target, cause instanceof Error ? cause.message : String(cause), cause);
  }
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
  const args = convertArgs(output.format, input, output.path);
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
  if (result.exitCode !== 0)
    throw notMade(format, target, lastWords(result.stderr) || `exit code ${result.exitCode}`);
  try {
    checkSbom(format, await files.readText(path));
  } catch (cause) {
    throw notMade(format, target, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return { kind: format, path };
}

function notMade(format: SbomFormat, { title }: DocumentTarget, why: string, cause?: unknown): ReleaseError {
  return new ReleaseError('TOOL_FAILED', `the SBOM (${format}) could not be made: ${title}: ${why}`, {
    cause,
  });
}
