import type { TaggedImage } from '../model/image.ts';
import { provenByReport, provenByVerdict } from '../model/proven.ts';
import { passGate } from '../model/scan.ts';
import type { Ports } from '../ports/index.ts';
import { gateError, runGate } from '../steps/gate/run.ts';
import { dropLayers, pushImages } from '../steps/push/run.ts';
import { tagImages } from '../steps/tag/run.ts';
import { verifyRelease } from './attest.ts';
import { attestOrKeep } from './attest-keep.ts';
import { begun } from './handed.ts';
import { besideSboms, startInspection } from './inspect.ts';
import { openRelease } from './opening.ts';
import { preflight } from './preflight.ts';
import type { Progress } from './progress.ts';
import { promoteRelease } from './promote-release.ts';
import { publishAll, readyToPublish } from './publish.ts';
import { signingOf } from './signing.ts';
import { stageImages } from './stage.ts';
import type { Start } from './start.ts';

/**
 * The release, top to bottom. Each step takes the value that the one before it made, so that nothing can be pushed that
 * has not passed the gate, and nothing tagged that has not been pushed. What a step found is noted for the report as soon
 * as it is known. `plan` and dry runs walk the same page up to the first step that would write.
 */
export async function release(given: Start, progress: Progress, ports: Ports): Promise<void> {
  const startedOn = ports.clock.now();
  const { start, studied, ahead, isDone, end } = await openRelease(given, progress, ports);
  const { plan } = studied;
  if (isDone) return end(plan.command === 'plan' || plan.dryRun ? 'planned' : 'unchanged');
  const ready = await progress.always('preflight', () => preflight(start, studied, ahead, progress, ports));

  // The database is fetched while the images are built, and each image is scanned as soon as it is there.
  const scanStartedOn = ports.clock.now();
  const inspection = startInspection(start, plan, ready, ports);
  const built = await progress.step(plan, 'build', () =>
    stageImages(start, studied, ready, inspection, ports),
  );
  if (built === undefined) return end('planned');

  const inspected = await progress.always('inspect', () => inspection.scan(built));
  progress.note({ inspections: inspected.inspections, scanner: inspected.scanner });

  const scanFinishedOn = ports.clock.now();
  const judged = await progress
    .always('gate', () => runGate(ready.policy, inspected.inspections, inspected.scanner, ports))
    .catch((error) => inspection.abandon().then(() => Promise.reject(error)));
  progress.note(judged);
  const { done, inspections } = await besideSboms(inspection, judged.inspections, progress, async () => {
    if (!judged.verdict.passed) throw gateError(judged.verdict);
    const clean = passGate(judged.inspections, judged.verdict);
    const pushed = await progress.step(plan, 'push', () => pushImages(clean, ports));
    return pushed === undefined ? undefined : { clean, pushed };
  });
  if (done === undefined) return end('gated');
  const { clean, pushed } = done;
  await dropLayers(clean, ports);
  progress.note({ images: pushed.map((image) => ({ ...image, tags: [] })) });

  const { scanned } = inspected;
  const found = {
    ...inspected,
    ...judged,
    inspections,
    startedOn: begun(startedOn, ready.handed),
    scanStartedOn: scanned === undefined ? scanStartedOn : new Date(scanned.startedOn),
    scanFinishedOn: scanned === undefined ? scanFinishedOn : new Date(scanned.finishedOn),
  };
  const attestations = await progress.step(plan, 'attest', () =>
    attestOrKeep(start, studied, ready, pushed, found, progress, ports),
  );
  if (attestations !== undefined) progress.note({ attestations });
  const proof = await progress.step(plan, 'verify', () =>
    verifyRelease(start, signingOf(ready), pushed, ports, (found) => progress.note(found)),
  );
  const proven =
    proof === undefined ? provenByVerdict(pushed, judged.verdict) : provenByReport(pushed, proof);

  const tagged = await progress.step(plan, 'tag', () =>
    tagImages(proven, plan, ports, (images) => progress.note({ images })),
  );
  const promotions = await progress.step(plan, 'promote', () =>
    promoteRelease(start, plan, proven, ready.signing, ports, (promotions) => progress.note({ promotions })),
  );
  const published = await progress.step(plan, 'publish', () =>
    publishAll(start, readyToPublish(ready), tagged ?? [], ports, (published) =>
      progress.note({ published }),
    ),
  );
  const stayed =
    isUnchanged(tagged ?? []) &&
    (promotions ?? []).every(({ tags }) => tags.every(({ outcome }) => outcome === 'unchanged')) &&
    (published ?? []).every(({ outcome }) => outcome === 'unchanged');
  end(stayed ? 'unchanged' : 'released');
}

/** Nothing was written: every image was there already, and so was every tag. */
function isUnchanged(images: readonly TaggedImage[]): boolean {
  return (
    images.length > 0 &&
    images.every(
      ({ blobs, tags }) =>
        blobs.uploaded + blobs.mounted === 0 &&
        tags.every(({ outcome }) => outcome === 'unchanged' || outcome === 'kept'),
    )
  );
}
