import { ReleaseError } from '../../model/errors.ts';
import type { PublishedModule, PublishJob, PublishOutcome, SecurityScan } from '../../model/publish.ts';
import { formatReference, type Reference } from '../../model/reference.ts';

/** `watched`: whether somebody waited for the end. */
export function outcomeOf({ state }: PublishJob, watched: boolean, late: boolean): PublishOutcome {
  if (state !== 'running') return state;
  return watched && late ? 'timeout' : 'accepted';
}

/** The error of what did not end well; undefined when all is well. */
export function failureOf(module: PublishedModule, waitedSeconds: number): ReleaseError | undefined {
  const { outcome, job } = module;
  const what = `${module.name} ${module.version} at ${module.platform}`;
  const id = job?.id === undefined ? '' : ` (job ${job.id})`;
  switch (outcome) {
    case 'failed':
    case 'rejected':
    case 'cancelled': {
      const message = `the intake of ${what} ended as ${job?.status ?? outcome}${id}${becauseOf(job)}`;
      return new ReleaseError(
        'PUBLISH_FAILED',
        message,
        job?.remedy === undefined ? {} : { hint: job.remedy },
      );
    }
    case 'timeout': {
      const message = `the intake of ${what}${id} was still ${job?.status ?? 'running'} after ${waitedSeconds} s`;
      const watch = module.watch === undefined ? '' : `Watch it with \`${module.watch}\`. `;
      return new ReleaseError('PUBLISH_TIMEOUT', message, {
        hint: `${watch}A re-run of this job goes on waiting, and publishes nothing twice.`,
      });
    }
    default:
      return undefined;
  }
}

function becauseOf(job: PublishJob | undefined): string {
  const phase = job?.phase === undefined ? '' : ` in the phase ${job.phase}`;
  const reason = job?.reason === undefined ? '' : `: ${job.reason}`;
  const scan = scanWords(job?.scan);
  return `${phase}${reason}${scan === '' ? '' : ` (${scan})`}`;
}

/** `security scan failed: 2 CRITICAL, 5 HIGH`; empty without a scan. */
export function scanWords(scan: SecurityScan | undefined): string {
  if (scan === undefined) return '';
  const counts = Object.entries(scan.counts).map(([severity, number]) => `${number} ${severity}`);
  const head = `security scan${scan.status === undefined ? '' : ` ${scan.status}`}`;
  return counts.length === 0 ? head : `${head}: ${counts.join(', ')}`;
}

type About = Pick<PublishedModule, 'name' | 'version' | 'platform'> & { readonly ref: Reference };

/** The platform has the version with other bytes, or will not say with which. */
export function versionExists(
  { name, version, platform, ref }: About,
  theirs: string | undefined,
  words: string,
): ReleaseError {
  const which = theirs === undefined ? 'with bytes that it does not tell' : `as ${theirs}`;
  const message = `${platform} has ${name} ${version} already, ${which}, and this release is ${formatReference(ref)} (${words})`;
  return new ReleaseError('PUBLISH_VERSION_EXISTS', message, { hint: bumpHint(version) });
}

/** The next version by hand: published ones never change. */
export function bumpHint(version: string): string {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return 'Bump the version of manifest.json, commit, and tag it.';
  const next = version.includes('-')
    ? `${major}.${minor}.${patch}`
    : `${major}.${minor}.${Number(patch) + 1}`;
  return `Set the version of manifest.json to ${next} or higher, commit, and tag that commit v${next}.`;
}
