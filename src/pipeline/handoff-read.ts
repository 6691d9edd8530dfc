import { join } from 'node:path';
import { mapLimit } from '../model/concurrency.ts';
import { type Problem, ReleaseError, releaseErrorOf, toReleaseError } from '../model/errors.ts';
import type { HandedSet } from '../model/handoff.ts';
import type { Plan } from '../model/plan.ts';
import type { StoredArtifact } from '../ports/artifacts.ts';
import type { Ports } from '../ports/index.ts';
import { checkHandoffs, concerns, type ReadHandoff, readHandoffs } from '../steps/handoff/run.ts';
import { ARTIFACT_PREFIX, parseArtifactName } from './handoff-name.ts';
import { trustHandoff } from './handoff-proof.ts';
import type { Signing } from './signing.ts';
import type { Start } from './start.ts';

type HandoffPorts = Pick<Ports, 'artifacts' | 'files' | 'log'>;

const AT_ONCE = 4;

/**
 * What the handoffs that were given hold, proven as far as they are signed, and checked against the plan; empty when none was
 * given. Throws INPUT_INVALID, HANDOFF_INVALID, HANDOFF_INCOMPLETE, COMMIT_MISMATCH, DIGEST_MISMATCH with all problems.
 */
export async function takeHandoffs(
  start: Pick<Start, 'context' | 'inputs'>,
  plan: Plan,
  signing: Signing | undefined,
  ports: HandoffPorts,
): Promise<HandedSet> {
  const given = start.inputs.fanOut.handoffs;
  if (given.length === 0) return new Map();
  const brought = await openHandoffs(
    given.filter((path) => path !== ARTIFACT),
    ports,
  );
  const uploaded = given.includes(ARTIFACT) ? await openHandoffs([ARTIFACT], ports) : [];
  const read = [...brought, ...uploaded.filter((each) => isOfPlan(each, plan, ports))];
  const wrong: Problem[] = [];
  const judged = await mapLimit(read, AT_ONCE, async (each) => {
    const { folder, handoff } = each;
    try {
      return [{ folder, handoff, trust: await trustHandoff(start, each, signing, ports) }];
    } catch (error) {
      wrong.push(...toReleaseError(error).problems);
      return [];
    }
  });
  if (wrong.length > 0) throw releaseErrorOf(wrong);
  const wanted = { plan, repository: start.context.repository };
  const { set, problems } = checkHandoffs(wanted, judged.flat());
  if (problems.length > 0) throw releaseErrorOf(problems);
  return set;
}

/** A run may hold several releases: what their shards have uploaded is not this one's, whoever has signed it. */
function isOfPlan({ handoff }: ReadHandoff, plan: Plan, { log }: Pick<HandoffPorts, 'log'>): boolean {
  const isOurs = concerns(handoff, plan);
  if (!isOurs)
    log.info(`The handoff of ${handoff.shard} is of other images, and left to the release of those.`);
  return isOurs;
}

/** Those at the paths (absolute), or of the artifacts of this run. Nobody has vouched for them. */
export async function openHandoffs(
  given: readonly string[],
  ports: HandoffPorts,
): Promise<readonly ReadHandoff[]> {
  const paths = given.filter((path) => path !== ARTIFACT);
  const downloaded = given.includes(ARTIFACT) ? await downloadAll(ports) : [];
  return readHandoffs([...paths, ...downloaded], ports);
}

/** In place of a path: those that the jobs of this run have uploaded. */
const ARTIFACT = 'artifact';

/** A folder for each shard, with what its last attempt has left. */
async function downloadAll({ artifacts, files, log }: HandoffPorts): Promise<readonly string[]> {
  if (!artifacts.available)
    throw new ReleaseError('INPUT_INVALID', 'input `handoff`: there are no artifacts here', {
      hint: 'Artifacts are of a job on GitHub; elsewhere give the folders of the handoffs.',
    });
  const latest = latestOf(await artifacts.list(ARTIFACT_PREFIX));
  const root = await files.makeTempFolder('handoffs');
  return mapLimit(latest, AT_ONCE, async (artifact) => {
    const folder = join(root, artifact.name);
    await artifacts.download(artifact, folder);
    log.info(`Downloaded the artifact ${artifact.name}.`);
    return folder;
  });
}

function latestOf(stored: readonly StoredArtifact[]): readonly StoredArtifact[] {
  const latest = new Map<string, { readonly attempt: number; readonly artifact: StoredArtifact }>();
  for (const artifact of stored) {
    const parsed = parseArtifactName(artifact.name);
    if (parsed === undefined) continue;
    const known = latest.get(parsed.of);
    if (known === undefined || known.attempt < parsed.attempt)
      latest.set(parsed.of, { attempt: parsed.attempt, artifact });
  }
  return [...latest.values()].map(({ artifact }) => artifact);
}
