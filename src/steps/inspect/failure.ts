import { ReleaseError } from '../../model/errors.ts';
import type { CommandResult } from '../../ports/exec.ts';
import { cleanText } from './text.ts';

/** `2026-11-21T14:54:19Z	FATAL	Fatal error	run error: …` */
const LINE = /^\S+\t(DEBUG|INFO|WARN|ERROR|FATAL)\t(.*)$/;

/** A line of Trivy that people should see, without its time; undefined for the others. */
export function worthShowing(line: string): string | undefined {
  const match = LINE.exec(line);
  if (match === null) return line.trim() === '' ? undefined : line;
  const [, level, text = ''] = match;
  return level === 'DEBUG' || level === 'INFO' ? undefined : `${level}: ${text.replaceAll('\t', ' ')}`;
}

/** The error of a scan that did not end well: whose fault it is, from what the scanner said last. `what` names the scan. */
export function scanFailure(what: string, result: CommandResult, timeoutSeconds: number): ReleaseError {
  const said = lastWords(result.stderr) || `exit code ${result.exitCode}`;
  if (/context deadline exceeded/i.test(said))
    return new ReleaseError('SCAN_FAILED', `the scan ran out of time: ${what}: ${timeoutSeconds} s`, {
      hint: 'Raise `scan-timeout`, or leave large folders out with `skip-dirs`.',
    });
  if (/java ?db/i.test(said))
    return new ReleaseError(
      'SCAN_DB_UNAVAILABLE',
      `the index of Java packages could not be had: ${what}: ${said}`,
      {
        hint: 'Re-run later; without a network give a `trivy-cache-dir` that holds java-db as well, or skip the JAR files.',
      },
    );
  if (/\bDB error\b|vulnerability (?:DB|database)|--skip-db-update/i.test(said))
    return new ReleaseError(
      'SCAN_DB_UNAVAILABLE',
      `the vulnerability database cannot be used: ${what}: ${said}`,
    );
  if (/no space left on device/i.test(said))
    return new ReleaseError('DISK_LOW', `no space is left for the scan: ${what}: ${said}`);
  if (result.exitCode === 137)
    return new ReleaseError('SCAN_FAILED', `the scanner was killed: ${what}`, {
      hint: 'The runner has probably no memory left: scan on a larger one.',
    });
  return new ReleaseError('SCAN_FAILED', `the scan failed: ${what}: ${said}`);
}

/** What the tool said last before it ended: its last error, else its last line. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.flatMap((line) => {
    const [, level, text = ''] = LINE.exec(line) ?? [];
    return level === 'FATAL' || level === 'ERROR' ? [text.replace(/^Fatal error\t/, '')] : [];
  });
  return cleanText(errors.at(-1) ?? lines.at(-1) ?? '');
}
