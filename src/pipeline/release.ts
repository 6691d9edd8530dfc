import { ReleaseError } from '../model/errors.ts';
import type { TaggedImage } from '../model/image.ts';
import { provenByReport, provenByVerdict } from '../model/proven.ts';
import type { Status } from '../model/release.ts';
import { passGate } from '../model/scan.ts';
import type { Ports } from '../ports/index.ts';
import { gateError, runGate } from '../steps/gate/run.ts';
import { pushImages } from '../steps/push/run.ts';
import { tagImages } from '../steps/tag/run.ts';
import { attest, verifyRelease } from './attest.ts';
import { inspect, startDatabase } from './inspect.ts';
import { lookAhead } from './look-ahead.ts';
import { preflight, type Ready } from './preflight.ts';
import type { Progress } from './progress.ts';
import { promoteRelease } from './promote-release.ts';
import type { Signing } from './signing.ts';
import { stageImages } from './stage.ts';
import type { Start } from './start.ts';
import { study } from './study.ts';

/**
 * The release, top to bottom. Each step takes the value that the one before it made, so that nothing can be pushed that
 * has not passed the gate, and nothing tagged that has not been pushed. What a step found is noted for the report as soon
 * as it is known. `plan` and dry runs walk the same page up to the first step that would write.
 */
export async function release(start: Start, progress: Progress, ports: Ports): Promise<void> {
  const startedOn = ports.clock.now();
  const ahead = lookAhead(start, ports);
  const studied = await study(start, ports);
  const { plan } = studied;
  progress.note({ plan });
  start.announce(plan);
  const end = (status: Status) => {
    progress.skipRest(plan);
    progress.note({ status });
  };

  const ready = await progress.always('preflight', () => preflight(start, studied, ahead, progress, ports));

  // The database is fetched while the images are built.
  const database = startDatabase(start, plan, ports, ready.spared);
  const built = await progress.step(plan, 'build', () => stageImages(start, studied, ready, ports));
  if (built === undefined) return end('planned');

  const scanStartedOn = ports.clock.now();
  const inspected = await progress.always('inspect', () => inspect(start, ready, built, database, ports));
  progress.note(inspected);

  const scanFinishedOn = ports.clock.now();
  const judged = await progress.always('gate', () =>
    runGate(ready.policy, inspected.inspections, inspected.scanner, ports),
  );
  progress.note(judged);
  if (!judged.verdict.passed) throw gateError(judged.verdict);
  const clean = passGate(judged.inspections, judged.verdict);

  const pushed = await progress.step(plan, 'push', () => pushImages(clean, ports));
  if (pushed === undefined) return end('gated');
  progress.note({ images: pushed.map((image) => ({ ...image, tags: [] })) });

  const found = { ...inspected, ...judged, startedOn, scanStartedOn, scanFinishedOn };
  const attestations = await progress.step(plan, 'attest', () =>
    attest(start, studied, ready, signingOf(ready), pushed, found, ports),
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
  const moved = promotions?.some(({ tags }) => tags.some(({ outcome }) => outcome !== 'unchanged')) ?? false;
  end(isUnchanged(tagged ?? []) && !moved ? 'unchanged' : 'released');
}

/** Preflight has prepared it wherever the plan attests. */
function signingOf({ signing }: Ready): Signing {
  if (signing === undefined) throw new ReleaseError('INTERNAL', 'the plan attests, and nobody signs');
  return signing;
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
