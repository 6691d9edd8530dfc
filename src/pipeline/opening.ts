import type { Status } from '../model/release.ts';
import type { Ports } from '../ports/index.ts';
import { focus } from './focus.ts';
import { type LookAhead, lookAhead } from './look-ahead.ts';
import type { Progress } from './progress.ts';
import type { Start } from './start.ts';
import { type Study, study } from './study.ts';

export type Opening = {
  readonly start: Start;
  readonly studied: Study;
  readonly ahead: LookAhead;
  /** Every image was released before, from another commit: there is nothing to do. */
  readonly isDone: boolean;
  /** The run stops here, with this status. */
  readonly end: (status: Status) => void;
};

/** How a release and a shard of one begin: with the plan, noted and shown. */
export async function openRelease(given: Start, progress: Progress, ports: Ports): Promise<Opening> {
  const start = await focus(given, ports);
  const ahead = lookAhead(start, ports);
  const studied = await study(start, ports);
  const { plan } = studied;
  progress.note({ plan });
  start.announce(plan);
  return {
    start,
    studied,
    ahead,
    isDone: plan.images.length === 0 && plan.released !== undefined && plan.problems.length === 0,
    end: (status) => {
      progress.skipRest(plan);
      progress.note({ status });
    },
  };
}
