import { type Problem, problem, releaseErrorOf, toReleaseError } from '../model/errors.ts';
import type { BuiltImage, PushedImage, StagingStore } from '../model/image.ts';
import { type Plan, stepDecision } from '../model/plan.ts';
import { type GatePolicy, passGate } from '../model/scan.ts';
import type { Tool } from '../model/tool.ts';
import type { Ports } from '../ports/index.ts';
import { requireSubjects } from '../steps/attest/run.ts';
import { adoptImage, bringImage } from '../steps/build/run.ts';
import { gateError, readPolicy, runGate } from '../steps/gate/run.ts';
import type { VerifyRequest } from '../steps/verify/run.ts';
import { attest, verifyRelease } from './attest.ts';
import { type Kept, proveKept } from './attest-kept.ts';
import { type AttestPlan, planAttest } from './attest-plan.ts';
import { bundlesBeside, proveRecord, withRecordedFiles } from './attest-record.ts';
import { startInspection } from './inspect.ts';
import { type LookAhead, lookAhead } from './look-ahead.ts';
import type { Progress } from './progress.ts';
import { prepareSigning, type Signing } from './signing.ts';
import type { Start } from './start.ts';

/**
 * The command `attest`: says of images that are in a registry already what can be said of their bytes (SBOM, scan and
 * signature), without building anything. Provenance is never made here: who built them is not known to this run. Images of
 * a release record must carry the provenance of the run that built them; what else they lack is then added.
 */
export async function attestSubjects(given: Start, progress: Progress, ports: Ports): Promise<void> {
  const startedOn = ports.clock.now();
  const start = withoutBuild(given);
  const ahead = lookAhead(start, ports);
  const planned = await planAttest(start, ports);
  const { plan } = planned;
  progress.note({ plan });
  start.announce(plan);
  const ready = await progress.always('preflight', () => preflight(start, planned, ahead, progress, ports));

  const scanStartedOn = ports.clock.now();
  const inspection = startInspection(start, plan, ready, ports);
  const pulled = await progress.step(plan, 'build', () => pullAll(planned, ready, ports));
  if (pulled === undefined) {
    progress.skipRest(plan);
    return progress.note({ status: 'planned' });
  }
  const kept = ready.kept?.drafts ?? [];
  requireSubjects(kept, pulled);
  const inspected = await progress.always('inspect', () => inspection.finish(pulled));
  const inspections = await withRecordedFiles(inspected.inspections, ready.files, planned, ports);
  progress.note({ ...inspected, inspections });

  const scanFinishedOn = ports.clock.now();
  const judged = await progress.always('gate', () =>
    runGate(ready.policy, inspections, inspected.scanner, ports),
  );
  progress.note(judged);
  if (!judged.verdict.passed) throw gateError(judged.verdict);
  const clean = passGate(judged.inspections, judged.verdict);

  const there = clean.map(({ image }) => asPushed(image, planned));
  progress.note({ images: there.map((image) => ({ ...image, tags: [] })) });
  const { signing } = ready;
  const found = { ...inspected, ...judged, startedOn, scanStartedOn, scanFinishedOn };
  const attestations = await progress.always('attest', () =>
    attest(start, { plan }, ready, signing, there, found, ports, {
      kept,
      ...(ready.stored === undefined ? {} : { stored: ready.stored }),
    }),
  );
  progress.note({ attestations });
  await progress.always('verify', () =>
    verifyRelease(start, signing, there, ports, (found) => progress.note(found)),
  );
  progress.skipRest(plan);
  progress.note({ status: 'attested' });
}

/** What the inputs would build does not concern this command. */
function withoutBuild(start: Start): Start {
  const { build } = start.inputs;
  return {
    ...start,
    inputs: { ...start.inputs, build: { ...build, definition: { kind: 'images', images: [] } } },
  };
}

type Ready = {
  readonly policy: GatePolicy;
  readonly trivy: Tool;
  readonly syft?: Tool;
  readonly signing: Signing;
  /** Bundles that lie beside the record. */
  readonly stored?: NonNullable<VerifyRequest['stored']>;
  /** What the run that built was about to sign. */
  readonly kept?: Kept;
  /** Digests of report files that the proven provenance of a recorded release names. */
  readonly files: ReadonlySet<string>;
};

/** As before a release: all that can be wrong, at once. */
async function preflight(
  start: Start,
  planned: AttestPlan,
  ahead: LookAhead,
  progress: Progress,
  ports: Ports,
): Promise<Ready> {
  const { inputs, parseYaml } = start;
  const { plan, images, folder } = planned;
  const problems: Problem[] = [...plan.problems];
  const collect = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      problems.push(...toReleaseError(error).problems);
      return undefined;
    }
  };
  const canSign = inputs.attest.key !== undefined || ports.oidc.available;
  if (!canSign) problems.push(problem('OIDC_MISSING', NO_SIGNER, NO_SIGNER_HINT));
  const [policy, trivy, syft, signing] = await Promise.all([
    collect(readPolicy(inputs.gate, parseYaml, ports)),
    collect(ahead.trivy),
    ahead.syft === undefined ? undefined : collect(ahead.syft),
    canSign ? collect(prepareSigning(start, plan, ports)) : undefined,
    ...((inputs.attest.stores ?? ['registry']).includes('registry')
      ? images.flatMap(({ refs }) =>
          refs.map(({ repository }) => collect(ports.registry.checkPush(repository, isRun(plan)))),
        )
      : []),
  ]);
  const stored = folder === undefined ? undefined : await bundlesBeside(folder, ports);
  const proven =
    signing === undefined || problems.length > 0
      ? undefined
      : await collect(proveGiven(start, planned, signing, stored, ports));
  progress.note({
    ...(policy === undefined ? {} : { policy }),
    tools: [trivy, syft].filter((each) => each !== undefined),
  });
  if (problems.length > 0) {
    progress.note({ plan: { ...plan, problems } });
    throw releaseErrorOf(problems);
  }
  if (policy === undefined || trivy === undefined || signing === undefined || proven === undefined)
    throw new TypeError('a preflight without a problem and without a result');
  return {
    policy,
    trivy,
    signing,
    ...proven,
    ...(stored === undefined ? {} : { stored }),
    ...(syft === undefined ? {} : { syft }),
  };
}

/** The word of the run that built: what it was about to sign, or its provenance. Anybody's images need none. */
async function proveGiven(
  start: Start,
  { record, folder }: AttestPlan,
  signing: Signing,
  stored: Ready['stored'],
  ports: Ports,
): Promise<Pick<Ready, 'files' | 'kept'>> {
  if (record === undefined || folder === undefined || stored === undefined) return { files: new Set() };
  const kept = await proveKept({ start, record, folder }, signing, ports);
  if (kept !== undefined) return { files: kept.files, kept };
  return { files: await proveRecord(record.images, signing, stored, ports) };
}

const NO_SIGNER = '`command: attest` needs an OIDC token or a `cosign-key`, and this job has neither';
const NO_SIGNER_HINT = 'Add `permissions: id-token: write` to the job, or give a `cosign-key`.';

function isRun(plan: Plan): boolean {
  return stepDecision(plan, 'attest').do === 'run';
}

async function pullAll(
  { images, record }: AttestPlan,
  { kept }: Pick<Ready, 'kept'>,
  ports: Ports,
): Promise<readonly BuiltImage[]> {
  const store: StagingStore = { root: await ports.files.makeTempFolder('stage') };
  const pulled: BuiltImage[] = [];
  for (const { planned, refs } of images) {
    const [from] = refs;
    if (from === undefined) throw new TypeError(`an image without a reference: ${planned.name}`);
    pulled.push(
      record === undefined || kept?.origins.get(planned.name) === 'brought'
        ? await bringImage(planned, store, ports)
        : await adoptImage(planned, from, store, ports),
    );
  }
  return pulled;
}

/** It is where it is: nothing was moved. */
function asPushed(
  { planned, top, platforms, size, origin }: BuiltImage,
  { images }: AttestPlan,
): PushedImage {
  const subjects = images.find((each) => each.planned.name === planned.name)?.refs ?? [];
  const blobs = { uploaded: 0, mounted: 0, existing: 0 };
  return { planned, descriptor: top, platforms, size, origin, subjects, blobs };
}
