import { join } from 'node:path';
import type { Masks } from './adapters/runner/masks.ts';
import { writeOutputs } from './adapters/runner/outputs.ts';
import { writeSummary } from './adapters/runner/summary.ts';
import { toReleaseError } from './model/errors.ts';
import type { Release } from './model/release.ts';
import type { Log } from './ports/log.ts';
import { causeLines } from './report/failure.ts';
import { outputsOf } from './report/outputs.ts';
import { recordText } from './report/record.ts';
import { redactRelease } from './report/redact.ts';
import { summaryOf } from './report/summary.ts';

/** The folder that later steps of the job may read. */
export type Reports = {
  readonly folder: string;
  readonly write: (name: string, text: string) => Promise<void>;
};

export const RECORD = 'release.json';

type Ending = {
  readonly log: Log;
  readonly masks: Masks;
  /** Where release.json goes; without it the run did not come that far. */
  readonly reports?: Reports;
  readonly early?: boolean;
  readonly error?: unknown;
};

/** Outputs, summary and release.json, on success and on failure, as far as the run came. */
export async function report(
  raw: Release,
  { log, masks, reports, early = false, error }: Ending,
): Promise<void> {
  if (error !== undefined) for (const line of causeLines(toReleaseError(error), masks.redact)) log.info(line);
  const release = redactRelease(raw, masks.redact);
  await reports?.write(RECORD, recordText(release));
  const paths = reports === undefined ? {} : { record: join(reports.folder, RECORD) };
  await writeOutputs(outputsOf(release, paths), { log, early });
  await writeSummary(summaryOf(release), { log, early });
}
