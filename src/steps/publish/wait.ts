import type { PublishJob, PublishScope } from '../../model/publish.ts';
import type { Ports } from '../../ports/index.ts';
import type { JobReading } from '../../ports/publish-api.ts';

/** `late`: the time was over first. */
export type Watched = { readonly job: PublishJob; readonly late: boolean };

type Waiting = {
  readonly id: string;
  readonly first: PublishJob;
  readonly scope: PublishScope;
  readonly timeoutSeconds: number;
  readonly status: (id: string) => Promise<JobReading>;
};

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 10_000;
const LONGEST_ASKED_MS = 300_000;

/**
 * Asks about the job, at once and then more and more slowly, until it has ended or the time is over. What cannot be read
 * now is asked again. Throws PUBLISH_AUTH, PUBLISH_FORBIDDEN.
 */
export async function waitForJob(
  { id, first, scope, timeoutSeconds, status }: Waiting,
  { clock, log }: Pick<Ports, 'clock' | 'log'>,
): Promise<Watched> {
  const end = clock.elapsed() + timeoutSeconds * 1000;
  let job = first;
  let said = '';
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const reading = await status(id);
    if (reading.kind === 'job') job = reading.job;
    const words = wordsOf(reading);
    if (words !== said) log.info(`Job ${id}: ${words}.`);
    said = words;
    if (hasEnded(job, scope)) return { job, late: false };
    const left = end - clock.elapsed();
    if (left <= 0) return { job, late: true };
    await clock.sleep(Math.min(pauseAfter(reading, pause), left));
  }
}

/** As long as the platform wants to be left alone, when that is longer: but nobody's answer stops the watch for an hour. */
export function pauseAfter(reading: JobReading | undefined, pauseMs: number): number {
  const asked = reading?.kind === 'unknown' ? (reading.retryAfterMs ?? 0) : 0;
  return Math.max(pauseMs, Math.min(asked, LONGEST_ASKED_MS));
}

/** For the public, a person approves: nobody's run waits for that. */
export function hasEnded({ state }: PublishJob, scope: PublishScope): boolean {
  return state !== 'running' && !(state === 'submitted' && scope === 'org');
}

function wordsOf(reading: JobReading): string {
  switch (reading.kind) {
    case 'job':
      return [reading.job.status, reading.job.phase].filter((each) => each !== undefined).join(', ');
    case 'missing':
      return 'the platform does not know it (yet)';
    case 'unknown':
      return `its state cannot be read now (${reading.reason})`;
  }
}
