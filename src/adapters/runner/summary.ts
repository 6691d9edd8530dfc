import { appendFile } from 'node:fs/promises';
import type { WriteOptions } from './outputs.ts';

/** Adds Markdown to the job summary; where there is none it is printed. Trouble is a warning, never a failure. */
export async function writeSummary(markdown: string, { log, early = false }: WriteOptions): Promise<void> {
  const path = process.env.GITHUB_STEP_SUMMARY ?? '';
  if (path === '') {
    log.info(`There is no GITHUB_STEP_SUMMARY here, so the job summary is only printed.\n\n${markdown}`);
    return;
  }
  try {
    if (early) return await appendFile(path, markdown);
    const { summary } = await import('@actions/core');
    await summary.addRaw(markdown).write();
  } catch (error) {
    log.warning(`The job summary could not be written to ${path}: ${String(error)}.`);
  }
}
