import type { RunContext } from '../model/context.ts';
import type { Inputs } from '../model/inputs.ts';
import type { Plan } from '../model/plan.ts';
import type { VerificationReport } from '../model/verification.ts';

/** What a command starts with: the door's result and what only the composition root knows. */
export type Start = {
  readonly inputs: Inputs;
  readonly context: RunContext;
  /** The machine that we run on: `linux`/`darwin`, `x64`/`arm64`, RUNNER_TOOL_CACHE, and whether it outlives the job. */
  readonly machine: {
    readonly os: string;
    readonly arch: string;
    readonly toolCache?: string;
    readonly stays: boolean;
  };
  /** For the waivers file. */
  readonly parseYaml: (text: string) => unknown;
  /** Shows the plan as soon as it is known. */
  readonly announce: (plan: Plan) => void;
  /** Shows what was asked of evidence and what it says. */
  readonly showChecks: (report: VerificationReport) => void;
  /** Writes release.json as far as the run came, and names it as an output: for a run that may not come to its end. */
  readonly saveRecord: () => Promise<void>;
  /** Where fetched vulnerability databases are kept: the same path on every run, because the runner's cache knows files by it. */
  readonly databases: string;
  /** Folder for scan reports, SBOMs and release.json; stays after the run. */
  readonly reports: string;
};
