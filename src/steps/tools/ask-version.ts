import { dirname } from 'node:path';
import { ReleaseError } from '../../model/errors.ts';
import type { ToolName } from '../../model/tool.ts';
import type { Version } from '../../model/version.ts';
import type { Ports } from '../../ports/index.ts';
import { CATALOGUE, printedVersion } from './catalogue.ts';

/** The version that the file tells when it is run; undefined when it does not run, or tells none. */
export async function askVersion(
  name: ToolName,
  path: string,
  ports: Pick<Ports, 'exec'>,
): Promise<Version | undefined> {
  try {
    const result = await ports.exec.run({
      file: path,
      args: CATALOGUE[name].versionArgs,
      // Not in the checkout: a trivy.yaml there is none of its business.
      cwd: dirname(path),
      environment: 'minimal',
    });
    return result.exitCode === 0 ? printedVersion(name, result.stdout) : undefined;
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'TOOL_MISSING') return undefined;
    throw error;
  }
}
