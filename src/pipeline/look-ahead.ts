import type { Inputs } from '../model/inputs.ts';
import type { Tool, ToolName } from '../model/tool.ts';
import type { Ports } from '../ports/index.ts';
import { askBuilder, type BuilderAnswers } from '../steps/build/run.ts';
import { acquireTool } from '../steps/tools/run.ts';
import { fileProver } from './prove-file.ts';
import type { Start } from './start.ts';

/** What the machine is asked before the plan is known. Preflight awaits it, and with it its errors. */
export type LookAhead = {
  readonly trivy: Promise<Tool>;
  /** Undefined when Syft is not needed. */
  readonly syft?: Promise<Tool>;
  /** Undefined when no image is built here. */
  readonly builder?: Promise<BuilderAnswers>;
};

/** Begins what needs no plan, so that starting these programs and making the plan take the time of the longer one. */
export function lookAhead({ inputs, machine }: Start, ports: Ports): LookAhead {
  const { tools, gate, build } = inputs;
  const prove = fileProver(ports);
  const tool = (name: ToolName, version: string, path: string | undefined): Promise<Tool> =>
    acquireTool(
      {
        name,
        version,
        checksums: tools.checksums,
        offline: tools.offline,
        host: machine,
        prove,
        ...(path === undefined ? {} : { path }),
        ...(tools.mirror === undefined ? {} : { mirror: tools.mirror }),
        ...(machine.toolCache === undefined ? {} : { toolCache: machine.toolCache }),
      },
      ports,
    );
  const needsSyft = gate.sbom.length > 0 && gate.sbomGenerator === 'syft';
  return {
    trivy: begun(tool('trivy', tools.trivyVersion, tools.trivyPath)),
    ...(needsSyft ? { syft: begun(tool('syft', tools.syftVersion, tools.syftPath)) } : {}),
    ...(isBuilt(inputs) ? { builder: begun(askBuilder(build, ports)) } : {}),
  };
}

function isBuilt({ command, build: { definition }, fanOut }: Inputs): boolean {
  if (command !== 'build' && fanOut.handoffs.length > 0) return false;
  return definition.kind === 'bake-file' || definition.images.some(({ from }) => from === undefined);
}

/** A plan that cannot be made ends the run first; a failure here must not count as unhandled then. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
