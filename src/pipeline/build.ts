import type { PushedImage } from '../model/image.ts';
import { type ImageInspection, passGate } from '../model/scan.ts';
import type { Ports } from '../ports/index.ts';
import { gateError, runGate } from '../steps/gate/run.ts';
import { pushImages } from '../steps/push/run.ts';
import { handOver } from './handoff-write.ts';
import { startInspection } from './inspect.ts';
import { openRelease } from './opening.ts';
import { preflight } from './preflight.ts';
import type { Progress } from './progress.ts';
import { stageImages } from './stage.ts';
import type { Start } from './start.ts';

/**
 * One shard of a fan-out, top to bottom: the release's page up to the push, and then a handoff for the job that goes on.
 * No tag is touched. Given the handoffs of other shards it takes what they hold, and builds the rest on it.
 */
export async function build(given: Start, progress: Progress, ports: Ports): Promise<void> {
  const startedOn = ports.clock.now();
  const { start, studied, ahead, isDone, end } = await openRelease(given, progress, ports);
  const { plan } = studied;
  if (isDone) return end(plan.dryRun ? 'planned' : 'unchanged');
  const ready = await progress.always('preflight', () => preflight(start, studied, ahead, progress, ports));
  const scanStartedOn = ports.clock.now();
  const inspection = startInspection(start, plan, ready, ports);
  const built = await progress.step(plan, 'build', () =>
    stageImages(start, studied, ready, inspection, ports),
  );
  if (built === undefined) return end('planned');
  const inspected = await progress.always('inspect', () => inspection.finish(built));
  const scanned = inspected.scanned ?? {
    startedOn: scanStartedOn.toISOString(),
    finishedOn: ports.clock.now().toISOString(),
  };
  progress.note({ inspections: inspected.inspections, scanner: inspected.scanner });
  const judged = await progress.always('gate', () =>
    runGate(ready.policy, inspected.inspections, inspected.scanner, ports),
  );
  progress.note(judged);
  if (!judged.verdict.passed) throw gateError(judged.verdict);

  const clean = passGate(judged.inspections.flatMap(withoutPartOfIndex), judged.verdict);
  const pushed = await progress.step(plan, 'push', () => pushImages(clean, ports));
  if (pushed !== undefined) progress.note({ images: byImage(pushed).map(untagged) });
  const handoff = await progress.step(plan, 'handoff', () =>
    handOver(
      start,
      {
        plan,
        inspections: judged.inspections,
        pushed: pushed !== undefined,
        handed: ready.handed,
        scanner: inspected.scanner,
        scanned,
        startedOn,
        tools: progress.release.tools,
        ...(ready.signing === undefined ? {} : { signing: ready.signing }),
      },
      ports,
    ),
  );
  if (handoff !== undefined) progress.note({ handoff });
  end('built');
}

/** An index of some platforms would be one that nobody wants: then each platform goes for itself. */
function withoutPartOfIndex(inspection: ImageInspection): readonly ImageInspection[] {
  const { image } = inspection;
  if (image.planned.partial !== true) return [inspection];
  return inspection.platforms.map((each) => {
    const platforms = image.platforms.filter(
      ({ descriptor }) => descriptor.digest === each.descriptor.digest,
    );
    const { mediaType, digest, size } = each.descriptor;
    return {
      ...inspection,
      image: { ...image, top: { mediaType, digest, size }, platforms },
      platforms: [each],
    };
  });
}

/** One entry for each image, whether it went whole or by platform. */
function byImage(pushed: readonly PushedImage[]): readonly PushedImage[] {
  const groups = Map.groupBy(pushed, ({ planned }) => planned.name);
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const all = [first, ...others];
    const sum = (key: keyof PushedImage['blobs']) => all.reduce((total, { blobs }) => total + blobs[key], 0);
    return {
      ...first,
      platforms: all.flatMap(({ platforms }) => platforms),
      blobs: { uploaded: sum('uploaded'), mounted: sum('mounted'), existing: sum('existing') },
    };
  });
}

function untagged(image: PushedImage) {
  return { ...image, tags: [] };
}
