import { join } from 'node:path';
import { toReleaseError } from '../model/errors.ts';
import type { HandedSet, Handoff } from '../model/handoff.ts';
import type { Plan } from '../model/plan.ts';
import type { Release, ToolVersion } from '../model/release.ts';
import type { ImageInspection, Scanner } from '../model/scan.ts';
import type { Ports } from '../ports/index.ts';
import { signHandoff, type WrittenHandoff, writeHandoff } from '../steps/handoff/run.ts';
import { begun } from './handed.ts';
import { artifactName } from './handoff-name.ts';
import type { Signing } from './signing.ts';
import type { Start } from './start.ts';

/** What this job has made of its shard. */
export type Made = {
  readonly plan: Plan;
  readonly inspections: readonly ImageInspection[];
  /** False: nothing has left the runner yet, so the bytes go along. */
  readonly pushed: boolean;
  /** What other shards have handed to this one. */
  readonly handed: HandedSet;
  readonly scanner: Scanner;
  readonly scanned: Handoff['scanned'];
  readonly startedOn: Date;
  readonly tools: readonly ToolVersion[];
  /** Undefined: nobody signs. */
  readonly signing?: Signing;
};

type HandoffPorts = Pick<Ports, 'artifacts' | 'files' | 'log'>;

/** Writes the handoff of a shard below the reports, signs it where this run signs, and uploads it where there are artifacts. */
export async function handOver(
  { inputs, context, reports }: Pick<Start, 'inputs' | 'context' | 'reports'>,
  { plan, handed, startedOn, signing, ...made }: Made,
  ports: HandoffPorts,
): Promise<NonNullable<Release['handoff']>> {
  const { scanners, skipDirs, skipFiles, sbom } = inputs.gate;
  const shard = plan.shard ?? WHOLE;
  const folder = join(reports, 'handoff', shard);
  const written = await writeHandoff(
    {
      ...made,
      handed,
      shard,
      repository: context.repository,
      revision: plan.revision,
      run: { id: context.runId, attempt: String(context.runAttempt) },
      gate: { scanners, skipDirs, skipFiles, sbom },
      startedOn: begun(startedOn, handed).toISOString(),
    },
    folder,
    ports,
  );
  await sign(written, signing, inputs.attest.mode === 'true', ports);
  if (!ports.artifacts.available || inputs.tools.offline) {
    ports.log.info(`The handoff of ${shard} lies at ${folder}.`);
    return { folder };
  }
  const planned = made.inspections.map(({ image }) => image.planned);
  const artifact = artifactName(shard, planned, context.runAttempt);
  await ports.artifacts.upload(artifact, folder);
  ports.log.info(`The handoff of ${shard} is the artifact ${artifact}.`);
  return { folder, artifact };
}

/** The name of what a job hands over that has taken all that the shards have made. */
const WHOLE = 'assembled';

async function sign(
  written: WrittenHandoff,
  signing: Signing | undefined,
  required: boolean,
  ports: HandoffPorts,
): Promise<void> {
  const again = 'the release will look into its bytes again, and sign no provenance for them';
  if (signing === undefined) {
    ports.log.info(`The handoff of ${written.handoff.shard} is not signed: ${again}.`);
    return;
  }
  try {
    await signHandoff(written, signing.signer, ports);
  } catch (error) {
    if (required) throw error;
    ports.log.warning(
      `The handoff of ${written.handoff.shard} could not be signed, so ${again}: ${toReleaseError(error).message}.`,
    );
  }
}
