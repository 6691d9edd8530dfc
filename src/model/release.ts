import type { Attestation } from './attestation.ts';
import type { ChannelMove } from './channel.ts';
import type { Digest } from './digest.ts';
import type { Problem } from './errors.ts';
import type { TaggedImage } from './image.ts';
import type { Command } from './inputs.ts';
import type { Plan, StepId } from './plan.ts';
import type { PublishedModule } from './publish.ts';
import type { GatePolicy, GateVerdict, ImageInspection, Scanner } from './scan.ts';
import type { VerificationReport } from './verification.ts';

export const STATUSES = [
  'released',
  'unchanged',
  'gated',
  'built',
  'planned',
  'attested',
  'verified',
  'promoted',
  'rolled-back',
  'failed',
] as const;
export type Status = (typeof STATUSES)[number];

export type StepResult = {
  readonly id: StepId;
  readonly status: 'done' | 'skipped' | 'simulated' | 'failed';
  readonly reason?: string;
  /** Milliseconds since the run started, and how long it took. */
  readonly startedMs: number;
  readonly durationMs: number;
};

/** A whole release as data, as far as it came: outputs, summary and release.json are made from this alone. */
export type Release = {
  /** Undefined: the run did not come so far as to know it. */
  readonly command?: Command;
  readonly status: Status;
  readonly plan?: Plan;
  readonly steps: readonly StepResult[];
  readonly scanner?: Scanner;
  readonly policy?: GatePolicy;
  readonly inspections: readonly ImageInspection[];
  readonly verdict?: GateVerdict;
  readonly images: readonly TaggedImage[];
  /** Undefined: nothing was attested. */
  readonly attestations?: readonly Attestation[];
  /** What is not signed yet lies beside release.json, by the digest of its list; undefined when nothing does (any more). */
  readonly kept?: { readonly digest: Digest; readonly count: number } | undefined;
  /** Undefined: no channel was looked at. */
  readonly promotions?: readonly ChannelMove[];
  readonly verification?: VerificationReport;
  /** For a POSIX shell, by image: how to check it without us. */
  readonly verifyCommands?: readonly { readonly image: string; readonly lines: readonly string[] }[];
  /** Undefined: no platform was told. */
  readonly published?: readonly PublishedModule[];
  /** What a shard has handed over: absolute path of the folder, and the name of the artifact. */
  readonly handoff?: { readonly folder: string; readonly artifact?: string };
  readonly tools: readonly ToolVersion[];
  readonly problems: readonly Problem[];
};

export type ToolVersion = { readonly name: string; readonly version: string; readonly from: string };
