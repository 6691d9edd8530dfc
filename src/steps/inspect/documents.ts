import { join } from 'node:path';
import { hexOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PlatformImage } from '../../model/image.ts';
import { formatRepository } from '../../model/reference.ts';
import type { ReportFile } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { convertArgs, type SbomFormat, syftArgs } from './args.ts';
import { lastWords } from './failure.ts';
import { sbomPath } from './names.ts';
import { packagesOnly, type Subject } from './publish.ts';
import type { TrivyReport } from './report.ts';
import { checkSbom } from './sbom-head.ts';
import type { ScanRequest } from './scan.ts';

type DocumentPorts = Pick<Ports, 'exec' | 'files'>;

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

/** The SBOMs by `trivy convert` from the packages of the very report that the gate decides by. */
export async function convertSboms(
  target: DocumentTarget,
  published: TrivyReport,
  request: ScanRequest,
  ports: DocumentPorts,
): Promise<readonly ReportFile[]> {
  const outputs = outputsOf(target, request);
  if (outputs.length === 0) return [];
  const { subject, image, folder } = target;
  const input = join(folder, `${image}-${hexOf(subject.digest)}.json`);
  await ports.files.write(input, JSON.stringify(packagesOnly(published)));
  return Promise.all(
    outputs.map(async (output) => {
      const args = convertArgs(output.format, input, output.path);
      const { path } = request.trivy;
      const result = await ports.exec.run({ file: path, args, cwd: folder, environment: 'minimal' });
      return checked(output, target, result, ports);
    }),
  );
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
  { title }: DocumentTarget,
  result: { readonly exitCode: number; readonly stderr: string },
  ports: DocumentPorts,
): Promise<ReportFile> {
  const failed = (why: string, cause?: unknown): ReleaseError =>
    new ReleaseError('TOOL_FAILED', `the SBOM (${format}) could not be made: ${title}: ${why}`, { cause });
  if (result.exitCode !== 0) throw failed(lastWords(result.stderr) || `exit code ${result.exitCode}`);
  try {
    checkSbom(format, await ports.files.readText(path));
  } catch (cause) {
    throw failed(cause instanceof Error ? cause.message : String(cause), cause);
  }
  return { kind: format, path };
}
