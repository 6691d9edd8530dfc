import { join } from 'node:path';
import { ReleaseError } from '../../model/errors.ts';
import type { GateInputs } from '../../model/inputs.ts';
import type { Tool } from '../../model/tool.ts';
import type { Ports } from '../../ports/index.ts';
import { scanArgs } from './args.ts';
import { scanFailure, worthShowing } from './failure.ts';
import type { ScanCache } from './prepare-database.ts';
import { parseReport, type TrivyReport } from './report.ts';
import type { View } from './view.ts';

export type ScanRequest = {
  readonly gate: Pick<
    GateInputs,
    'scanners' | 'skipDirs' | 'skipFiles' | 'timeoutSeconds' | 'sbom' | 'sbomGenerator'
  >;
  readonly trivy: Tool;
  /** Needed when `sbomGenerator` is `syft`. */
  readonly syft?: Tool;
  readonly cache: ScanCache;
  /** Where all reports go: absolute. */
  readonly reports: string;
  readonly offline: boolean;
};

type ScanPorts = Pick<Ports, 'exec' | 'files' | 'log'>;

/** `title` names it in messages: `app (linux/amd64)`. */
export type ScanTarget = View & { readonly title: string };

/** One pass of Trivy over one platform; `folder` is empty but for what scans leave there. */
export async function scanView(
  target: ScanTarget,
  folder: string,
  request: ScanRequest,
  ports: ScanPorts,
): Promise<TrivyReport> {
  const output = join(folder, 'report.json');
  const { gate, cache, offline } = request;
  await ports.files.remove(output);
  const args = scanArgs({
    view: target.path,
    output,
    cacheDir: cache.folder,
    scanners: gate.scanners,
    skipDirs: gate.skipDirs,
    skipFiles: gate.skipFiles,
    timeoutSeconds: gate.timeoutSeconds,
    offline,
    javaRepositories: cache.javaRepositories,
    keepJavaDatabase: cache.keepJavaDatabase,
  });
  const report = await runTrivy(
    { tool: request.trivy, args, folder, output, title: target.title },
    gate,
    ports,
  );
  const scanned = report.Metadata?.ImageID;
  if (report.ArtifactType !== 'container_image' || scanned !== target.id)
    throw new ReleaseError(
      'SCAN_FAILED',
      `the scanner looked at another image: ${target.title}: ${scanned ?? 'none'}, expected ${target.id ?? 'none'}`,
    );
  return report;
}

type Pass = {
  readonly tool: Tool;
  readonly args: readonly string[];
  /** The working directory, where no trivy.yaml, .trivyignore or trivy-secret.yaml of the checkout lies. */
  readonly folder: string;
  readonly output: string;
  readonly title: string;
};

/** Runs Trivy with nothing of the runner's secrets in its environment and reads its report. */
export async function runTrivy(
  { tool, args, folder, output, title }: Pass,
  { timeoutSeconds }: { readonly timeoutSeconds: number },
  ports: ScanPorts,
): Promise<TrivyReport> {
  const result = await ports.exec.run({ file: tool.path, args, cwd: folder, environment: 'minimal' });
  const shown = result.stderr.split('\n').flatMap((line) => worthShowing(line) ?? []);
  const printer = ports.log.foreign(`${title}: `);
  for (const line of shown) printer.line(line);
  printer.end();
  if (result.exitCode !== 0) throw scanFailure(title, result, timeoutSeconds);
  const text = await ports.files.readTextIfExists(output);
  if (text === undefined) throw new ReleaseError('SCAN_FAILED', `the scanner wrote no report: ${title}`);
  try {
    return parseReport(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReleaseError('SCAN_FAILED', `the scanner's report cannot be read: ${title}: ${why}`, {
      cause,
      hint: `Trivy ${tool.version} may be too new for this version of module-release: set \`trivy-version\`.`,
    });
  }
}
