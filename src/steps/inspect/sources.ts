import { join } from 'node:path';
import type { Finding } from '../../model/scan.ts';
import type { Tool } from '../../model/tool.ts';
import type { Ports } from '../../ports/index.ts';
import { sourceArgs } from './args.ts';
import { findingsOf } from './report.ts';
import { runTrivy } from './scan.ts';

export type SourceFindings = { readonly folder: string; readonly findings: readonly Finding[] };

/** The secrets in folders (absolute) of the checkout, before anything is built from them. */
export async function scanSources(
  folders: readonly string[],
  request: { readonly trivy: Tool; readonly timeoutSeconds: number },
  ports: Pick<Ports, 'exec' | 'files' | 'log'>,
): Promise<readonly SourceFindings[]> {
  const work = await ports.files.makeTempFolder('source-scan');
  const found: SourceFindings[] = [];
  for (const folder of folders) {
    const output = join(work, 'report.json');
    await ports.files.remove(output);
    // Trivy does not follow a link that it is given, and would find nothing. A folder that is not there is its to name.
    const real = await ports.files.realPath(folder).catch(() => folder);
    const args = sourceArgs(real, output, join(work, 'cache'), request.timeoutSeconds);
    const report = await runTrivy(
      { tool: request.trivy, args, folder: work, output, title: folder },
      request,
      ports,
    );
    found.push({ folder, findings: findingsOf(report) });
  }
  return found;
}
