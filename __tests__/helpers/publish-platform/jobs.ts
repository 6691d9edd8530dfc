import { randomUUID } from 'node:crypto';

/** What a job says of itself at one poll. */
export type JobAnswer = Readonly<Record<string, unknown>>;

export type Job = {
  readonly publishId: string;
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly imageRef: string;
  /** The answers to its polls, one after the other; the last one stays. */
  readonly course: readonly JobAnswer[];
  polls: number;
  /** How often it was asked for with the same Idempotency-Key. */
  asked: number;
  readonly bytes: string;
};

export const COMPLETED: readonly JobAnswer[] = [
  { status: 'in_progress', currentPhase: 'scan' },
  { status: 'completed', securityScan: { status: 'passed', severityCounts: { CRITICAL: 0, HIGH: 0 } } },
];
export const STUCK: readonly JobAnswer[] = [{ status: 'in_progress', currentPhase: 'mirror' }];
export const REJECTED: readonly JobAnswer[] = [
  { status: 'in_progress', currentPhase: 'scan' },
  {
    status: 'rejected',
    failurePhase: 'scan',
    failureReason: 'Security scan failed',
    securityScan: {
      status: 'failed',
      severityCounts: { CRITICAL: 2, HIGH: 5 },
      failedSeverities: ['CRITICAL', 'HIGH'],
    },
  },
];
export const FAILED: readonly JobAnswer[] = [
  { status: 'failed', failurePhase: 'pull', failureReason: 'Image not found' },
];
export const CANCELLED: readonly JobAnswer[] = [{ status: 'cancelled', message: 'stopped by an operator' }];
export const SUBMITTED: readonly JobAnswer[] = [{ state: 'SUBMITTED', message: 'waits for approval' }];

type Posted = {
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly imageRef: string;
  readonly bytes: string;
};

export type Taken =
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'exists'; readonly job: Job }
  | { readonly kind: 'reused' };

/** What the platform has taken: one job for each Idempotency-Key, one good version of each name. */
export class Jobs {
  readonly all: Job[] = [];
  /** The courses of the next jobs; the last one stays. */
  courses: readonly (readonly JobAnswer[])[] = [COMPLETED];
  /** Refuses a known key that comes with other bytes, as some servers do. */
  strict = false;
  /** Refuses a version that it has under another key. A platform without it takes whatever has a new key. */
  unique = true;

  take(posted: Posted): Taken {
    const replayed = this.all.find(({ key }) => key === posted.key);
    if (replayed !== undefined) {
      if (this.strict && replayed.bytes !== posted.bytes) return { kind: 'reused' };
      replayed.asked += 1;
      return { kind: 'job', job: replayed };
    }
    const holder = this.good(posted.name, posted.version)[0];
    if (holder !== undefined && this.unique) return { kind: 'exists', job: holder };
    const course = this.courses[Math.min(this.all.length, this.courses.length - 1)] ?? COMPLETED;
    const job: Job = { ...posted, publishId: `pub-${randomUUID()}`, course, polls: 0, asked: 1 };
    this.all.push(job);
    return { kind: 'job', job };
  }

  poll(id: string): JobAnswer | undefined {
    const job = this.all.find(({ publishId }) => publishId === id);
    if (job === undefined) return undefined;
    job.polls += 1;
    return { publishId: id, ...job.course[Math.min(job.polls, job.course.length) - 1] };
  }

  /** Jobs of a version that have not come to nothing: more than one is a version that was published twice. */
  good(name: string, version: string): readonly Job[] {
    return this.all.filter((job) => job.name === name && job.version === version && !hasFailed(job));
  }
}

/** As a poll would tell it now. */
function hasFailed({ course, polls }: Job): boolean {
  const answer = course[Math.min(Math.max(polls, 1), course.length) - 1];
  return ['failed', 'rejected', 'cancelled'].includes(String(answer?.status));
}
