import { writeFile } from 'node:fs/promises';
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

type Ending = {
  readonly log: Log;
  readonly masks: Masks;
  /** Where release.json goes; without it the run did not come that far. */
  readonly reports?: string;
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
  const record = reports === undefined ? undefined : join(reports, 'release.json');
  if (record !== undefined) await writeFile(record, recordText(release));
  await writeOutputs(outputsOf(release, record === undefined ? {} : { record }), { log, early });
  await writeSummary(summaryOf(release), { log, early });
}
